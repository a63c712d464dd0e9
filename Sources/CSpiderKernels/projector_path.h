#ifndef SPIDER_PROJECTOR_PATH_H
#define SPIDER_PROJECTOR_PATH_H

#include "projector_samplers.h"

// Rays whose u is parallel to axis 0 of the volume: those of one v differ only in where they are along
// axis 0, so one path through the other two axes serves them all. Each plane of the path is one or two
// lines of voxels, contiguous in memory, read by all rays of the v at once.

// The path of the rays of one v. Positions are linear in x - middle, with x the position along the main
// axis: across it, and along the line, where ray u is at `line + u * spread`.
typedef struct {
  int axis;             // the main axis, 1 or 2; 0 when no ray meets the volume
  int first_u, last_u;  // the rays whose main axis it is
  int first, last;      // the planes they may meet
  double middle;
  double low, high;  // the stretch of the main axis that counts
  double across, across_step;
  double line, line_step;
  double spread, spread_step;
} path;

// Everything a path needs of a ray: u = 0 and the change from one u to the next, along axis 0.
typedef struct {
  double d[3], from[3], pixel[3];
  double d_change, from_change;
} fan;

INLINE fan aim_fan(const spider_rays *rays, int v) {
  fan f;
  for (int a = 0; a < 3; a++) {
    f.pixel[a] = rays->pixel[a] + v * rays->v_step[a];
    f.d[a] = rays->is_parallel ? rays->direction[a] : f.pixel[a] - rays->source[a];
    f.from[a] = rays->is_parallel ? f.pixel[a] : rays->source[a];
  }
  f.d_change = rays->is_parallel ? 0 : rays->u_step[0];
  f.from_change = rays->is_parallel ? rays->u_step[0] : 0;
  return f;
}

INLINE int runs_along_lines(const spider_rays *rays, const fan *f, int u) {
  return main_axis(rays, f->d[0] + u * f->d_change, f->d[1], f->d[2]) == 0;
}

// Trims [low, high] to where start + step * x lies in [from, to).
INLINE void trim(double *low, double *high, double start, double step, double from, double to) {
  if (fabs(step) < 1e-12) {
    if (!(start >= from && start < to)) *low = INFINITY;
    return;
  }
  const double a = (from - start) / step, b = (to - start) / step;
  *low = fmax(*low, fmin(a, b));
  *high = fmin(*high, fmax(a, b));
}

INLINE path find_path(const spider_rays *rays, spider_method method, const fan *f) {
  path p = {0};
  const int axis = main_axis(rays, 0, f->d[1], f->d[2]), other = 3 - axis;
  p.last_u = rays->u_count;
  while (p.first_u < p.last_u && runs_along_lines(rays, f, p.first_u)) p.first_u++;
  while (p.last_u > p.first_u && runs_along_lines(rays, f, p.last_u - 1)) p.last_u--;
  if (p.first_u == p.last_u) return p;

  const double count = rays->counts[axis], d = f->d[axis];
  p.middle = (count - 1) / 2;
  const double t = (p.middle - f->from[axis]) / d;
  p.across = f->from[other] + t * f->d[other];
  p.across_step = f->d[other] / d;
  p.line = f->from[0] + t * f->d[0];
  p.line_step = f->d[0] / d;
  p.spread = f->from_change + t * f->d_change;
  p.spread_step = f->d_change / d;
  // Only a geometry near the end of the range of double fails this; its rays meet nothing.
  if (!(fabs(p.across) < 1e15 && fabs(p.line) < 1e15 && fabs(p.spread) < 1e15)) return p;

  const double end = f->pixel[axis];
  const double start = !rays->is_parallel ? f->from[axis] : d > 0 ? -INFINITY : INFINITY;
  p.low = fmax(fmin(start, end), -0.5);
  p.high = fmin(fmax(start, end), count - 0.5);
  double low = p.low - p.middle, high = p.high - p.middle;
  const double across_count = rays->counts[other];
  if (method == spider_exact) {
    if (fabs(p.across_step) < LEVEL_STEP) p.across += LEVEL_NUDGE;
    trim(&low, &high, p.across, p.across_step, -0.5, across_count - 0.5);
    p.low = low + p.middle;
    p.high = high + p.middle;
  } else {
    low -= 0.5;
    high += 0.5;
    trim(&low, &high, p.across, p.across_step, -1, across_count);
  }
  if (!(p.low < p.high && low <= high)) return p;
  p.first = int_within(floor(low + p.middle + 0.5), 0, rays->counts[axis]);
  p.last = int_within(floor(high + p.middle + 0.5) + 1, 0, rays->counts[axis]);
  p.axis = axis;
  return p;
}

// Restricts [first, last) to the rays with low <= at + spread * u <= high.
INLINE void meet(double at, double spread, double low, double high, int *first, int *last) {
  if (fabs(spread) < 1e-12) {
    if (!(at >= low && at <= high)) *last = *first;
    return;
  }
  const double a = (low - at) / spread, b = (high - at) / spread;
  const int from = int_within(ceil(fmin(a, b)), *first, *last);
  const int to = int_within(floor(fmax(a, b)) + 1, *first, *last);
  *first = from;
  *last = to;
}

// Some rays of a path at a plane: the first of them, their number, the voxels they can meet.
typedef struct {
  int u, count;
  int first, last;
} reach;

// The voxels [first, last) of the line between the positions a to b, with one more at either end.
INLINE void cover(reach *r, double lowest, double highest, int voxels) {
  r->first = int_within(floor(lowest) - 1, 0, voxels);
  r->last = int_within(floor(highest) + 3, 0, voxels);
}

// Where the line of plane k of a main axis and of some voxel across begins in memory.
INLINE ptrdiff_t line_at(const spider_rays *rays, int axis, int k, int across) {
  const int i = axis == 1 ? k : across, j = axis == 1 ? across : k;
  return (ptrdiff_t)rays->counts[0] * (i + (ptrdiff_t)rays->counts[1] * j);
}

// What one plane of a path asks of Joseph's method: which rays, where, and the two lines.
typedef struct {
  reach rays;
  float start, step;
  ptrdiff_t near, far;  // where the lines begin in memory; far is -1 if there is one only
  float near_weight, far_weight;
} joseph_plane;

INLINE int find_joseph_plane(const spider_rays *rays, const path *p, int k, joseph_plane *plane) {
  const double covered = fmin(p->high, k + 0.5) - fmax(p->low, k - 0.5);
  if (!(covered > 0)) return 0;
  const int other = 3 - p->axis, count = rays->counts[other];
  const double x = k - p->middle, across = p->across + p->across_step * x;
  if (!(across > -1 && across < count)) return 0;
  const double line = p->line + p->line_step * x, spread = p->spread + p->spread_step * x;
  int first = p->first_u, last = p->last_u;
  meet(line, spread, -1, rays->counts[0], &first, &last);
  if (first >= last) return 0;
  const double start = line + spread * first, end = line + spread * (last - 1);
  plane->rays.u = first;
  plane->rays.count = last - first;
  cover(&plane->rays, fmin(start, end), fmax(start, end), rays->counts[0]);
  plane->start = (float)start;
  plane->step = (float)spread;

  const int i = (int)(across + 1) - 1;
  const double f = across - i;
  plane->near = line_at(rays, p->axis, k, i);
  plane->far = line_at(rays, p->axis, k, i + 1);
  plane->near_weight = (float)((1 - f) * covered);
  plane->far_weight = (float)(f * covered);
  if (i < 0) {
    plane->near = plane->far;
    plane->near_weight = plane->far_weight;
  }
  if (i < 0 || i + 1 == count) plane->far = -1;
  return 1;
}

// One stretch of a path within one voxel across the main axis: one line, and how the rays cross it.
typedef struct {
  reach rays;
  crossing crossing;
  ptrdiff_t line;
} exact_piece;

INLINE int find_piece(const spider_rays *rays, const path *p, int k, double from, double to,
                      int across, const float *inverses, const float *nudges, exact_piece *piece) {
  if (!(to > from)) return 0;
  const double x0 = from - p->middle, x1 = to - p->middle;
  const double line0 = p->line + p->line_step * x0, spread0 = p->spread + p->spread_step * x0;
  const double line1 = p->line + p->line_step * x1, spread1 = p->spread + p->spread_step * x1;
  int first = p->first_u, last = p->last_u, first1 = p->first_u, last1 = p->last_u;
  meet(line0, spread0, -0.5, rays->counts[0] - 0.5, &first, &last);
  meet(line1, spread1, -0.5, rays->counts[0] - 0.5, &first1, &last1);
  // Rays that are inside at one end at least.
  if (first >= last) {
    first = first1;
    last = last1;
  } else if (first1 < last1) {
    if (first1 < first) first = first1;
    if (last1 > last) last = last1;
  }
  if (first >= last) return 0;
  const double a = line0 + spread0 * first, b = line0 + spread0 * (last - 1);
  const double c = line1 + spread1 * first, d = line1 + spread1 * (last - 1);
  piece->rays.u = first;
  piece->rays.count = last - first;
  cover(&piece->rays, fmin(fmin(a, b), fmin(c, d)), fmax(fmax(a, b), fmax(c, d)), rays->counts[0]);
  piece->crossing = (crossing){(float)(a + CROSSING_ORIGIN), (float)spread0,
                               (float)(c + CROSSING_ORIGIN), (float)spread1,
                               (float)(to - from), inverses + first, nudges + first};
  piece->line = line_at(rays, p->axis, k, across);
  return 1;
}

// The one or two pieces of a path in the slab of a plane; it crosses at most one face across.
INLINE int find_exact_plane(const spider_rays *rays, const path *p, int k, const float *inverses,
                            const float *nudges, exact_piece pieces[2]) {
  const double from = fmax(p->low, k - 0.5), to = fmin(p->high, k + 0.5);
  if (!(from < to)) return 0;
  const int voxels = rays->counts[3 - p->axis];
  const double across0 = p->across + p->across_step * (from - p->middle);
  const double across1 = p->across + p->across_step * (to - p->middle);
  const int i0 = int_within(floor(across0 + 0.5), 0, voxels - 1);
  const int i1 = int_within(floor(across1 + 0.5), 0, voxels - 1);
  if (i0 == i1) return find_piece(rays, p, k, from, to, i0, inverses, nudges, pieces);
  const double face = (i0 > i1 ? i0 : i1) - 0.5;
  const double crossed =
    fmin(fmax(p->middle + (face - p->across) / p->across_step, from), to);
  int count = find_piece(rays, p, k, from, crossed, i0, inverses, nudges, pieces);
  count += find_piece(rays, p, k, crossed, to, i1, inverses, nudges, pieces + count);
  return count;
}

#endif

#ifndef SPIDER_PROJECTOR_BUNDLE_H
#define SPIDER_PROJECTOR_BUNDLE_H

#include "projector_rays.h"

// Eight neighbouring rays, set up for the walk along one main axis.
//
// Geometry is in double; positions are then held relative to the middle plane, so that float suffices
// in the loops (3e-5 of a voxel in a volume of 512 planes).

typedef double vdouble __attribute__((ext_vector_type(LANES)));
typedef int64_t vlong __attribute__((ext_vector_type(LANES)));

// The rays of u, ..., u + 7 at one v: direction and start in indices, and the last point that counts.
typedef struct {
  vdouble d[3], from[3], pixel[3];
  vlong main;  // the main axis; -1 for lanes beyond the detector
} rays8;

INLINE rays8 aim(const spider_rays *rays, int u, int v) {
  const vdouble lane = {0, 1, 2, 3, 4, 5, 6, 7};
  rays8 r;
  for (int a = 0; a < 3; a++) {
    r.pixel[a] = rays->pixel[a] + v * rays->v_step[a] + (u + lane) * rays->u_step[a];
    if (rays->is_parallel) {
      r.d[a] = (vdouble)rays->direction[a];
      r.from[a] = r.pixel[a];
    } else {
      r.d[a] = r.pixel[a] - rays->source[a];
      r.from[a] = (vdouble)rays->source[a];
    }
  }
  const vdouble a = __builtin_elementwise_abs(r.d[0]) * rays->preference[0];
  const vdouble b = __builtin_elementwise_abs(r.d[1]) * rays->preference[1];
  const vdouble c = __builtin_elementwise_abs(r.d[2]) * rays->preference[2];
  const vlong zero = (vlong)0, one = (vlong)1, two = (vlong)2;
  r.main = ((a >= b) & (a >= c)) ? zero : (b >= c ? one : two);
  r.main = lane < (double)(rays->u_count - u) ? r.main : (vlong)-1;
  return r;
}

typedef struct {
  vfloat p, p_step, p_inverse;  // first in-plane position at the middle plane; its change a plane
  vfloat q, q_step, q_inverse;  // the second one; the inverses are finite also where a step is 0
  vfloat low, high;             // the stretch of the main axis that counts
  vfloat length;                // mm of ray a plane; 0 for lanes that take no part
  int first, last;              // planes [first, last) that any lane may meet
  int inner_first, inner_last;  // planes where all lanes are whole and inside: no test needed
} bundle;

// Trims [low, high] to where start + step * (x - middle) lies in [from, to).
INLINE void trim(vdouble *low, vdouble *high, vdouble start, vdouble step, double middle,
                 double from, double to) {
  if (!(from < to)) {
    *low = (vdouble)INFINITY;
    return;
  }
  const vdouble a = middle + (from - start) / step, b = middle + (to - start) / step;
  const vlong level = __builtin_elementwise_abs(step) < 1e-12;
  const vlong inside = (start >= from) & (start < to);
  const vdouble everywhere = (vdouble)INFINITY;
  const vdouble near = level ? (inside ? -everywhere : everywhere) : __builtin_elementwise_min(a, b);
  const vdouble far = level ? everywhere : __builtin_elementwise_max(a, b);
  *low = __builtin_elementwise_max(*low, near);
  *high = __builtin_elementwise_min(*high, far);
}

// Sets up the lanes of `r` whose main axis is `axis` and which meet the volume. Returns 0 if there is
// none. p is the in-plane axis farther apart in memory, q the nearer one.
INLINE int make_bundle(const spider_rays *rays, spider_method method, const rays8 *r, int axis,
                       bundle *b) {
  const vlong chosen = r->main == axis;
  if (!__builtin_reduce_or(chosen)) return 0;

  const int p_axis = axis == 2 ? 1 : 2, q_axis = axis == 0 ? 1 : 0;
  const double count = rays->counts[axis], middle = (count - 1) / 2;
  const double p_count = rays->counts[p_axis], q_count = rays->counts[q_axis];
  const vdouble d = chosen ? r->d[axis] : (vdouble)1;
  const vdouble p_step = r->d[p_axis] / d, q_step = r->d[q_axis] / d;
  const vdouble along = middle - r->from[axis];
  vdouble p = r->from[p_axis] + p_step * along, q = r->from[q_axis] + q_step * along;

  // The stretch of the main axis between source and pixel, within the volume's slabs.
  const vdouble end = r->pixel[axis];
  const vdouble start = rays->is_parallel
    ? (d > 0 ? (vdouble)-INFINITY : (vdouble)INFINITY) : r->from[axis];
  vdouble low = __builtin_elementwise_max(__builtin_elementwise_min(start, end), (vdouble)-0.5);
  vdouble high = __builtin_elementwise_min(__builtin_elementwise_max(start, end),
                                           (vdouble)(count - 0.5));
  vlong lit = chosen & (low < high);

  // A margin keeps the float positions of the inner planes inside whatever way they round.
  const double margin = 1e-3;
  vdouble outer_low = low, outer_high = high, inner_low = low, inner_high = high;
  const vlong p_level = __builtin_elementwise_abs(p_step) < (double)LEVEL_STEP;
  const vlong q_level = __builtin_elementwise_abs(q_step) < (double)LEVEL_STEP;
  if (method == spider_exact) {
    p = p_level ? p + (double)LEVEL_NUDGE : p;
    q = q_level ? q + (double)LEVEL_NUDGE : q;
    trim(&low, &high, p, p_step, middle, -0.5, p_count - 0.5);
    trim(&low, &high, q, q_step, middle, -0.5, q_count - 0.5);
    lit &= low < high;
    outer_low = low;
    outer_high = high;
    trim(&inner_low, &inner_high, p, p_step, middle, margin - 0.5, p_count - 0.5 - margin);
    trim(&inner_low, &inner_high, q, q_step, middle, margin - 0.5, q_count - 0.5 - margin);
  } else {
    outer_low -= 0.5;
    outer_high += 0.5;
    trim(&outer_low, &outer_high, p, p_step, middle, -1, p_count);
    trim(&outer_low, &outer_high, q, q_step, middle, -1, q_count);
    lit &= outer_low <= outer_high;
    inner_low += 0.5;
    inner_high -= 0.5;
    trim(&inner_low, &inner_high, p, p_step, middle, margin, p_count - 1 - margin);
    trim(&inner_low, &inner_high, q, q_step, middle, margin, q_count - 1 - margin);
    // Planes where the sample counts: those within half a plane of the stretch; whole ones inside.
    outer_low -= 0.5;
    outer_high += 0.5;
    inner_low -= 0.5;
    inner_high += 0.5;
  }
  // Only a geometry near the end of the range of double fails this; its rays meet nothing.
  lit &= (__builtin_elementwise_abs(p) < 1e15) & (__builtin_elementwise_abs(q) < 1e15);

  if (!__builtin_reduce_or(lit)) return 0;

  // Plane k stands for [k - 1/2, k + 1/2].
  const int planes = rays->counts[axis];
  const vdouble least = (vdouble)-INFINITY, most = (vdouble)INFINITY;
  b->first = int_within(floor(__builtin_reduce_min(lit ? outer_low : most) + 0.5), 0, planes);
  b->last = int_within(floor(__builtin_reduce_max(lit ? outer_high : least) + 0.5) + 1, 0, planes);
  b->inner_first = int_within(ceil(__builtin_reduce_max(lit ? inner_low : least) + 0.5), 0, planes);
  b->inner_last =
    int_within(floor(__builtin_reduce_min(lit ? inner_high : most) - 0.5) + 1, 0, planes);
  if (b->first >= b->last) return 0;
  // One voxel across leaves no pair of neighbours to read.
  if (b->inner_first >= b->inner_last || rays->counts[q_axis] < 2) {
    b->inner_first = b->inner_last = b->last;
  }

  // Lanes that take no part rest on the middle of the volume, where reading is allowed.
  const vdouble none = (vdouble)0, tiny = (vdouble)LEVEL_STEP;
  vdouble length = none;
  for (int w = 0; w < 3; w++) {
    const vdouble world = rays->linear[w] * r->d[0] + rays->linear[3 + w] * r->d[1]
      + rays->linear[6 + w] * r->d[2];
    length += world * world;
  }
  length = __builtin_elementwise_sqrt(length) / __builtin_elementwise_abs(d);
  b->p = __builtin_convertvector(lit ? p : (vdouble)((p_count - 1) / 2), vfloat);
  b->q = __builtin_convertvector(lit ? q : (vdouble)((q_count - 1) / 2), vfloat);
  b->p_step = __builtin_convertvector(lit ? p_step : none, vfloat);
  b->q_step = __builtin_convertvector(lit ? q_step : none, vfloat);
  b->p_inverse = __builtin_convertvector(1 / (lit & ~p_level ? p_step : tiny), vfloat);
  b->q_inverse = __builtin_convertvector(1 / (lit & ~q_level ? q_step : tiny), vfloat);
  b->low = __builtin_convertvector(lit ? low : (vdouble)1, vfloat);
  b->high = __builtin_convertvector(lit ? high : none, vfloat);
  b->length = __builtin_convertvector(lit ? length : none, vfloat);
  return 1;
}

#endif

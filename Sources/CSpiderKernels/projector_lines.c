#include <string.h>

#include "clones.h"
#include "projector_path.h"

// Walks blocks of paths through the volume.

#define BLOCK 32  // paths that are walked together
#define AHEAD 2  // steps of the walk by which memory is asked for beforehand

// Paths that are walked together, and their memory: for each four numbers a ray, then a line.
typedef struct {
  path paths[BLOCK];
  int count, width;
  ptrdiff_t turn;  // from the sums of a ray to its second sums
  float *sums, *inverses, *nudges, *line;
} block;

INLINE int width_of(const spider_rays *rays) { return (rays->u_count + RAY_PADDING + 15) / 16 * 16; }

int64_t spider_lines_scratch(const spider_rays *rays) {
  return 4 * (int64_t)BLOCK * width_of(rays) + rays->counts[0] + 2 * LINE_PADDING;
}

INLINE void open_block(const spider_rays *rays, spider_method method, int first_v, int count,
                       float *scratch, block *b) {
  b->count = count;
  b->width = width_of(rays);
  b->turn = (ptrdiff_t)BLOCK * b->width;
  b->sums = scratch;
  b->inverses = b->sums + 2 * b->turn;
  b->nudges = b->inverses + (ptrdiff_t)BLOCK * b->width;
  b->line = b->nudges + (ptrdiff_t)BLOCK * b->width + LINE_PADDING;
  memset(b->sums, 0, sizeof(float) * 4 * BLOCK * b->width);
  memset(b->line - LINE_PADDING, 0, sizeof(float) * (rays->counts[0] + 2 * LINE_PADDING));
  for (int n = 0; n < count; n++) {
    const fan f = aim_fan(rays, first_v + n);
    path *p = &b->paths[n];
    *p = find_path(rays, method, &f);
    if (!p->axis || method != spider_exact) continue;
    float *inverses = b->inverses + (ptrdiff_t)n * b->width;
    float *nudges = b->nudges + (ptrdiff_t)n * b->width;
    for (int u = 0; u < rays->u_count; u++) {
      const double slope = p->line_step + p->spread_step * u;
      const int is_level = fabs(slope) < LEVEL_STEP;
      // Finite also where a ray runs level: it meets no face.
      inverses[u] = (float)(1 / (is_level ? 0.5 * LEVEL_STEP : slope));
      nudges[u] = is_level ? LEVEL_NUDGE : 0;
    }
  }
}

// Millimetres of each ray a plane of the main axis.
INLINE float plane_length(const spider_rays *rays, const fan *f, int axis, int u) {
  return (float)(world_length(rays, f->d[0] + u * f->d_change, f->d[1], f->d[2]) / fabs(f->d[axis]));
}

// Asks for the lines that path `p` will need at plane k, for the voxels that are needed now: lines are too
// short for the hardware to see what comes next.
INLINE void prefetch_lines(const spider_rays *rays, const path *p, int k, reach r,
                           const float *volume) {
  const int count = rays->counts[3 - p->axis];
  const double across = p->across + p->across_step * (k - p->middle);
  const int i = int_within(across, 0, count - 1);
  const float *near = volume + line_at(rays, p->axis, k, i);
  const float *far = i + 1 < count ? volume + line_at(rays, p->axis, k, i + 1) : near;
  for (int z = r.first; z < r.last; z += 16) {
    __builtin_prefetch(near + z);
    __builtin_prefetch(far + z);
  }
}

// The same for what comes after path n at plane k, in the order of the walk.
INLINE void prefetch_ahead(const spider_rays *rays, const block *b, int n, int k, reach r,
                           const float *volume) {
  const path *p = &b->paths[n];
  if (p->axis == 1) {
    if (k + AHEAD < p->last) prefetch_lines(rays, p, k + AHEAD, r, volume);
  } else if (n + AHEAD < b->count) {
    if (p[AHEAD].axis == 2) prefetch_lines(rays, p + AHEAD, k, r, volume);
  } else if (k + 1 < p->last) {
    p = &b->paths[(n + AHEAD) % b->count];
    if (p->axis == 2) prefetch_lines(rays, p, k + 1, r, volume);
  }
}

// Path n at plane k, by the exact method: adds values of `read` to the rays' sums, or, where there is
// a volume to write to, the rays' shares to that.
INLINE void follow_exactly(const spider_rays *rays, const spider_samplers *samplers,
                           const float *read, float *write, block *b, int n, int k) {
  exact_piece pieces[2];
  const int count = find_exact_plane(
    rays, &b->paths[n], k, b->inverses + (ptrdiff_t)n * b->width,
    b->nudges + (ptrdiff_t)n * b->width, pieces);
  for (int i = 0; i < count; i++) {
    const exact_piece *e = &pieces[i];
    const reach r = e->rays;
    float *sums = b->sums + (ptrdiff_t)n * b->width + r.u;
    if (i == 0) prefetch_ahead(rays, b, n, k, r, read);
    if (write) {
      samplers->write_crossing(b->line, &e->crossing, r.count, sums);
      spider_spread_line(b->line, r.first, r.last, write + e->line, 1, NULL, 0);
    } else {
      spider_mix_lines(read + e->line, 1, NULL, 0, r.first, r.last, b->line);
      samplers->read_crossing(b->line, &e->crossing, r.count, sums, b->turn);
    }
  }
}

// The same by Joseph's method.
INLINE void follow_joseph(const spider_rays *rays, const spider_samplers *samplers,
                          const float *read, float *write, block *b, int n, int k) {
  joseph_plane j;
  if (!find_joseph_plane(rays, &b->paths[n], k, &j)) return;
  const reach r = j.rays;
  float *sums = b->sums + (ptrdiff_t)n * b->width + r.u;
  prefetch_ahead(rays, b, n, k, r, read);
  if (write) {
    samplers->write_points(b->line, j.start, j.step, r.count, sums);
    spider_spread_line(b->line, r.first, r.last, write + j.near, j.near_weight,
                       j.far < 0 ? NULL : write + j.far, j.far_weight);
  } else {
    spider_mix_lines(read + j.near, j.near_weight, j.far < 0 ? NULL : read + j.far, j.far_weight,
                     r.first, r.last, b->line);
    samplers->read_points(b->line, j.start, j.step, r.count, sums, b->turn);
  }
}

INLINE void follow(const spider_rays *rays, spider_method method, const spider_samplers *samplers,
                   const float *read, float *write, block *b, int n, int k) {
  if (method == spider_exact) {
    follow_exactly(rays, samplers, read, write, b, n, k);
  } else {
    follow_joseph(rays, samplers, read, write, b, n, k);
  }
}

// Follows the paths of a main axis through the planes [first, last) of it.
//
// Axis 2 is the slowest in memory: its planes are taken one after the other, and in each the paths in
// the order of their lines. Along axis 1 neighbouring planes are neighbouring lines, so there a path is
// walked from end to end. Either way a voxel meets the paths in the order of their v.
INLINE void walk(const spider_rays *rays, spider_method method, const spider_samplers *samplers,
                 const float *read, float *write, int axis, int first, int last, block *b) {
  if (axis == 2) {
    for (int k = first; k < last; k++) {
      for (int n = 0; n < b->count; n++) {
        const path *p = &b->paths[n];
        if (p->axis != 2 || k < p->first || k >= p->last) continue;
        follow(rays, method, samplers, read, write, b, n, k);
      }
    }
    return;
  }
  for (int n = 0; n < b->count; n++) {
    const path *p = &b->paths[n];
    if (p->axis != axis) continue;
    const int start = p->first > first ? p->first : first, end = p->last < last ? p->last : last;
    for (int k = start; k < end; k++) follow(rays, method, samplers, read, write, b, n, k);
  }
}

GATHER_CLONES
void spider_project_lines(const spider_rays *rays, spider_method method, const float *volume,
                          int first_v, int last_v, int32_t level, float *scratch, float *image) {
  const spider_samplers samplers = spider_choose_samplers(level);
  for (int v = first_v; v < last_v; v += BLOCK) {
    block b;
    open_block(rays, method, v, v + BLOCK < last_v ? BLOCK : last_v - v, scratch, &b);
    for (int axis = 1; axis < 3; axis++) {
      walk(rays, method, &samplers, volume, NULL, axis, 0, rays->counts[axis], &b);
    }
    for (int n = 0; n < b.count; n++) {
      const path *p = &b.paths[n];
      const fan f = aim_fan(rays, v + n);
      const float *sums = b.sums + (ptrdiff_t)n * b.width;
      for (int u = 0; u < rays->u_count; u++) {
        const int lit = p->axis && u >= p->first_u && u < p->last_u;
        image[(v + n) * (ptrdiff_t)rays->v_stride + u * (ptrdiff_t)rays->u_stride] =
          lit ? (sums[u] + sums[u + b.turn]) * plane_length(rays, &f, p->axis, u) : 0;
      }
    }
  }
}

GATHER_CLONES
void spider_smear_lines(const spider_rays *rays, spider_method method, const float *image, int axis,
                        int first_plane, int last_plane, int32_t level, float *scratch,
                        float *volume) {
  const spider_samplers samplers = spider_choose_samplers(level);
  for (int v = 0; v < rays->v_count; v += BLOCK) {
    block b;
    open_block(rays, method, v, v + BLOCK < rays->v_count ? BLOCK : rays->v_count - v, scratch, &b);
    for (int n = 0; n < b.count; n++) {
      const path *p = &b.paths[n];
      if (p->axis != axis) continue;
      const fan f = aim_fan(rays, v + n);
      for (int u = p->first_u; u < p->last_u; u++) {
        b.sums[(ptrdiff_t)n * b.width + u] =
          image[(v + n) * (ptrdiff_t)rays->v_stride + u * (ptrdiff_t)rays->u_stride]
          * plane_length(rays, &f, axis, u);
      }
    }
    walk(rays, method, &samplers, volume, volume, axis, first_plane, last_plane, &b);
  }
}

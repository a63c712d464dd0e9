#include <math.h>
#include <stddef.h>

#include "CSpiderKernels.h"
#include "clones.h"

// Joseph's method: a ray visits the voxel planes across its main axis, the one along which its index
// grows fastest. At each plane the value is interpolated bilinearly between voxel centres, zero
// outside, and counts for the part of the plane's slab [k - 1/2, k + 1/2] between source and pixel.
//
// Rays are taken in bundles of neighbours in a detector row. Geometry is in double; positions are
// then held relative to the middle plane, so that float suffices in the loops (1e-5 of a voxel).

#define LANES 8
#define INLINE static inline __attribute__((always_inline))

typedef struct {
  float p[LANES], p_step[LANES];  // first in-plane position at the middle plane; its change a plane
  float q[LANES], q_step[LANES];  // the second one
  float low[LANES], high[LANES];  // the stretch of the main axis that counts
  float length[LANES];            // mm of ray a plane; 0 for lanes that take no part
  float middle;
  int first, last;                // planes [first, last) that any lane may meet
  int inner_first, inner_last;    // planes where all lanes are whole and inside: no test needed
} bundle;

typedef struct {
  int count_p, count_q;
  ptrdiff_t stride, stride_p, stride_q;
} planes;

INLINE planes planes_across(const spider_rays *rays, int axis) {
  const ptrdiff_t strides[3] = {1, rays->counts[0], (ptrdiff_t)rays->counts[0] * rays->counts[1]};
  const int a = axis == 0 ? 1 : 0, b = axis == 2 ? 1 : 2;
  return (planes){rays->counts[a], rays->counts[b], strides[axis], strides[a], strides[b]};
}

INLINE void trim(double *low, double *high, double a, double b) {
  const double smaller = a < b ? a : b, larger = a < b ? b : a;
  if (smaller > *low) *low = smaller;
  if (larger < *high) *high = larger;
}

// Trims [low, high] to the planes where start + step * (k - middle) lies in [from, to].
INLINE void trim_to_band(
  double *low, double *high, double start, double step, double middle, double from, double to) {
  if (from > to || (fabs(step) < 1e-12 && (start < from || start > to))) {
    *high = *low - 1;
  } else if (fabs(step) >= 1e-12) {
    trim(low, high, middle + (from - start) / step, middle + (to - start) / step);
  }
}

// Sets one lane up. Returns the ray's main axis when that is `axis` and it meets the volume, else -1.
INLINE int aim(const spider_rays *rays, int axis, int column, int row, int lane, bundle *b) {
  double pixel[3], d[3], from[3];
  for (int a = 0; a < 3; a++) {
    pixel[a] = rays->pixel[a] + column * rays->column_step[a] + row * rays->row_step[a];
    d[a] = rays->is_parallel ? rays->direction[a] : pixel[a] - rays->source[a];
    from[a] = rays->is_parallel ? pixel[a] : rays->source[a];
  }
  int main_axis = 0;
  for (int a = 1; a < 3; a++) {
    if (fabs(d[a]) * rays->preference[a] > fabs(d[main_axis]) * rays->preference[main_axis]) {
      main_axis = a;
    }
  }
  if (main_axis != axis) return -1;

  const int p_axis = axis == 0 ? 1 : 0, q_axis = axis == 2 ? 1 : 2;
  const double count = rays->counts[axis], middle = (count - 1) / 2;
  const double p_step = d[p_axis] / d[axis], q_step = d[q_axis] / d[axis];
  const double p = from[p_axis] + p_step * (middle - from[axis]);
  const double q = from[q_axis] + q_step * (middle - from[axis]);
  // Only a geometry near the end of the range of double gets here; its rays meet nothing.
  if (!isfinite(p) || !isfinite(q) || !isfinite(p_step) || !isfinite(q_step)) return -1;

  double low = -0.5, high = count - 0.5;
  if (rays->is_parallel) {
    trim(&low, &high, pixel[axis], d[axis] > 0 ? -INFINITY : INFINITY);
  } else {
    trim(&low, &high, from[axis], pixel[axis]);
  }
  if (!(low < high)) return -1;
  double outer_low = low - 0.5, outer_high = high + 0.5;
  trim_to_band(&outer_low, &outer_high, p, p_step, middle, -1, rays->counts[p_axis]);
  trim_to_band(&outer_low, &outer_high, q, q_step, middle, -1, rays->counts[q_axis]);
  if (!(outer_low <= outer_high)) return -1;

  // A margin keeps the float positions of the inner planes inside whatever way they round.
  const double margin = 1e-3;
  double inner_low = low + 0.5, inner_high = high - 0.5;
  trim_to_band(
    &inner_low, &inner_high, p, p_step, middle, margin, rays->counts[p_axis] - 1 - margin);
  trim_to_band(
    &inner_low, &inner_high, q, q_step, middle, margin, rays->counts[q_axis] - 1 - margin);

  const int first = (int)fmax(floor(outer_low), 0), last = (int)fmin(ceil(outer_high) + 1, count);
  // Kept within the planes, so that a ray without inner planes leaves an empty range, not garbage.
  const int inner_first = (int)fmin(fmax(ceil(inner_low), 0), count);
  const int inner_last = (int)fmin(fmax(floor(inner_high) + 1, 0), count);
  if (first < b->first) b->first = first;
  if (last > b->last) b->last = last;
  if (inner_first > b->inner_first) b->inner_first = inner_first;
  if (inner_last < b->inner_last) b->inner_last = inner_last;

  double squared = 0;
  for (int w = 0; w < 3; w++) {
    const double world =
      rays->linear[w] * d[0] + rays->linear[3 + w] * d[1] + rays->linear[6 + w] * d[2];
    squared += world * world;
  }
  b->p[lane] = (float)p;
  b->p_step[lane] = (float)p_step;
  b->q[lane] = (float)q;
  b->q_step[lane] = (float)q_step;
  b->low[lane] = (float)low;
  b->high[lane] = (float)high;
  b->length[lane] = (float)(sqrt(squared) / fabs(d[axis]));
  return axis;
}

// Restricts a bundle to some planes, and its inner planes to those that are left.
INLINE void clip(bundle *b, int first, int last) {
  if (b->first < first) b->first = first;
  if (b->last > last) b->last = last;
  if (b->inner_first < b->first) b->inner_first = b->first;
  if (b->inner_last > b->last) b->inner_last = b->last;
  if (b->inner_first >= b->inner_last) b->inner_first = b->inner_last = b->last;
}

// Bundles the rays of columns column, ..., column + LANES - 1 of a row that have this main axis and
// meet the volume. Returns 0 when there is none. The other lanes rest on the in-plane origin.
INLINE int make_bundle(const spider_rays *rays, int axis, int column, int row, bundle *b) {
  *b = (bundle){.middle = (rays->counts[axis] - 1) / 2.0f,
                .first = rays->counts[axis],
                .last = 0,
                .inner_first = 0,
                .inner_last = rays->counts[axis]};
  int found = 0;
  for (int lane = 0; lane < LANES && column + lane < rays->columns; lane++) {
    found |= aim(rays, axis, column + lane, row, lane, b) == axis;
  }
  clip(b, 0, rays->counts[axis]);
  return found;
}

// One of the two in-plane directions at a border plane: clamped places and the weights of the two
// voxels, zero for those outside.
typedef struct {
  int near, far;
  float near_weight, far_weight;
} tap;

INLINE tap border_tap(float x, int count) {
  x = x < -1 ? -1 : (x > (float)count ? (float)count : x);
  const int i = (int)(x + 1) - 1;
  const float fraction = x - (float)i;
  tap t;
  t.near_weight = i >= 0 && i < count ? 1 - fraction : 0;
  t.far_weight = i + 1 < count ? fraction : 0;
  t.near = i < 0 ? 0 : (i < count ? i : count - 1);
  t.far = i + 1 < count ? i + 1 : count - 1;
  return t;
}

INLINE float covered(const bundle *b, int lane, int k) {
  const float from = b->low[lane] > k - 0.5f ? b->low[lane] : k - 0.5f;
  const float to = b->high[lane] < k + 0.5f ? b->high[lane] : k + 0.5f;
  return to > from ? to - from : 0;
}

INLINE void read_border(const bundle *b, planes s, const float *plane, int k, float *sums) {
  const float along = (float)k - b->middle;
  for (int l = 0; l < LANES; l++) {
    const tap p = border_tap(b->p[l] + b->p_step[l] * along, s.count_p);
    const tap q = border_tap(b->q[l] + b->q_step[l] * along, s.count_q);
    const float *near = plane + q.near * s.stride_q, *far = plane + q.far * s.stride_q;
    const ptrdiff_t i = p.near * s.stride_p, j = p.far * s.stride_p;
    sums[l] += covered(b, l, k)
      * (q.near_weight * (p.near_weight * near[i] + p.far_weight * near[j])
         + q.far_weight * (p.near_weight * far[i] + p.far_weight * far[j]));
  }
}

INLINE void read_inner(const bundle *b, planes s, const float *plane, int k, float *sums) {
  const float along = (float)k - b->middle;
  const int step_p = (int)s.stride_p, step_q = (int)s.stride_q;
  int place[LANES];
  float fp[LANES], fq[LANES], v00[LANES], v10[LANES], v01[LANES], v11[LANES];
  for (int l = 0; l < LANES; l++) {
    const float x = b->p[l] + b->p_step[l] * along, y = b->q[l] + b->q_step[l] * along;
    const int i = (int)x, j = (int)y;
    fp[l] = x - (float)i;
    fq[l] = y - (float)j;
    place[l] = i * step_p + j * step_q;
  }
  for (int l = 0; l < LANES; l++) {
    const float *v = plane + place[l];
    v00[l] = v[0];
    v10[l] = v[step_p];
    v01[l] = v[step_q];
    v11[l] = v[step_p + step_q];
  }
  for (int l = 0; l < LANES; l++) {
    const float near = v00[l] + fp[l] * (v10[l] - v00[l]);
    const float far = v01[l] + fp[l] * (v11[l] - v01[l]);
    sums[l] += near + fq[l] * (far - near);
  }
}

GATHER_CLONES
void spider_joseph_forward(
  const spider_rays *rays, const float *volume, int first_row, int last_row, float *image) {
  for (int row = first_row; row < last_row; row++) {
    float *line = image + (ptrdiff_t)row * rays->columns;
    for (int column = 0; column < rays->columns; column += LANES) {
      float total[LANES] = {0};
      for (int axis = 0; axis < 3; axis++) {
        bundle b;
        if (!make_bundle(rays, axis, column, row, &b)) continue;
        const planes s = planes_across(rays, axis);
        float sums[LANES] = {0};
        int k = b.first;
        for (; k < b.inner_first; k++) read_border(&b, s, volume + k * s.stride, k, sums);
        for (; k < b.inner_last; k++) read_inner(&b, s, volume + k * s.stride, k, sums);
        for (; k < b.last; k++) read_border(&b, s, volume + k * s.stride, k, sums);
        for (int l = 0; l < LANES; l++) {
          if (b.length[l] > 0) total[l] = sums[l] * b.length[l];
        }
      }
      for (int l = 0; l < LANES && column + l < rays->columns; l++) line[column + l] = total[l];
    }
  }
}

INLINE void write_border(const bundle *b, planes s, float *plane, int k, const float *shares) {
  const float along = (float)k - b->middle;
  for (int l = 0; l < LANES; l++) {
    const float share = shares[l] * covered(b, l, k);
    if (share == 0) continue;
    const tap p = border_tap(b->p[l] + b->p_step[l] * along, s.count_p);
    const tap q = border_tap(b->q[l] + b->q_step[l] * along, s.count_q);
    float *near = plane + q.near * s.stride_q, *far = plane + q.far * s.stride_q;
    const ptrdiff_t i = p.near * s.stride_p, j = p.far * s.stride_p;
    near[i] += share * q.near_weight * p.near_weight;
    near[j] += share * q.near_weight * p.far_weight;
    far[i] += share * q.far_weight * p.near_weight;
    far[j] += share * q.far_weight * p.far_weight;
  }
}

INLINE void write_inner(const bundle *b, planes s, float *plane, int k, const float *shares) {
  const float along = (float)k - b->middle;
  const int step_p = (int)s.stride_p, step_q = (int)s.stride_q;
  int place[LANES];
  float w00[LANES], w10[LANES], w01[LANES], w11[LANES];
  for (int l = 0; l < LANES; l++) {
    const float x = b->p[l] + b->p_step[l] * along, y = b->q[l] + b->q_step[l] * along;
    const int i = (int)x, j = (int)y;
    const float fp = x - (float)i, fq = y - (float)j;
    const float far = shares[l] * fq, near = shares[l] - far;
    place[l] = i * step_p + j * step_q;
    w10[l] = near * fp;
    w00[l] = near - w10[l];
    w11[l] = far * fp;
    w01[l] = far - w11[l];
  }
  // One ray after the other: neighbours in a bundle may share voxels.
  for (int l = 0; l < LANES; l++) {
    float *v = plane + place[l];
    v[0] += w00[l];
    v[step_p] += w10[l];
    v[step_q] += w01[l];
    v[step_p + step_q] += w11[l];
  }
}

GATHER_CLONES
void spider_joseph_adjoint(
  const spider_rays *rays, const float *image, int axis, int first_plane, int last_plane,
  float *volume) {
  const planes s = planes_across(rays, axis);
  for (int row = 0; row < rays->rows; row++) {
    const float *line = image + (ptrdiff_t)row * rays->columns;
    for (int column = 0; column < rays->columns; column += LANES) {
      int dark = 1;
      for (int l = 0; l < LANES && column + l < rays->columns; l++) dark &= line[column + l] == 0;
      bundle b;
      if (dark || !make_bundle(rays, axis, column, row, &b)) continue;
      clip(&b, first_plane, last_plane);
      float shares[LANES] = {0};
      for (int l = 0; l < LANES && column + l < rays->columns; l++) {
        shares[l] = line[column + l] * b.length[l];
      }
      int k = b.first;
      for (; k < b.inner_first; k++) write_border(&b, s, volume + k * s.stride, k, shares);
      for (; k < b.inner_last; k++) write_inner(&b, s, volume + k * s.stride, k, shares);
      for (; k < b.last; k++) write_border(&b, s, volume + k * s.stride, k, shares);
    }
  }
}

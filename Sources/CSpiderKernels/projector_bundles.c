#include <string.h>

#include "clones.h"
#include "projector_bundle.h"

// Rays of any direction, eight neighbours at a time, plane by plane along their main axis.
//
// Within the slab of a plane, k - 1/2 to k + 1/2, a ray moves by at most one voxel along either
// in-plane axis. Joseph's method reads the four neighbours of the ray at k. The exact method meets at
// most three voxels: where the ray enters the slab, between its crossing of a face across p and of one
// across q, and where it leaves. So both are a few reads or writes a plane, without branches.
//
// Rays are walked in tiles, planes outermost: what a tile reads of a plane lies close together, and
// the next tile finds the neighbouring cache lines still there.

#define TILE_BUNDLES 8
#define TILE_V 4
#define PLANES_AHEAD 2

// The planes across a main axis: in-plane counts, distances in memory.
typedef struct {
  int p_count, q_count;
  ptrdiff_t stride;
  int p_stride, q_stride;
  float middle;
} planes;

INLINE planes planes_across(const spider_rays *rays, int axis) {
  const int strides[3] = {1, rays->counts[0], rays->counts[0] * rays->counts[1]};
  const int p = axis == 2 ? 1 : 2, q = axis == 0 ? 1 : 0;
  return (planes){rays->counts[p], rays->counts[q],  strides[axis],
                  strides[p],      strides[q],       (rays->counts[axis] - 1) / 2.0f};
}

INLINE vfloat gather(const float *from, vint place) {
  vfloat result;
  for (int l = 0; l < LANES; l++) result[l] = from[place[l]];
  return result;
}

// from[place] and from[place + 1].
INLINE void gather_pairs(const float *from, vint place, vfloat *near, vfloat *far) {
  vdouble pairs;
  for (int l = 0; l < LANES; l++) {
    double pair;
    memcpy(&pair, from + place[l], sizeof pair);
    pairs[l] = pair;
  }
  typedef float vfloats __attribute__((ext_vector_type(2 * LANES)));
  vfloats both;
  memcpy(&both, &pairs, sizeof both);
  *near = both.even;
  *far = both.odd;
}

INLINE vfloat joseph_values(const bundle *b, planes s, const float *plane, int k) {
  const float along = k - s.middle;
  const vfloat p = b->p + b->p_step * along, q = b->q + b->q_step * along;
  const vint i = __builtin_convertvector(p, vint), j = __builtin_convertvector(q, vint);
  const vfloat fp = p - __builtin_convertvector(i, vfloat);
  const vfloat fq = q - __builtin_convertvector(j, vfloat);
  const vint place = i * s.p_stride + j * s.q_stride;
  vfloat v00, v01, v10, v11;
  if (s.q_stride == 1) {
    gather_pairs(plane, place, &v00, &v01);
    gather_pairs(plane, place + s.p_stride, &v10, &v11);
  } else {
    v00 = gather(plane, place);
    v01 = gather(plane, place + s.q_stride);
    v10 = gather(plane, place + s.p_stride);
    v11 = gather(plane, place + s.p_stride + s.q_stride);
  }
  const vfloat near = v00 + fq * (v01 - v00), far = v10 + fq * (v11 - v10);
  return near + fp * (far - near);
}

// The voxels of a plane that eight rays read, and their weights: lengths of ray, in planes.
typedef struct {
  vint place[4];
  vfloat weight[4];
} taps;

#define vmin __builtin_elementwise_min
#define vmax __builtin_elementwise_max

INLINE vint within(vint x, int count) { return vmin(vmax(x, (vint)0), (vint)(count - 1)); }

// Joseph's weights where some rays are partly outside or short of the whole slab. Voxels outside get
// weight 0 and the place of a neighbour.
INLINE taps joseph_border(const bundle *b, planes s, int k) {
  const float along = k - s.middle;
  const vfloat zero = (vfloat)0;
  const vfloat covered =
    vmax(vmin(b->high, (vfloat)(k + 0.5f)) - vmax(b->low, (vfloat)(k - 0.5f)), zero);
  const vfloat p = vmin(vmax(b->p + b->p_step * along, (vfloat)-1), (vfloat)s.p_count);
  const vfloat q = vmin(vmax(b->q + b->q_step * along, (vfloat)-1), (vfloat)s.q_count);
  const vint i = __builtin_convertvector(p + 1, vint) - 1;
  const vint j = __builtin_convertvector(q + 1, vint) - 1;
  const vfloat fp = p - __builtin_convertvector(i, vfloat);
  const vfloat fq = q - __builtin_convertvector(j, vfloat);
  const vfloat p0 = ((i >= 0) & (i < s.p_count)) ? (1 - fp) * covered : zero;
  const vfloat p1 = i + 1 < s.p_count ? fp * covered : zero;
  const vfloat q0 = ((j >= 0) & (j < s.q_count)) ? 1 - fq : zero;
  const vfloat q1 = j + 1 < s.q_count ? fq : zero;
  const vint i0 = within(i, s.p_count) * s.p_stride, i1 = within(i + 1, s.p_count) * s.p_stride;
  const vint j0 = within(j, s.q_count) * s.q_stride, j1 = within(j + 1, s.q_count) * s.q_stride;
  return (taps){{i0 + j0, i0 + j1, i1 + j0, i1 + j1}, {p0 * q0, p0 * q1, p1 * q0, p1 * q1}};
}

// The exact weights: the voxel where the ray enters the slab, the one after its first crossing of a
// face, the one where it leaves. Where a ray crosses none, the others have length 0. At a border the
// stretch is that within the volume, and clamping the voxels only undoes rounding.
INLINE taps exact_taps(const bundle *b, planes s, int k, int inner) {
  const vfloat zero = (vfloat)0;
  vfloat from = (vfloat)(k - 0.5f), to = (vfloat)(k + 0.5f), length = (vfloat)1;
  if (!inner) {
    from = vmax(from, b->low);
    to = vmin(to, b->high);
    length = vmax(to - from, zero);
  }
  // Shifted by 1/2, so that faces lie at integers.
  const vfloat p0 = b->p + b->p_step * (from - s.middle) + 0.5f;
  const vfloat p1 = b->p + b->p_step * (to - s.middle) + 0.5f;
  const vfloat q0 = b->q + b->q_step * (from - s.middle) + 0.5f;
  const vfloat q1 = b->q + b->q_step * (to - s.middle) + 0.5f;
  vint i0 = __builtin_convertvector(p0, vint), i1 = __builtin_convertvector(p1, vint);
  vint j0 = __builtin_convertvector(q0, vint), j1 = __builtin_convertvector(q1, vint);
  if (!inner) {
    i0 = within(i0, s.p_count);
    i1 = within(i1, s.p_count);
    j0 = within(j0, s.q_count);
    j1 = within(j1, s.q_count);
  }
  const vfloat p_face = __builtin_convertvector(vmax(i0, i1), vfloat);
  const vfloat q_face = __builtin_convertvector(vmax(j0, j1), vfloat);
  vfloat p_cross = vmin(vmax((p_face - p0) * b->p_inverse, zero), length);
  vfloat q_cross = vmin(vmax((q_face - q0) * b->q_inverse, zero), length);
  p_cross = i0 == i1 ? length : p_cross;
  q_cross = j0 == j1 ? length : q_cross;
  const vfloat first = vmin(p_cross, q_cross), second = vmax(p_cross, q_cross);
  const vint p_first = p_cross < q_cross;
  const vint i = p_first ? i1 : i0, j = p_first ? j0 : j1;
  return (taps){{i0 * s.p_stride + j0 * s.q_stride, i * s.p_stride + j * s.q_stride,
                 i1 * s.p_stride + j1 * s.q_stride},
                {first, second - first, length - second}};
}

INLINE vfloat border_values(const bundle *b, planes s, spider_method method, const float *plane,
                            int k) {
  const taps t = method == spider_exact ? exact_taps(b, s, k, 0) : joseph_border(b, s, k);
  vfloat sum = (vfloat)0;
  for (int n = 0; n < (method == spider_exact ? 3 : 4); n++) {
    // A voxel without weight is not met by the ray and may hold anything, NaN too.
    const vfloat share = t.weight[n] * gather(plane, t.place[n]);
    sum += t.weight[n] != 0 ? share : (vfloat)0;
  }
  return sum;
}

INLINE vfloat exact_values(const bundle *b, planes s, const float *plane, int k) {
  const taps t = exact_taps(b, s, k, 1);
  vfloat sum = (vfloat)0;
  for (int n = 0; n < 3; n++) sum += t.weight[n] * gather(plane, t.place[n]);
  return sum;
}

// Asks for what a bundle will need some planes later: the planes of a large volume are pages apart,
// which no hardware prefetcher follows. Halves the time of a volume that does not fit in the cache.
INLINE void prefetch(const bundle *b, planes s, const float *volume, int k) {
  const float along = k + PLANES_AHEAD - s.middle;
  const int i = (int)(b->p[0] + b->p_step[0] * along), j = (int)(b->q[0] + b->q_step[0] * along);
  const float *at = volume + (k + PLANES_AHEAD) * s.stride + i * s.p_stride + j * s.q_stride;
  __builtin_prefetch(at);
  __builtin_prefetch(at + s.p_stride);
}

INLINE void project_tile(const spider_rays *rays, spider_method method, const float *volume,
                         int axis, int first_u, int first_v, int last_v, float *image) {
  bundle bundles[TILE_BUNDLES * TILE_V];
  vfloat sums[TILE_BUNDLES * TILE_V];
  int us[TILE_BUNDLES * TILE_V], vs[TILE_BUNDLES * TILE_V];
  int count = 0, first = rays->counts[axis], last = 0;
  for (int v = first_v; v < last_v; v++) {
    for (int n = 0; n < TILE_BUNDLES && first_u + n * LANES < rays->u_count; n++) {
      const int u = first_u + n * LANES;
      const rays8 r = aim(rays, u, v);
      if (!make_bundle(rays, method, &r, axis, &bundles[count])) continue;
      sums[count] = (vfloat)0;
      us[count] = u;
      vs[count] = v;
      if (bundles[count].first < first) first = bundles[count].first;
      if (bundles[count].last > last) last = bundles[count].last;
      count++;
    }
  }
  const planes s = planes_across(rays, axis);
  for (int k = first; k < last; k++) {
    const float *plane = volume + k * s.stride;
    for (int n = 0; n < count; n++) {
      const bundle *b = &bundles[n];
      prefetch(b, s, volume, k);
      if (k >= b->inner_first && k < b->inner_last) {
        sums[n] += method == spider_exact ? exact_values(b, s, plane, k)
                                          : joseph_values(b, s, plane, k);
      } else if (k >= b->first && k < b->last) {
        sums[n] += border_values(b, s, method, plane, k);
      }
    }
  }
  for (int n = 0; n < count; n++) {
    float *pixels = image + (ptrdiff_t)vs[n] * rays->v_stride;
    for (int l = 0; l < LANES; l++) {
      if (bundles[n].length[l] > 0) {
        pixels[(us[n] + l) * (ptrdiff_t)rays->u_stride] = sums[n][l] * bundles[n].length[l];
      }
    }
  }
}

INLINE void clear_pixels(const spider_rays *rays, int axis, int first_v, int last_v, float *image) {
  if (axis < 0) {
    for (int v = first_v; v < last_v; v++) {
      for (int u = 0; u < rays->u_count; u++) {
        image[v * (ptrdiff_t)rays->v_stride + u * (ptrdiff_t)rays->u_stride] = 0;
      }
    }
    return;
  }
  for (int v = first_v; v < last_v; v++) {
    for (int u = 0; u < rays->u_count; u += LANES) {
      const rays8 r = aim(rays, u, v);
      for (int l = 0; l < LANES && u + l < rays->u_count; l++) {
        if (r.main[l] == axis) image[v * (ptrdiff_t)rays->v_stride + (u + l) * (ptrdiff_t)rays->u_stride] = 0;
      }
    }
  }
}

GATHER_CLONES
void spider_project_bundles(const spider_rays *rays, spider_method method, const float *volume,
                            int axis, int first_v, int last_v, float *image) {
  clear_pixels(rays, axis, first_v, last_v, image);
  for (int v = first_v; v < last_v; v += TILE_V) {
    const int end = v + TILE_V < last_v ? v + TILE_V : last_v;
    for (int u = 0; u < rays->u_count; u += TILE_BUNDLES * LANES) {
      for (int a = axis < 0 ? 0 : axis; a < (axis < 0 ? 3 : axis + 1); a++) {
        // Two calls, so that the loops are compiled for one method each.
        if (method == spider_exact) {
          project_tile(rays, spider_exact, volume, a, u, v, end, image);
        } else {
          project_tile(rays, spider_joseph, volume, a, u, v, end, image);
        }
      }
    }
  }
}

INLINE void smear_border(const bundle *b, planes s, spider_method method, float *plane, int k,
                         vfloat shares) {
  const taps t = method == spider_exact ? exact_taps(b, s, k, 0) : joseph_border(b, s, k);
  for (int n = 0; n < (method == spider_exact ? 3 : 4); n++) {
    const vfloat share = t.weight[n] * shares;
    for (int l = 0; l < LANES; l++) {
      if (t.weight[n][l] != 0) plane[t.place[n][l]] += share[l];
    }
  }
}

INLINE void smear_joseph(const bundle *b, planes s, float *plane, int k, vfloat shares) {
  const float along = k - s.middle;
  const vfloat p = b->p + b->p_step * along, q = b->q + b->q_step * along;
  const vint i = __builtin_convertvector(p, vint), j = __builtin_convertvector(q, vint);
  const vfloat fp = p - __builtin_convertvector(i, vfloat);
  const vfloat fq = q - __builtin_convertvector(j, vfloat);
  const vint place = i * s.p_stride + j * s.q_stride;
  const vfloat far = shares * fp, near = shares - far;
  const vfloat far_next = far * fq, near_next = near * fq;
  const vfloat far_this = far - far_next, near_this = near - near_next;
  // One ray after the other: neighbours in a bundle may share voxels.
  for (int l = 0; l < LANES; l++) {
    float *at = plane + place[l];
    at[0] += near_this[l];
    at[s.q_stride] += near_next[l];
    at[s.p_stride] += far_this[l];
    at[s.p_stride + s.q_stride] += far_next[l];
  }
}

INLINE void smear_exact(const bundle *b, planes s, float *plane, int k, vfloat shares) {
  const taps t = exact_taps(b, s, k, 1);
  const vfloat w0 = t.weight[0] * shares, w1 = t.weight[1] * shares, w2 = t.weight[2] * shares;
  for (int l = 0; l < LANES; l++) {
    plane[t.place[0][l]] += w0[l];
    plane[t.place[1][l]] += w1[l];
    plane[t.place[2][l]] += w2[l];
  }
}

INLINE void smear_tile(const spider_rays *rays, spider_method method, const float *image, int axis,
                       int first_u, int first_v, int first_plane, int last_plane, float *volume) {
  bundle bundles[TILE_BUNDLES * TILE_V];
  vfloat shares[TILE_BUNDLES * TILE_V];
  int count = 0, first = last_plane, last = first_plane;
  for (int v = first_v; v < first_v + TILE_V && v < rays->v_count; v++) {
    for (int n = 0; n < TILE_BUNDLES && first_u + n * LANES < rays->u_count; n++) {
      const int u = first_u + n * LANES;
      const float *pixels = image + (ptrdiff_t)v * rays->v_stride;
      vfloat values = (vfloat)0;
      int dark = 1;
      for (int l = 0; l < LANES && u + l < rays->u_count; l++) {
        values[l] = pixels[(u + l) * (ptrdiff_t)rays->u_stride];
        dark &= values[l] == 0;
      }
      if (dark) continue;
      const rays8 r = aim(rays, u, v);
      bundle *b = &bundles[count];
      if (!make_bundle(rays, method, &r, axis, b)) continue;
      // Lanes that take no part must not even add NaN * 0 to where they rest.
      shares[count] = b->length > 0 ? values * b->length : (vfloat)0;
      if (b->first < first) first = b->first;
      if (b->last > last) last = b->last;
      count++;
    }
  }
  if (first < first_plane) first = first_plane;
  if (last > last_plane) last = last_plane;
  const planes s = planes_across(rays, axis);
  for (int k = first; k < last; k++) {
    float *plane = volume + k * s.stride;
    for (int n = 0; n < count; n++) {
      const bundle *b = &bundles[n];
      prefetch(b, s, volume, k);
      if (k >= b->inner_first && k < b->inner_last) {
        if (method == spider_exact) {
          smear_exact(b, s, plane, k, shares[n]);
        } else {
          smear_joseph(b, s, plane, k, shares[n]);
        }
      } else if (k >= b->first && k < b->last) {
        smear_border(b, s, method, plane, k, shares[n]);
      }
    }
  }
}

GATHER_CLONES
void spider_smear_bundles(const spider_rays *rays, spider_method method, const float *image,
                          int axis, int first_plane, int last_plane, float *volume) {
  for (int v = 0; v < rays->v_count; v += TILE_V) {
    for (int u = 0; u < rays->u_count; u += TILE_BUNDLES * LANES) {
      if (method == spider_exact) {
        smear_tile(rays, spider_exact, image, axis, u, v, first_plane, last_plane, volume);
      } else {
        smear_tile(rays, spider_joseph, image, axis, u, v, first_plane, last_plane, volume);
      }
    }
  }
}

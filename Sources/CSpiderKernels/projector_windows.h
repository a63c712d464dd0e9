#ifndef SPIDER_PROJECTOR_WINDOWS_H
#define SPIDER_PROJECTOR_WINDOWS_H

#include <string.h>

#include "projector_samplers.h"

// Reading and writing lines of voxels by vectors. The file that includes this says for which instructions:
//
//   WIDTH             numbers in a vector
//   TARGET            the attribute that allows the instructions
//   VARIANT(name)     `name` with the instructions' name at its end
//   wfloat, wint      vectors of WIDTH numbers
//   permute(values, index)                 of WIDTH numbers those at `index`
//   pick(low, high, index)                 of 2 WIDTH numbers those at `index`
//   load_within(values, first, count)      values[first], ...; 0 where first + lane is not in [0, count)
//
// A vector of neighbouring rays reads a window of WIDTH voxels next to each other, each ray picking its own by
// a permutation: as many rays at a time as are sure to lie within one.
#define WINDOW_MARGIN 1e-2f  // voxels, for rounding

#define INTS(x) __builtin_convertvector(x, wint)
#define FLOATS(x) __builtin_convertvector(x, wfloat)

TARGET INLINE wfloat lanes(void) {
  wfloat lane;
  for (int l = 0; l < WIDTH; l++) lane[l] = l;
  return lane;
}

TARGET INLINE wfloat load(const float *from) {
  wfloat x;
  memcpy(&x, from, sizeof x);
  return x;
}

// The rays that lie within a window, when they are `step` apart and each moves by up to `drift`; at most
// WIDTH. Fewer than half of that are not worth it: 0.
TARGET INLINE int rays_within(float step, float drift) {
  const float room = WIDTH - 1 - WINDOW_MARGIN - drift;
  const float least = WIDTH / 2 - 1;
  step = fabsf(step);
  if (!(step * least <= room)) return 0;
  return step * (WIDTH - 1) <= room ? WIDTH : (int)(room / step) + 1;
}

// Adds to the sums of the rays, to those of the lanes that count.
TARGET INLINE void add_values(float *sums, wfloat value, wint counts) {
  const wfloat sum = load(sums) + (counts ? value : (wfloat)0);
  memcpy(sums, &sum, sizeof sum);
}

// Neighbouring vectors may overlap, in lanes that do not count: they take turns in writing to one of two
// rows of sums, so that none waits for what the one before it wrote.
TARGET static void VARIANT(read_points)(const float *line, float start, float step, int count,
                                        float *sums, ptrdiff_t turn) {
  const int size = rays_within(step, 0);
  if (!size) return spider_read_points_plainly(line, start, step, count, sums, turn);
  const wint counts = lanes() < (wfloat)size;
  const wfloat apart = step * lanes();
  const float ahead = start + (step > 0 ? 0 : step * (size - 1));
  for (int i = 0; i < count; i += size) {
    const float along = step * i;
    const float base = __builtin_floorf(along + ahead - 1e-3f);
    const float *window = line + (int)base;
    const wfloat z = apart + (along + (start - base));
    const wint k = INTS(z);
    const wfloat near = permute(load(window), k), far = permute(load(window + 1), k);
    add_values(sums + i, __builtin_elementwise_fma(z - FLOATS(k), far - near, near), counts);
    sums += turn;
    turn = -turn;
  }
}

// split_crossing for WIDTH rays, given their numbers, inverses and nudges; voxels are counted two on.
typedef struct {
  wint entered, left;
  wfloat length;
} wide_split;

TARGET INLINE wide_split split_wide(const crossing *c, wfloat ray, wfloat inverse, wfloat nudge) {
  const wfloat enter = __builtin_elementwise_fma((wfloat)c->enter_step, ray, (wfloat)c->enter);
  const wfloat leave = __builtin_elementwise_fma((wfloat)c->leave_step, ray, (wfloat)c->leave);
  wide_split s = {INTS(enter + nudge), INTS(leave + nudge), (wfloat)0};
  const wfloat face = FLOATS(__builtin_elementwise_max(s.entered, s.left));
  s.length = __builtin_elementwise_min(
    __builtin_elementwise_max((face - enter) * inverse, (wfloat)0), (wfloat)c->length);
  return s;
}

TARGET static void VARIANT(read_crossing)(const float *line, const crossing *c, int count,
                                          float *sums, ptrdiff_t turn) {
  const float drift = fmaxf(
    fabsf(c->leave - c->enter),
    fabsf(c->leave + c->leave_step * (count + WIDTH) - c->enter - c->enter_step * (count + WIDTH)));
  const int size = rays_within(fmaxf(fabsf(c->enter_step), fabsf(c->leave_step)), drift);
  if (!size) return spider_read_crossing_plainly(line, c, count, sums, turn);
  const wint counts = lanes() < (wfloat)size;
  const float enter_ahead = c->enter_step > 0 ? 0 : c->enter_step * (size - 1);
  const float leave_ahead = c->leave_step > 0 ? 0 : c->leave_step * (size - 1);
  for (int i = 0; i < count; i += size) {
    const float enter = c->enter + c->enter_step * i + enter_ahead;
    const float leave = c->leave + c->leave_step * i + leave_ahead;
    const int base = (int)((enter < leave ? enter : leave) - 1e-3f);
    const wfloat window = load(line + base - 2);
    const wide_split s = split_wide(c, (float)i + lanes(), load(c->inverse + i), load(c->nudge + i));
    const wfloat left = (c->length - s.length) * permute(window, s.left - base);
    add_values(sums + i,
               __builtin_elementwise_fma(s.length, permute(window, s.entered - base), left),
               counts);
    sums += turn;
    turn = -turn;
  }
}

// Writing, turned round: WIDTH neighbouring voxels collect what the rays near each of them give. No two
// lanes write to the same voxel, and the rays of WIDTH voxels lie within a window as long as they are
// not too close.
#define CLOSEST_RAYS (WIDTH > 8 ? 0.62f : 0.7f)
#define FARTHEST_RAYS 4.0f

// 2 WIDTH numbers next to each other, from number `base` on.
typedef struct {
  wfloat low, high;
  int base;
} window;

TARGET INLINE wfloat look(window w, wint index) { return pick(w.low, w.high, index - w.base); }

TARGET INLINE window open_rays(const float *values, int base, int count) {
  return (window){load_within(values, base, count), load_within(values, base + WIDTH, count), base};
}

// For WIDTH voxels from z on: the first of the rays whose positions start + step * i lie within
// [voxel + below, voxel + above].
TARGET INLINE wint first_rays(float z, float below, float above, float start, float step) {
  const float offset = z + (step > 0 ? below : above) - start;
  return INTS(__builtin_elementwise_ceil((lanes() + offset) * (1 / step)));
}

// The least of them: the rays ascend or descend with the voxels.
TARGET INLINE int least_ray(wint first) {
  return first[0] < first[WIDTH - 1] ? first[0] : first[WIDTH - 1];
}

TARGET static void VARIANT(write_points)(float *line, float start, float step, int count,
                                         const float *shares) {
  if (!(fabsf(step) >= CLOSEST_RAYS && fabsf(step) <= FARTHEST_RAYS)) {
    return spider_write_points_plainly(line, start, step, count, shares);
  }
  // A ray gives to the voxels less than 1 away. The margin is for rounding.
  const float reach = 1 + 1e-3f, end = start + step * (count - 1);
  const int taps = (int)(2 * reach / fabsf(step)) + 1;
  const int last = centre_below(fmaxf(start, end)) + 1;
  for (int z = centre_below(fminf(start, end)); z <= last; z += WIDTH) {
    wint ray = first_rays(z, -reach, reach, start, step);
    const window w = open_rays(shares, least_ray(ray), count);
    const wfloat voxel = (float)z + lanes();
    wfloat sum = load(line + z);
    for (int n = 0; n < taps; n++) {
      const wfloat away = __builtin_elementwise_abs(start + step * FLOATS(ray) - voxel);
      const wfloat weight = __builtin_elementwise_max(1 - away, (wfloat)0);
      // A weight of 0 may meet a ray beyond the window, whose number means nothing.
      const wfloat given = weight > 0 ? look(w, ray) : (wfloat)0;
      sum = __builtin_elementwise_fma(weight, given, sum);
      ray += 1;
    }
    memcpy(line + z, &sum, sizeof sum);
  }
}

TARGET static void VARIANT(write_crossing)(float *line, const crossing *c, int count,
                                           const float *shares) {
  const float step = fabsf(c->enter_step);
  const float enter_end = c->enter + c->enter_step * (count - 1);
  const float leave_end = c->leave + c->leave_step * (count - 1);
  if (!(step >= CLOSEST_RAYS && step <= FARTHEST_RAYS)) {
    return spider_write_crossing_plainly(line, c, count, shares);
  }
  // A ray gives to a voxel when it enters at z - 1/2 - forward ... z + 1/2 + backward (2.5 on), with how
  // far rays move along the line while they cross. The margin is for rounding and nudges.
  const float margin = 1e-3f;
  const float forward = fmaxf(0, fmaxf(c->leave - c->enter, leave_end - enter_end));
  const float backward = fmaxf(0, fmaxf(c->enter - c->leave, enter_end - leave_end));
  const float below = 2 - forward - margin, above = 3 + backward + margin;
  const int taps = (int)((above - below) / step) + 1;
  const int last = voxel_around(fmaxf(fmaxf(c->enter, enter_end), fmaxf(c->leave, leave_end)));
  int z = voxel_around(fminf(fminf(c->enter, enter_end), fminf(c->leave, leave_end)));
  for (; z <= last; z += WIDTH) {
    wint ray = first_rays(z, below, above, c->enter, c->enter_step);
    const int least = least_ray(ray);
    const window values = open_rays(shares, least, count);
    const window inverses = open_rays(c->inverse, least, count);
    const window nudges = open_rays(c->nudge, least, count);
    const wint voxel = INTS((float)z + 2 + lanes());
    wfloat sum = load(line + z);
    for (int n = 0; n < taps; n++) {
      const wide_split s = split_wide(c, FLOATS(ray), look(inverses, ray), look(nudges, ray));
      const wfloat zero = (wfloat)0;
      const wfloat weight = (s.entered == voxel ? s.length : zero)
        + (s.left == voxel ? c->length - s.length : zero);
      const wfloat given = weight > 0 ? look(values, ray) : zero;
      sum = __builtin_elementwise_fma(weight, given, sum);
      ray += 1;
    }
    memcpy(line + z, &sum, sizeof sum);
  }
}

#endif

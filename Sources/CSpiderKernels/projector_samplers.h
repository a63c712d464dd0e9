#ifndef SPIDER_PROJECTOR_SAMPLERS_H
#define SPIDER_PROJECTOR_SAMPLERS_H

#include "projector_rays.h"

// Many rays read one line of voxels, or write to it: ray i meets the line at start + step * i, in
// voxels. `line` points at voxel 0; around the voxels lie LINE_PADDING numbers on either side, those
// next to the voxels 0, the others arbitrary.

#define LINE_PADDING 80
#define RAY_PADDING 16

// Where the rays enter and leave a voxel column, and for how long they are in it. Positions are counted
// from CROSSING_ORIGIN voxels before voxel 0's centre, so that leaving out the fraction finds the voxel
// (two on).
#define CROSSING_ORIGIN 2.5
typedef struct {
  float enter, enter_step;  // voxels; change from ray to ray
  float leave, leave_step;
  float length;          // planes of the main axis between the two
  const float *inverse;  // planes a voxel along the line, for each ray
  const float *nudge;    // voxels by which each ray is moved: LEVEL_NUDGE if it runs level, else 0
} crossing;

// Reading and writing must find the same voxels, also where rounding decides: no product is fused with
// a sum anywhere in positions.
#pragma clang fp contract(off)

// The voxel centre at or below z. z is at least -2.
INLINE int centre_below(float z) { return (int)(z + 2) - 2; }
// The voxel that a position of a crossing is in.
INLINE int voxel_around(float position) { return (int)position - 2; }

INLINE float clamp_float(float x, float low, float high) {
  return x < low ? low : (x > high ? high : x);
}

// The two voxels of a crossing and the length of ray in the first.
typedef struct {
  int entered, left;
  float length;
} split;

INLINE split split_crossing(const crossing *c, int i) {
  const float enter = c->enter + c->enter_step * i, leave = c->leave + c->leave_step * i;
  split s = {voxel_around(enter + c->nudge[i]), voxel_around(leave + c->nudge[i]), 0};
  const float face = (s.entered > s.left ? s.entered : s.left) + 2;
  // Where there is no face between, both voxels are the same and any length will do.
  s.length = clamp_float((face - enter) * c->inverse[i], 0, c->length);
  return s;
}

// sums[i] += the linearly interpolated value; or sums[turn + i] +=, the ray's part of a second row of sums, to
// be added to the first in the end. Behind the last ray lie RAY_PADDING more numbers in both rows and in
// those of a crossing; what is added there means nothing.
typedef void spider_read_points(const float *line, float start, float step, int count, float *sums,
                                ptrdiff_t turn);
// The same with value times length, over the one or two voxels of the line that the ray crosses.
typedef void spider_read_crossing(const float *line, const crossing *c, int count, float *sums,
                                  ptrdiff_t turn);
// The transposes: shares[i] is added to the same voxels with the same weights. What falls beside the
// voxels of the line is left lying in the padding.
typedef void spider_write_points(float *line, float start, float step, int count,
                                 const float *shares);
typedef void spider_write_crossing(float *line, const crossing *c, int count, const float *shares);

typedef struct {
  spider_read_points *read_points;
  spider_read_crossing *read_crossing;
  spider_write_points *write_points;
  spider_write_crossing *write_crossing;
} spider_samplers;

// Those of a level of instructions.
spider_samplers spider_choose_samplers(int32_t level);

// The choices: plain loops for any machine, and permutes of vectors.
spider_read_points spider_read_points_plainly;
spider_read_crossing spider_read_crossing_plainly;
spider_write_points spider_write_points_plainly;
spider_write_crossing spider_write_crossing_plainly;
spider_samplers spider_avx2_samplers(void);
spider_samplers spider_avx512_samplers(void);

// line[z] = a[z] * weight_a + b[z] * weight_b for first <= z < last; without b when that is NULL.
void spider_mix_lines(const float *a, float weight_a, const float *b, float weight_b, int first,
                      int last, float *line);
// The transpose: adds to a and b, and sets the line back to 0.
void spider_spread_line(float *line, int first, int last, float *a, float weight_a, float *b,
                        float weight_b);

#endif

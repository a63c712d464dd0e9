#ifndef SPIDER_PROJECTOR_RAYS_H
#define SPIDER_PROJECTOR_RAYS_H

#include <math.h>
#include <stddef.h>

#include "CSpiderKernels.h"

// What both ways of following rays, by bundles and by lines, must agree on.

#define INLINE static inline __attribute__((always_inline))

// Every function that takes or returns a vector is inlined: no calling convention is involved.
#pragma clang diagnostic ignored "-Wpsabi"

#define LANES 8
typedef float vfloat __attribute__((ext_vector_type(LANES)));
typedef int vint __attribute__((ext_vector_type(LANES)));

// The main axis of a direction: the one along which the index changes fastest. `preference` decides
// ties, so that rounding does not.
INLINE int main_axis(const spider_rays *rays, double d0, double d1, double d2) {
  const double a = fabs(d0) * rays->preference[0], b = fabs(d1) * rays->preference[1];
  const double c = fabs(d2) * rays->preference[2];
  if (a >= b && a >= c) return 0;
  return b >= c ? 1 : 2;
}

// Millimetres of ray for a step d in the indices.
INLINE double world_length(const spider_rays *rays, double d0, double d1, double d2) {
  double squares = 0;
  for (int w = 0; w < 3; w++) {
    const double world =
      rays->linear[w] * d0 + rays->linear[3 + w] * d1 + rays->linear[6 + w] * d2;
    squares += world * world;
  }
  return sqrt(squares);
}

// A ray that moves by less than LEVEL_STEP of a voxel a plane may run along a face between voxels from
// end to end. It then belongs to the voxel with the larger index: such rays, and no others, are
// moved by LEVEL_NUDGE of a voxel, so that rounding does not decide anew in every plane.
#define LEVEL_STEP 1e-7f
#define LEVEL_NUDGE 1e-4f

// A floating-point number as an int between two limits, also when it is not a number or far outside.
INLINE int int_within(double x, int low, int high) {
  return x > low ? (x < high ? (int)x : high) : low;
}

#endif

#ifndef SPIDER_PROJECTOR_H
#define SPIDER_PROJECTOR_H

#include <stdint.h>

// The rays of a projection in the voxel indices of one volume: indices are integers at voxel
// centres, axis 0 is the one that varies fastest in memory. All vectors are (i, j, k).
//
// u and v are the detector's two directions. Neighbours along u are worked on together: u is the one
// of columns and rows that runs more nearly along axis 0.
typedef struct {
  int counts[3];         // voxels along each axis; their product must fit in an int
  double linear[9];      // the affine's three columns: index steps to world millimetres
  double source[3];      // cone beam: the focal spot
  double direction[3];   // parallel beam: direction of all rays
  double pixel[3];       // centre of the detector pixel u = 0, v = 0
  double u_step[3];      // from one pixel to the next along u
  double v_step[3];      // along v
  double preference[3];  // factors near 1 that settle which axis is the main one in a tie
  int is_parallel;
  int u_count, v_count;    // pixels along u and v; their product must fit in an int
  int u_stride, v_stride;  // from one pixel to the next in the image
} spider_rays;

// How the voxels along a ray are weighted.
typedef enum {
  spider_joseph,  // linear interpolation between voxel centres, plane by plane
  spider_exact    // the length of ray inside each voxel
} spider_method;

// In the functions below `axis` restricts the work to rays whose main axis it is (-1: all rays); the
// pixels of other rays are left alone.
//
// "Bundles": rays of any direction, eight neighbours along u at a time.
// "Lines": u is parallel to axis 0, so that the rays of one v share their path through the other two
// axes; rays whose main axis is 0 are left to the bundles. `level` is one of instructions.h.

// Line integrals (value times mm) for first_v <= v < last_v. `image` holds all pixels; those of rays that
// are followed are overwritten; lines also set those to 0 that are left to the bundles. Single-threaded;
// no two v touch the same pixel.
void spider_project_bundles(const spider_rays *rays, spider_method method, const float *volume,
                            int axis, int first_v, int last_v, float *image);
void spider_project_lines(const spider_rays *rays, spider_method method, const float *volume,
                          int first_v, int last_v, int32_t level, float *scratch, float *image);

// The matched adjoints, for the rays of one main axis and the planes [first_plane, last_plane) of that
// axis: add to those voxels of `volume` and touch no others. Every voxel receives its shares in one
// order, however the planes are split.
void spider_smear_bundles(const spider_rays *rays, spider_method method, const float *image,
                          int axis, int first_plane, int last_plane, float *volume);
void spider_smear_lines(const spider_rays *rays, spider_method method, const float *image, int axis,
                        int first_plane, int last_plane, int32_t level, float *scratch,
                        float *volume);

// How many floats of scratch memory one call on lines needs.
int64_t spider_lines_scratch(const spider_rays *rays);

// Reorders the axes of a volume: to[k][j][i] = from[i * strides[0] + j * strides[1] + k * strides[2]],
// `to` being dense with i fastest and counts[0] x counts[1] x counts[2] voxels. One call does the indices
// [first, last) of the axis that spider_reorder_axis names.
int spider_reorder_axis(const int64_t strides[3]);
void spider_reorder(const float *from, const int64_t strides[3], const int counts[3], int first,
                    int last, float *to);

#endif

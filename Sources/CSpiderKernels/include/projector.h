#ifndef SPIDER_PROJECTOR_H
#define SPIDER_PROJECTOR_H

// The rays of a projection in the voxel indices of one volume: indices are integers at voxel
// centres, axis 0 is the one that varies fastest in memory. All vectors are (i, j, k).
typedef struct {
  int counts[3];         // voxels along each axis; their product must fit in an int
  double linear[9];      // the affine's three columns: index steps to world millimetres
  double source[3];      // cone beam: the focal spot
  double direction[3];   // parallel beam: direction of all rays
  double pixel[3];       // centre of the detector pixel in column 0, row 0
  double column_step[3]; // from one column to the next
  double row_step[3];    // from one row to the next
  double preference[3];  // factors near 1 that settle which axis is the main one in a tie
  int is_parallel;
  int columns;
  int rows;
} spider_rays;

// Joseph line integrals (value times mm) of the detector rows [first_row, last_row). `image` holds
// all rows; the given ones are overwritten. Single-threaded; rows are independent of one another.
void spider_joseph_forward(
  const spider_rays *rays, const float *volume, int first_row, int last_row, float *image);

// The matched adjoint, restricted to the rays whose main axis is `axis` and to the planes
// [first_plane, last_plane) of that axis: adds to those voxels of `volume` and touches no others.
// Every voxel receives its shares in the order of the pixels, however the planes are split.
void spider_joseph_adjoint(
  const spider_rays *rays, const float *image, int axis, int first_plane, int last_plane,
  float *volume);

#endif

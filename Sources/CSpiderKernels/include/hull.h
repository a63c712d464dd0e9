#ifndef SPIDER_HULL_H
#define SPIDER_HULL_H

#include <stdint.h>

/// Marks the voxels of one slice (nx by ny, i fastest) that a view sees through air alone: sets
/// culled[j * nx + i] to 1 where air[row + 1][column + 1] is 1 for the pixel nearest to the voxel, and
/// leaves the others as they are. `air` has columns + 2 by rows + 2 entries, the outer ones 0: points
/// beyond the detector and behind the source (w <= 0) fall there.
///
/// `start`, `stepI` and `stepJ` are homogeneous pixel positions (column * w, row * w, w) of the first
/// voxel and their steps along i and j, with 1.5 w added to the first two: one for the border, half to
/// round.
void spider_hull_slice(const uint8_t *air, int32_t columns, int32_t rows, const double *start,
                       const double *stepI, const double *stepJ, int32_t nx, int32_t ny,
                       uint8_t *culled);

/// Lists the places of the zeros of culled[count], plus `first`, ascending; returns how many there are.
/// kept[] has room for count + 1.
int64_t spider_hull_list(const uint8_t *culled, int64_t count, uint32_t first, uint32_t *kept);

#endif

#ifndef SPIDER_MORPHOLOGY_H
#define SPIDER_MORPHOLOGY_H

#include <stdbool.h>
#include <stdint.h>

/// For each of `rows` rows of `count` voxels the squared distance of every voxel to the nearest one of the set in its
/// row, `square` that of neighbours; infinity in rows without one.
void spider_row_squares(const bool *set, int64_t rows, int64_t count, float square, float *squares);

/// values[start + i] = min(values[start + i], others[from + i] + added) for i < count; the two are apart.
void spider_take_minimum(float *values, int64_t start, const float *others, int64_t from,
                         float added, int64_t count);

#endif

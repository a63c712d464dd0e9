#ifndef SPIDER_COLUMNS_H
#define SPIDER_COLUMNS_H

#include <stdint.h>

// Columns of volumes (C, D, H, W), W fastest: the general path of convolution in three dimensions. An
// image is a volume of depth 1.

/// The windows of a convolution, each array in the order z, y, x. `output` is how many windows there
/// are; window o of an axis starts at o * stride - padding, and reads 0 outside the volume.
typedef struct {
  int32_t size[3];
  int32_t kernel[3];
  int32_t stride[3];
  int32_t padding[3];
  int32_t output[3];
} spider_windows;

/// Copies `count` windows, from window `first` on in the order of the output (x fastest), of C
/// channels into col[((c*Kz+kz)*Ky+ky)*Kx+kx][count].
void spider_vol2col(const float *volume, int32_t C, const spider_windows *windows, int64_t first,
                    int64_t count, float *col);

/// The adjoint: adds the columns back onto the planes low ... high - 1 of the volume.
void spider_col2vol_add(const float *col, int32_t C, const spider_windows *windows, int64_t first,
                        int64_t count, int32_t low, int32_t high, float *volume);

#endif

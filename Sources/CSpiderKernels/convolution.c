#include <string.h>

#include "CSpiderKernels.h"
#include "clones.h"

// First and one-past-last output column whose tap kx falls inside the image.
static void columnsInside(int32_t W, int32_t kx, int32_t stride, int32_t padding, int32_t outW,
                          int32_t *first, int32_t *end) {
  // x * stride + kx - padding in [0, W)
  int32_t low = padding - kx;
  int32_t from = low > 0 ? (low + stride - 1) / stride : 0;
  int32_t high = W - 1 + padding - kx;
  int32_t to = high < 0 ? 0 : high / stride + 1;
  if (from > outW) from = outW;
  if (to > outW) to = outW;
  if (to < from) to = from;
  *first = from;
  *end = to;
}

CLONES void spider_im2col(const float *image, int32_t C, int32_t H, int32_t W, int32_t K,
                          int32_t stride, int32_t padding, int32_t outRow, int32_t outRows,
                          int32_t outW, float *col) {
  for (int32_t c = 0; c < C; c++) {
    const float *plane = image + (int64_t)c * H * W;
    for (int32_t ky = 0; ky < K; ky++) {
      for (int32_t kx = 0; kx < K; kx++) {
        int32_t first, end;
        columnsInside(W, kx, stride, padding, outW, &first, &end);
        for (int32_t r = 0; r < outRows; r++, col += outW) {
          int32_t y = (outRow + r) * stride + ky - padding;
          if (y < 0 || y >= H || first == end) {
            memset(col, 0, sizeof(float) * outW);
            continue;
          }
          const float *row = plane + (int64_t)y * W + kx - padding;
          for (int32_t x = 0; x < first; x++) col[x] = 0;
          if (stride == 1) {
            memcpy(col + first, row + first, sizeof(float) * (end - first));
          } else {
            for (int32_t x = first; x < end; x++) col[x] = row[(int64_t)x * stride];
          }
          for (int32_t x = end; x < outW; x++) col[x] = 0;
        }
      }
    }
  }
}

CLONES void spider_col2im_add(const float *col, int32_t C, int32_t H, int32_t W, int32_t K,
                              int32_t stride, int32_t padding, int32_t outRow, int32_t outRows,
                              int32_t outW, float *image) {
  for (int32_t c = 0; c < C; c++) {
    float *plane = image + (int64_t)c * H * W;
    for (int32_t ky = 0; ky < K; ky++) {
      for (int32_t kx = 0; kx < K; kx++) {
        int32_t first, end;
        columnsInside(W, kx, stride, padding, outW, &first, &end);
        for (int32_t r = 0; r < outRows; r++, col += outW) {
          int32_t y = (outRow + r) * stride + ky - padding;
          if (y < 0 || y >= H) continue;
          float *restrict row = plane + (int64_t)y * W + kx - padding;
          const float *restrict from = col;
          if (stride == 1) {
            for (int32_t x = first; x < end; x++) row[x] += from[x];
          } else {
            for (int32_t x = first; x < end; x++) row[(int64_t)x * stride] += from[x];
          }
        }
      }
    }
  }
}

#include "CSpiderKernels.h"
#include "clones.h"

GATHER_CLONES void spider_hull_slice(const uint8_t *restrict air, int32_t columns, int32_t rows,
                                     const double *start, const double *stepI, const double *stepJ,
                                     int32_t nx, int32_t ny, uint8_t *restrict culled) {
// The same voxels on every machine: no clone may round differently.
#pragma clang fp contract(off)
  enum { piece = 512 };
  int32_t stride = columns + 2;
  float right = (float)(columns + 1), bottom = (float)(rows + 1);
  float du = (float)stepI[0], dv = (float)stepI[1], dw = (float)stepI[2];
  for (int32_t j = 0; j < ny; j++) {
    float u0 = (float)(start[0] + j * stepJ[0]), v0 = (float)(start[1] + j * stepJ[1]),
          w0 = (float)(start[2] + j * stepJ[2]);
    uint8_t *restrict to = culled + (int64_t)j * nx;
    for (int32_t first = 0; first < nx; first += piece) {
      int32_t n = nx - first < piece ? nx - first : piece, place[piece];
      for (int32_t i = 0; i < n; i++) {
        float t = (float)(first + i);
        float w = w0 + t * dw;
        float x = (u0 + t * du) / w, y = (v0 + t * dv) / w;
        x = x > 0 ? (x < right ? x : right) : 0;  // NaN becomes 0, the border
        y = y > 0 ? (y < bottom ? y : bottom) : 0;
        x = w > 0 ? x : 0;  // behind the source
        place[i] = (int32_t)y * stride + (int32_t)x;
      }
      for (int32_t i = 0; i < n; i++) to[first + i] |= air[place[i]];
    }
  }
}

int64_t spider_hull_list(const uint8_t *culled, int64_t count, uint32_t first, uint32_t *kept) {
  int64_t n = 0;
  for (int64_t i = 0; i < count; i++) {
    kept[n] = first + (uint32_t)i;  // overwritten by the next one unless it counts
    n += culled[i] == 0;
  }
  return n;
}

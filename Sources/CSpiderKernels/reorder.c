#include <string.h>

#include "CSpiderKernels.h"

#define TILE 16

// A tile of i by w, where i is contiguous in `to` and w in `from`: read along w, written along i, so
// that whole cache lines are used on both sides.
static void copy_tile(const float *from, int64_t from_i, float *to, int64_t to_w, int is, int ws) {
  float tile[TILE][TILE];
  for (int i = 0; i < is; i++) {
    for (int w = 0; w < ws; w++) tile[w][i] = from[i * from_i + w];
  }
  for (int w = 0; w < ws; w++) memcpy(to + w * to_w, tile[w], sizeof(float) * (size_t)is);
}

int spider_reorder_axis(const int64_t strides[3]) { return strides[2] == 1 ? 1 : 2; }

void spider_reorder(const float *from, const int64_t strides[3], const int counts[3], int first,
                    int last, float *to) {
  const int64_t to_strides[3] = {1, counts[0], (int64_t)counts[0] * counts[1]};
  const int outer = spider_reorder_axis(strides), w_axis = 3 - outer;
  for (int n = first; n < last; n++) {
    const float *source = from + n * strides[outer];
    float *target = to + n * to_strides[outer];
    if (strides[0] == 1) {
      for (int w = 0; w < counts[w_axis]; w++) {
        memcpy(target + w * to_strides[w_axis], source + w * strides[w_axis],
               sizeof(float) * (size_t)counts[0]);
      }
      continue;
    }
    for (int i = 0; i < counts[0]; i += TILE) {
      const int is = counts[0] - i < TILE ? counts[0] - i : TILE;
      for (int w = 0; w < counts[w_axis]; w += TILE) {
        const int ws = counts[w_axis] - w < TILE ? counts[w_axis] - w : TILE;
        if (strides[w_axis] == 1) {
          copy_tile(source + i * strides[0] + w, strides[0], target + w * to_strides[w_axis] + i,
                    to_strides[w_axis], is, ws);
          continue;
        }
        for (int a = 0; a < ws; a++) {
          for (int b = 0; b < is; b++) {
            target[(w + a) * to_strides[w_axis] + i + b] =
              source[(i + b) * strides[0] + (w + a) * strides[w_axis]];
          }
        }
      }
    }
  }
}

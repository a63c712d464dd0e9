#ifndef SPIDER_WINOGRAD_PRODUCT_H
#define SPIDER_WINOGRAD_PRODUCT_H

// The matrix products of Winograd convolution, see winograd_tile.h, held in registers.

#include "winograd_vector.h"

// M[8][32] = the sum over s < segments and c < C of U[s][c][8]^T V[s][c][32]. More than one segment
// serves convolutions whose third direction is summed directly. Long sums are made of parts of 128,
// for the sake of rounding.
//
// Wide: sixteen accumulators of 512 bits. Else four times 4 x 16, eight of 256 bits each.
WINOGRAD_INLINE void winograd_multiply(const float *const *U, const float *const *V,
                                       int32_t segments, int32_t C, float *M, int wide) {
  enum { LONGEST = 128 };
  int32_t rows = wide ? 8 : 4, vectors = wide ? 2 : 1;
#pragma clang loop unroll(disable)
  for (int32_t part = 0; part < (wide ? 1 : 4); part++) {
    int32_t row = part / 2 * 4, column = part % 2 * 16, summed = 0, add = 0;
    float *m = M + PANEL * row + column;
    v16 sum[8][2] = {{{0}}};
    for (int32_t s = 0; s < segments; s++) {
      const float *u = U[s] + row, *v = V[s] + column;
      for (int32_t c = 0; c < C;) {
        int32_t count = C - c < LONGEST - summed ? C - c : LONGEST - summed;
        for (int32_t i = 0; i < count; i++, u += 8, v += PANEL) {
          v16 v0 = load16(v), v1 = wide ? load16(v + 16) : v0;
#pragma clang loop unroll(full)
          for (int32_t o = 0; o < rows; o++) {
            v16 w = splat16(u[o]);
            sum[o][0] += w * v0;
            if (wide) sum[o][1] += w * v1;
          }
        }
        c += count;
        summed += count;
        if (summed < LONGEST && (c < C || s + 1 < segments)) continue;
#pragma clang loop unroll(full)
        for (int32_t o = 0; o < rows; o++) {
#pragma clang loop unroll(full)
          for (int32_t i = 0; i < vectors; i++) {
            float *to = m + PANEL * o + 16 * i;
            store16(to, add ? load16(to) + sum[o][i] : sum[o][i]);
            sum[o][i] = (v16){0};
          }
        }
        add = 1;
        summed = 0;
      }
    }
  }
}

// A part of the products below: so many rows and vectors of sixteen columns, held in registers.
WINOGRAD_INLINE void winograd_gradient_part(const float *D, int64_t D_stride, const float *T,
                                            int64_t T_stride, int64_t panels, int32_t add, float *S,
                                            int32_t rows, int32_t vectors) {
  v16 sum[8][2];
#pragma clang loop unroll(full)
  for (int32_t o = 0; o < rows; o++)
    for (int32_t i = 0; i < vectors; i++)
      sum[o][i] = add ? load16(S + 32 * o + 16 * i) : (v16){0};
  for (int64_t panel = 0; panel < panels; panel++) {
    const float *d = D + panel * D_stride, *v = T + panel * T_stride;
    for (int32_t t = 0; t < PANEL; t++, d++, v += 32) {
      v16 v0 = load16(v), v1 = vectors > 1 ? load16(v + 16) : v0;
#pragma clang loop unroll(full)
      for (int32_t o = 0; o < rows; o++) {
        v16 w = splat16(d[PANEL * o]);
        sum[o][0] += w * v0;
        if (vectors > 1) sum[o][1] += w * v1;
      }
    }
  }
#pragma clang loop unroll(full)
  for (int32_t o = 0; o < rows; o++)
    for (int32_t i = 0; i < vectors; i++) store16(S + 32 * o + 16 * i, sum[o][i]);
}

// S[8][32] += (or = without `add`) the sum over the tiles t of D[8][t] T[t][32]: D as the
// gradients' transform writes it, T a block of V turned. `panels` panels of 32 tiles, at strides.
// `half`: only the first sixteen of the 32 columns are wanted.
WINOGRAD_INLINE void winograd_multiply_gradients(const float *D, int64_t D_stride, const float *T,
                                                 int64_t T_stride, int64_t panels, int32_t add,
                                                 int32_t half, float *S, int wide) {
  if (wide && !half) winograd_gradient_part(D, D_stride, T, T_stride, panels, add, S, 8, 2);
  else if (wide) winograd_gradient_part(D, D_stride, T, T_stride, panels, add, S, 8, 1);
  for (int32_t part = 0; !wide && part < 4; part++) {
    int32_t row = part / 2 * 4, column = part % 2 * 16;
    if (column > 0 && half) continue;
    winograd_gradient_part(D + PANEL * row, D_stride, T + column, T_stride, panels, add,
                           S + 32 * row + column, 4, 1);
  }
}

#endif

#ifndef SPIDER_WINOGRAD_POINTS_H
#define SPIDER_WINOGRAD_POINTS_H

// The matrices B, A and G of Winograd convolution, see winograd_tile.h: one direction at a time, and
// both directions of the weights.

#include "winograd_vector.h"

// The two points a and b, beside -a, -b, 0 and infinity, and their powers.
#define WA 0.75f
#define WB 1.5f
#define WA2 (WA * WA)
#define WB2 (WB * WB)
#define WA3 (WA * WA * WA)
#define WB3 (WB * WB * WB)

// B^T: six inputs a tile to six.
WINOGRAD_INLINE void winograd_inputs(const v16 d[6], v16 t[6]) {
  v16 p = d[4] - WB2 * d[2], q = d[3] - WB2 * d[1];
  v16 r = d[4] - WA2 * d[2], s = d[3] - WA2 * d[1];
  t[0] = d[4] + (WA2 * WB2 * d[0] - (WA2 + WB2) * d[2]);
  t[1] = p + WA * q;
  t[2] = p - WA * q;
  t[3] = r + WB * s;
  t[4] = r - WB * s;
  t[5] = d[5] + (WA2 * WB2 * d[1] - (WA2 + WB2) * d[3]);
}

// A^T: six products to four outputs.
WINOGRAD_INLINE void winograd_outputs(const v16 m[6], v16 y[4]) {
  v16 s = m[1] + m[2], r = m[1] - m[2], p = m[3] + m[4], q = m[3] - m[4];
  y[0] = m[0] + s + p;
  y[1] = WA * r + WB * q;
  y[2] = WA2 * s + WB2 * p;
  y[3] = m[5] + WA3 * r + WB3 * q;
}

// A, the adjoint of the outputs: four gradients to six.
WINOGRAD_INLINE void winograd_gradients(const v16 y[4], v16 m[6]) {
  v16 ae = y[0] + WA2 * y[2], ao = WA * y[1] + WA3 * y[3];
  v16 be = y[0] + WB2 * y[2], bo = WB * y[1] + WB3 * y[3];
  m[0] = y[0];
  m[1] = ae + ao;
  m[2] = ae - ao;
  m[3] = be + bo;
  m[4] = be - bo;
  m[5] = y[3];
}

// G: the scale of each pair of points.
#define WG0 (1 / (WA2 * WB2))
#define WGA (1 / (2 * WA2 * (WA2 - WB2)))
#define WGB (1 / (2 * WB2 * (WB2 - WA2)))

// G: three weights to six.
WINOGRAD_INLINE void winograd_weights(const v16 g[3], v16 u[6]) {
  v16 ae = WGA * g[0] + WGA * WA2 * g[2], ao = WGA * WA * g[1];
  v16 be = WGB * g[0] + WGB * WB2 * g[2], bo = WGB * WB * g[1];
  u[0] = WG0 * g[0];
  u[1] = ae + ao;
  u[2] = ae - ao;
  u[3] = be + bo;
  u[4] = be - bo;
  u[5] = g[2];
}

// G^T, its adjoint: six to three.
WINOGRAD_INLINE void winograd_weight_gradients(const v16 u[6], v16 g[3]) {
  v16 s = u[1] + u[2], r = u[1] - u[2], p = u[3] + u[4], q = u[3] - u[4];
  g[0] = WG0 * u[0] + WGA * s + WGB * p;
  g[1] = WGA * WA * r + WGB * WB * q;
  g[2] = u[5] + WGA * WA2 * s + WGB * WB2 * p;
}

// Nine taps from w on and seven numbers that nobody reads, if need be without reading past `end`.
WINOGRAD_INLINE v16 winograd_load_taps(const float *w, const float *end) {
  if (end - w >= 16) return load16(w);
  float taps[16] = {0};
  memcpy(taps, w, sizeof(float) * 9);
  return load16(taps);
}

// G w G^T of `outputs` output channels, at most eight, and C input channels, whose nine taps lie
// out_step and in_step apart: writes U[C][8] of element k at U[k * stride]. `turned` turns each kernel
// by 180 degrees. The weights end at `end`.
//
// Vectors run across two input channels of eight output channels, the order they are stored in.
WINOGRAD_INLINE void winograd_weight_block(const float *w, const float *end, int64_t out_step,
                                           int64_t in_step, int32_t outputs, int32_t C,
                                           int32_t turned, float *U, int64_t stride) {
  for (int32_t c = 0; c < C; c += 2) {
    int32_t inputs = C - c < 2 ? C - c : 2;
    v16 taps[16];
    for (int32_t i = 0; i < 16; i++) {
      const float *from = w + i % 8 * out_step + (c + i / 8) * in_step;
      taps[i] = i % 8 < outputs && i / 8 < inputs ? winograd_load_taps(from, end) : (v16){0};
    }
    winograd_turn(taps);
    v16 rows[6][3];
    for (int32_t x = 0; x < 3; x++) {
      v16 g[3], u[6];
      for (int32_t y = 0; y < 3; y++) g[y] = taps[turned ? 8 - 3 * y - x : 3 * y + x];
      winograd_weights(g, u);
      for (int32_t e = 0; e < 6; e++) rows[e][x] = u[e];
    }
    float *to = U + (int64_t)c * 8;
    for (int32_t e = 0; e < 6; e++) {
      v16 u[6];
      winograd_weights(rows[e], u);
      for (int32_t i = 0; i < 6; i++) {
        if (inputs == 2) store16(to + (6 * e + i) * stride, u[i]);
        else memcpy(to + (6 * e + i) * stride, &u[i], sizeof(float) * 8);
      }
    }
  }
}

// G^T u G of sixteen input channels, elements `stride` apart: nine taps each, in the first nine numbers
// of row c of `taps`.
WINOGRAD_INLINE void winograd_weight_gradient_block(const float *u, int64_t stride, v16 taps[16]) {
  v16 rows[3][6];
  for (int32_t i = 0; i < 6; i++) {
    v16 column[6], g[3];
    for (int32_t e = 0; e < 6; e++) column[e] = load16(u + (6 * e + i) * stride);
    winograd_weight_gradients(column, g);
    for (int32_t e = 0; e < 3; e++) rows[e][i] = g[e];
  }
  for (int32_t e = 0; e < 3; e++) winograd_weight_gradients(rows[e], &taps[3 * e]);
  for (int32_t i = 9; i < 16; i++) taps[i] = (v16){0};
  winograd_turn(taps);
}

#endif

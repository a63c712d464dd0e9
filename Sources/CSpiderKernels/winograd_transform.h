#ifndef SPIDER_WINOGRAD_TRANSFORM_H
#define SPIDER_WINOGRAD_TRANSFORM_H

// The transforms of a panel, see winograd_tile.h: of inputs, outputs and the outputs' gradient.

#include "winograd_panel.h"
#include "winograd_points.h"

// B^T x B of one channel: x is the channel's plane in the first image. Writes 32 numbers at
// V[k * stride] for each of the 36 elements k.
//
// Down the columns first, while pixels still lie in rows: that costs four columns a tile, not six.
WINOGRAD_INLINE void winograd_input_panel(const float *x, int64_t image_stride,
                                          const winograd_panel *p, float *V, int64_t stride) {
  static const float zeros[16];
  float stage[6 * 4 * PANEL];
  if (!p->direct) winograd_stage_rows(x, image_stride, p, 1, 6, stage);
  v16 rows[6][9];
#pragma clang loop unroll(disable)
  for (int32_t q = 0; q < 8; q++) {
    v16 d[6], t[6];
    for (int32_t e = 0; e < 6; e++) {
      int64_t at = p->start[q][e];
      const float *from = at < 0 ? zeros : x + at;
      if (!p->direct) from = stage + 4 * PANEL * e + 16 * q;
      else winograd_prefetch_next(from, p);
      d[e] = load16(from);
    }
    winograd_inputs(d, t);
    for (int32_t e = 0; e < 6; e++) rows[e][q] = t[e];
  }
  // The columns beside the panel: the right one in lane 0, the left one in lane 15, where the
  // shifts below pick them up.
  v16 beside[6], t[6];
  for (int32_t e = 0; e < 6; e++) {
    beside[e] = (v16){0};
    beside[e][0] = p->right[e] < 0 ? 0 : x[p->right[e]];
    beside[e][15] = p->left[e] < 0 ? 0 : x[p->left[e]];
  }
  winograd_inputs(beside, t);
  for (int32_t e = 0; e < 6; e++) rows[e][8] = t[e];
#pragma clang loop unroll(disable)
  for (int32_t e = 0; e < 6; e++) {
    v16 low[4], high[4], d[6], u[6], edge = rows[e][8];
    winograd_split(&rows[e][0], low);
    winograd_split(&rows[e][4], high);
    float *to = V + 6 * e * stride;
    d[0] = mask16(shuffle16(edge, low[3], LANES_FROM_BELOW), p->keep_left[0]);
    for (int32_t i = 0; i < 4; i++) d[i + 1] = low[i];
    d[5] = mask16(shuffle16(low[0], high[0], LANES_FROM_ABOVE), p->keep_right[0]);
    winograd_inputs(d, u);
    for (int32_t i = 0; i < 6; i++) store16(to + i * stride, u[i]);
    d[0] = mask16(shuffle16(low[3], high[3], LANES_FROM_BELOW), p->keep_left[1]);
    for (int32_t i = 0; i < 4; i++) d[i + 1] = high[i];
    d[5] = mask16(shuffle16(high[0], edge, LANES_FROM_ABOVE), p->keep_right[1]);
    winograd_inputs(d, u);
    for (int32_t i = 0; i < 6; i++) store16(to + i * stride + 16, u[i]);
  }
}

// The same of `channels` channels, at most sixteen, with vectors across channels, as the gradient
// of the weights wants them: writes 16 numbers at T[k * stride + 32 * t] for each tile t. Pixels are
// turned instead of elements: there are fewer of them. Missing channels repeat the last one.
WINOGRAD_INLINE void winograd_turned_panel(const float *x, int32_t channels, int64_t image_stride,
                                           const winograd_panel *p, float *T, int64_t stride) {
  static const float zeros[16];
  // Transformed down the columns: the rows, and the columns beside the panel.
  v16 rows[6][8][16], left[6], right[6], left_pixels[6] = {{0}}, right_pixels[6] = {{0}};
#pragma clang loop unroll(disable)
  for (int32_t c = 0; c < 16; c++) {
    const float *from = x + (c < channels ? c : channels - 1) * p->channel_stride;
    float stage[6 * 4 * PANEL];
    if (!p->direct) winograd_stage_rows(from, image_stride, p, 1, 6, stage);
#pragma clang loop unroll(disable)
    for (int32_t q = 0; q < 8; q++) {
      v16 d[6], t[6];
      for (int32_t e = 0; e < 6; e++) {
        int64_t at = p->start[q][e];
        const float *pixels = at < 0 ? zeros : from + at;
        if (!p->direct) pixels = stage + 4 * PANEL * e + 16 * q;
        else winograd_prefetch_next(pixels, p);
        d[e] = load16(pixels);
      }
      winograd_inputs(d, t);
      for (int32_t e = 0; e < 6; e++) rows[e][q][c] = t[e];
    }
    for (int32_t e = 0; e < 6; e++) {
      if (p->left[e] >= 0) left_pixels[e][c] = from[p->left[e]];
      if (p->right[e] >= 0) right_pixels[e][c] = from[p->right[e]];
    }
  }
  winograd_inputs(left_pixels, left);
  winograd_inputs(right_pixels, right);
#pragma clang loop unroll(disable)
  for (int32_t e = 0; e < 6; e++) {
    v16 pixels[4 * PANEL + 2];
    pixels[0] = left[e];
    pixels[4 * PANEL + 1] = right[e];
#pragma clang loop unroll(disable)
    for (int32_t q = 0; q < 8; q++) {
      v16 r[16];
      for (int32_t i = 0; i < 16; i++) r[i] = rows[e][q][i];
      winograd_turn(r);
      for (int32_t i = 0; i < 16; i++) pixels[1 + 16 * q + i] = r[i];
    }
#pragma clang loop unroll(disable)
    for (int32_t t = 0; t < PANEL; t++) {
      v16 d[6], u[6];
      for (int32_t i = 0; i < 6; i++) d[i] = pixels[4 * t + i];
      if (!p->keep_left[t / 16][t % 16]) d[0] = (v16){0};
      if (!p->keep_right[t / 16][t % 16]) d[5] = (v16){0};
      winograd_inputs(d, u);
      for (int32_t i = 0; i < 6; i++) store16(T + (6 * e + i) * stride + 32 * t, u[i]);
    }
  }
}

// A^T m A of one channel: reads 32 numbers at M[k * stride] and writes the pixels of the panel's
// tiles, plus `bias`, into the channel's planes, or adds them; y is its plane in the first image.
WINOGRAD_INLINE void winograd_output_panel(const float *M, int64_t stride, float bias,
                                           const winograd_panel *p, float *y, int64_t image_stride,
                                           int adding) {
  float stage[4 * 4 * PANEL];
#pragma clang loop unroll(disable)
  for (int32_t half = 0; half < 2; half++) {
    v16 rows[4][6];
    for (int32_t i = 0; i < 6; i++) {
      v16 m[6], r[4];
      for (int32_t e = 0; e < 6; e++) m[e] = load16(M + (6 * e + i) * stride + 16 * half);
      winograd_outputs(m, r);
      for (int32_t e = 0; e < 4; e++) rows[e][i] = r[e];
    }
    for (int32_t e = 0; e < 4; e++) {
      v16 phase[4], pixels[4];
      winograd_outputs(rows[e], phase);
      winograd_join(phase, pixels);
      for (int32_t q = 0; q < 4; q++) {
        int64_t at = p->start[4 * half + q][e + 1];
        float *to = stage + 4 * PANEL * e + 64 * half + 16 * q;
        if (p->direct && at >= 0) {
          to = y + at;
          winograd_prefetch_next(to, p);
        }
        v16 value = pixels[q] + bias;
        if (adding && p->direct) value += load16(to);
        store16(to, value);
      }
    }
  }
  if (p->direct) return;
  for (int32_t i = 0; i < p->runs; i++) {
    winograd_run run = p->run[i];
    int32_t width = p->W - run.x < 4 * run.tiles ? p->W - run.x : 4 * run.tiles;
    for (int32_t e = 0; e < 4 && run.y + e < p->H; e++) {
      const float *from = stage + 4 * (PANEL * e + run.lane);
      float *to = y + run.image * image_stride + (int64_t)(run.y + e) * p->W + run.x;
      if (!adding) memcpy(to, from, sizeof(float) * width);
      else for (int32_t x = 0; x < width; x++) to[x] += from[x];
    }
  }
}

// A y A^T of one channel of the output's gradient: writes 32 numbers at D[k * stride].
WINOGRAD_INLINE void winograd_gradient_panel(const float *y, int64_t image_stride,
                                             const winograd_panel *p, float *D, int64_t stride) {
  static const float zeros[16];
  float stage[4 * 4 * PANEL];
  if (!p->direct) winograd_stage_rows(y, image_stride, p, 0, 4, stage);
  v16 rows[6][8];
#pragma clang loop unroll(disable)
  for (int32_t q = 0; q < 8; q++) {
    v16 d[4], t[6];
    for (int32_t e = 0; e < 4; e++) {
      int64_t at = p->start[q][e + 1];
      const float *from = at < 0 ? zeros : y + at;
      if (!p->direct) from = stage + 4 * PANEL * e + 16 * q;
      else winograd_prefetch_next(from, p);
      d[e] = load16(from);
    }
    winograd_gradients(d, t);
    for (int32_t e = 0; e < 6; e++) rows[e][q] = t[e];
  }
#pragma clang loop unroll(disable)
  for (int32_t e = 0; e < 6; e++) {
    for (int32_t half = 0; half < 2; half++) {
      v16 phase[4], u[6];
      winograd_split(&rows[e][4 * half], phase);
      winograd_gradients(phase, u);
      for (int32_t i = 0; i < 6; i++) store16(D + (6 * e + i) * stride + 16 * half, u[i]);
    }
  }
}

#endif

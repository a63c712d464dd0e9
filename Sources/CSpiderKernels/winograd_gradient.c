#include "winograd.h"

#include "winograd_tile.h"

// The gradient of the weights in the Winograd domain: with the output's gradient transformed by A,
// each of the 36 elements is a product over tiles, dU[k] = D[k] V[k]^T, and at the end
// dw = G^T dU G.

static inline int32_t input_blocks(spider_winograd_shape s) { return (s.Cin + 31) / 32; }
static inline int32_t output_blocks(spider_winograd_shape s) { return (s.Cout + 7) / 8; }
static inline int64_t turned_stride(spider_winograd_shape s) {
  return (int64_t)(32 * input_blocks(s) + 1) * PANEL;
}
static inline int64_t gradient_stride(spider_winograd_shape s) {
  return (int64_t)(8 * output_blocks(s) + 1) * PANEL;
}

// Channels beyond the last one are left as they are: they meet only sums that nobody reads.
WINOGRAD_INLINE void spider_winograd_turned_input_body(spider_winograd_shape s, const float *x,
                                                       int64_t panel, int32_t first, int32_t end,
                                                       float *T, int wide) {
  (void)wide;
  int64_t plane = (int64_t)s.H * s.W, image = plane * s.Cin, stride = turned_stride(s);
  winograd_panel p;
  winograd_find_panel(panel, s.images, s.H, s.W, image, &p);
  for (int32_t block = first; block < end; block++) {
    int32_t channels = s.Cin - 32 * block < 32 ? s.Cin - 32 * block : 32;
    float *to = T + (int64_t)block * 32 * PANEL;
    for (int32_t c = 0; c < channels; c++)
      winograd_input_panel(x + (32 * block + c) * plane, image, &p, to + PANEL * c, stride);
    for (int32_t k = 0; k < ELEMENTS; k++) winograd_turn_block(to + k * stride);
  }
}

WINOGRAD_VARIANTS(spider_winograd_turned_input,
                  (spider_winograd_shape s, const float *x, int64_t panel, int32_t first,
                   int32_t end, float *T),
                  (s, x, panel, first, end, T))

WINOGRAD_INLINE void spider_winograd_gradient_body(spider_winograd_shape s, const float *dy,
                                                   int64_t panel, int32_t first, int32_t end,
                                                   float *D, int wide) {
  (void)wide;
  int64_t plane = (int64_t)s.H * s.W, image = plane * s.Cout;
  winograd_panel p;
  winograd_find_panel(panel, s.images, s.H, s.W, image, &p);
  int32_t last = 8 * end < s.Cout ? 8 * end : s.Cout;
  for (int32_t o = 8 * first; o < last; o++)
    winograd_gradient_panel(dy + o * plane, image, &p, D + PANEL * o, gradient_stride(s));
}

WINOGRAD_VARIANTS(spider_winograd_gradient,
                  (spider_winograd_shape s, const float *dy, int64_t panel, int32_t first,
                   int32_t end, float *D),
                  (s, dy, panel, first, end, D))

// The products of some blocks of output channels: S[36][end - first][input blocks][8][32].
WINOGRAD_INLINE void multiply_panels(spider_winograd_shape s, const float *T, const float *D,
                                     int32_t panels, int32_t first, int32_t end, float *S,
                                     int wide) {
  int32_t inputs = input_blocks(s), outputs = end - first;
  int64_t T_stride = turned_stride(s), D_stride = gradient_stride(s);
  for (int32_t k = 0; k < ELEMENTS; k++) {
    for (int32_t i = 0; i < inputs; i++) {
      for (int32_t o = 0; o < outputs; o++)
        winograd_multiply_gradients(
            D + k * D_stride + (int64_t)(first + o) * 8 * PANEL, ELEMENTS * D_stride,
            T + k * T_stride + (int64_t)i * 32 * PANEL, ELEMENTS * T_stride, panels, 0,
            S + (((int64_t)k * outputs + o) * inputs + i) * 256, wide);
    }
  }
}

WINOGRAD_INLINE void spider_winograd_weight_gradient_body(spider_winograd_shape s, const float *T,
                                                          const float *D, int32_t panels,
                                                          int32_t first, int32_t end, float *S,
                                                          float *dw, int wide) {
  multiply_panels(s, T, D, panels, first, end, S, wide);
  int64_t stride = (int64_t)(end - first) * input_blocks(s) * 256;
  int32_t last = 8 * end < s.Cout ? 8 * end : s.Cout;
  for (int32_t o = 8 * first; o < last; o++) {
    for (int32_t c = 0; c < s.Cin; c += 16) {
      const float *from =
          S + ((int64_t)(o / 8 - first) * input_blocks(s) + c / 32) * 256 + o % 8 * 32 + c % 32;
      v16 rows[3][6];
      for (int32_t i = 0; i < 6; i++) {
        v16 u[6], g[3];
        for (int32_t e = 0; e < 6; e++) u[e] = load16(from + (6 * e + i) * stride);
        winograd_weight_gradients(u, g);
        for (int32_t e = 0; e < 3; e++) rows[e][i] = g[e];
      }
      v16 taps[16] = {{0}};
      for (int32_t e = 0; e < 3; e++) winograd_weight_gradients(rows[e], &taps[3 * e]);
      // A row of nine taps a channel; the rest of each row gives way to the next.
      winograd_turn(taps);
      float sums[9 * 15 + 16], *to = dw + ((int64_t)o * s.Cin + c) * 9;
      for (int32_t i = 0; i < 16; i++) store16(sums + 9 * i, taps[i]);
      int32_t count = 9 * (s.Cin - c < 16 ? s.Cin - c : 16);
      for (int32_t i = 0; i + 16 <= count; i += 16)
        store16(to + i, load16(to + i) + load16(sums + i));
      for (int32_t i = count / 16 * 16; i < count; i++) to[i] += sums[i];
    }
  }
}

WINOGRAD_VARIANTS(spider_winograd_weight_gradient,
                  (spider_winograd_shape s, const float *T, const float *D, int32_t panels,
                   int32_t first, int32_t end, float *S, float *dw),
                  (s, T, D, panels, first, end, S, dw))

#include "winograd.h"

#include "winograd_tile.h"

// The gradient of the weights in the Winograd domain: with the output's gradient transformed by A,
// each of the 36 elements is a product over tiles, dU[k] = D[k] V[k]^T, and at the end
// dw = G^T dU G. Of volumes, dU[z][k] is the sum over the planes of D[k] V[k]^T with the input z - 1
// planes on.

static inline int32_t input_blocks(spider_winograd_shape s) { return (s.Cin + 31) / 32; }
static inline int32_t output_blocks(spider_winograd_shape s) { return (s.Cout + 7) / 8; }
static inline int64_t turned_stride(spider_winograd_shape s) {
  return (int64_t)(32 * input_blocks(s) + 1) * PANEL;
}
static inline int64_t gradient_stride(spider_winograd_shape s) {
  return (int64_t)(8 * output_blocks(s) + 1) * PANEL;
}

// ---- Transforms -------------------------------------------------------------------------------

// Channels beyond the last one are left as they are: they meet only sums that nobody reads.
WINOGRAD_INLINE void spider_winograd_turned_input_body(spider_winograd_shape s, const float *x,
                                                       int64_t panel, int32_t z, int32_t first,
                                                       int32_t end, float *T, int wide) {
  (void)wide;
  int64_t plane = (int64_t)s.H * s.W, volume = plane * s.D, stride = turned_stride(s);
  winograd_panel p;
  winograd_find_panel(panel, s.images, s.H, s.W, volume * s.Cin, &p);
  p.channel_stride = volume;
  for (int32_t c = 32 * first; c < 32 * end && c < s.Cin; c += 16) {
    float *to = T + (int64_t)(c / 32) * 32 * PANEL + c % 32;
    if (z < 0 || z >= s.D) {
      for (int32_t k = 0; k < ELEMENTS; k++)
        for (int32_t t = 0; t < PANEL; t++) store16(to + k * stride + 32 * t, (v16){0});
    } else {
      winograd_turned_panel(x + c * volume + z * plane, s.Cin - c < 16 ? s.Cin - c : 16,
                            volume * s.Cin, &p, to, stride);
    }
  }
}

WINOGRAD_VARIANTS(spider_winograd_turned_input,
                  (spider_winograd_shape s, const float *x, int64_t panel, int32_t z,
                   int32_t first, int32_t end, float *T),
                  (s, x, panel, z, first, end, T))

WINOGRAD_INLINE void spider_winograd_gradient_body(spider_winograd_shape s, const float *dy,
                                                   int64_t panel, int32_t z, int32_t first,
                                                   int32_t end, float *D, int wide) {
  (void)wide;
  int64_t plane = (int64_t)s.H * s.W, volume = plane * s.D;
  winograd_panel p;
  winograd_find_panel(panel, s.images, s.H, s.W, volume * s.Cout, &p);
  int32_t last = 8 * end < s.Cout ? 8 * end : s.Cout;
  for (int32_t o = 8 * first; o < last; o++)
    winograd_gradient_panel(dy + o * volume + z * plane, volume * s.Cout, &p, D + PANEL * o,
                            gradient_stride(s));
}

WINOGRAD_VARIANTS(spider_winograd_gradient,
                  (spider_winograd_shape s, const float *dy, int64_t panel, int32_t z,
                   int32_t first, int32_t end, float *D),
                  (s, dy, panel, z, first, end, D))

// ---- Images -----------------------------------------------------------------------------------

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
            s.Cin - 32 * i <= 16, S + (((int64_t)k * outputs + o) * inputs + i) * 256, wide);
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
      v16 taps[16];
      winograd_weight_gradient_block(from, stride, taps);
      // A row of nine taps a channel; the rest of each row gives way to the next.
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

// ---- Volumes ----------------------------------------------------------------------------------

WINOGRAD_INLINE void spider_winograd_volume_weight_gradient_body(
  spider_winograd_shape s, const float *T, const float *D, int32_t planes, int32_t first, int32_t end,
  float *S, float *dw, int wide) {
  int32_t inputs = input_blocks(s), outputs = end - first;
  int64_t T_stride = turned_stride(s), D_stride = gradient_stride(s);
  // S[36][outputs][input blocks][z][8][32]
  int64_t S_stride = (int64_t)outputs * inputs * 3 * 256;
  for (int32_t k = 0; k < ELEMENTS; k++) {
    float *sum = S + k * S_stride;
    for (int32_t o = 0; o < outputs; o++) {
      for (int32_t i = 0; i < inputs; i++) {
        for (int32_t z = 0; z < 3; z++, sum += 256)
          winograd_multiply_gradients(
            D + k * D_stride + (int64_t)(first + o) * 8 * PANEL, ELEMENTS * D_stride,
            T + (z * ELEMENTS + k) * T_stride + (int64_t)i * 32 * PANEL, ELEMENTS * T_stride, planes,
            0, s.Cin - 32 * i <= 16, sum, wide);
      }
    }
  }
  int32_t last = 8 * end < s.Cout ? 8 * end : s.Cout;
  for (int32_t o = 8 * first; o < last; o++) {
    for (int32_t c = 0; c < s.Cin; c += 16) {
      for (int32_t z = 0; z < 3; z++) {
        const float *from = S + ((int64_t)((o / 8 - first) * inputs + c / 32) * 3 + z) * 256 +
                            o % 8 * 32 + c % 32;
        v16 taps[16];
        winograd_weight_gradient_block(from, S_stride, taps);
        float *to = dw + ((int64_t)o * s.Cin + c) * 27 + 9 * z;
        for (int32_t i = 0; i < 16 && c + i < s.Cin; i++)
          for (int32_t tap = 0; tap < 9; tap++) to[27 * i + tap] += taps[i][tap];
      }
    }
  }
}

WINOGRAD_VARIANTS(spider_winograd_volume_weight_gradient,
                  (spider_winograd_shape s, const float *T, const float *D, int32_t planes,
                   int32_t first, int32_t end, float *S, float *dw),
                  (s, T, D, planes, first, end, S, dw))

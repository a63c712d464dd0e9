#include "winograd3d.h"

#include "winograd_tile.h"

// The gradient of the weights in the Winograd domain, as in the plane: dU[z][k] = the sum over the
// planes of D[k] T[k]^T with the input z - 1 planes on, and dw[z] = G^T dU[z] G.

static inline int32_t inputBlocks(spider_winograd3d_shape s) { return (s.Cin + 31) / 32; }
static inline int32_t outputBlocks(spider_winograd3d_shape s) { return (s.Cout + 7) / 8; }
static inline int64_t turnedStride(spider_winograd3d_shape s) {
  return (int64_t)(32 * inputBlocks(s) + 1) * PANEL;
}
static inline int64_t gradientStride(spider_winograd3d_shape s) {
  return (int64_t)(8 * outputBlocks(s) + 1) * PANEL;
}

// Channels beyond the last one are left as they are: they meet only sums that nobody reads.
WINOGRAD_INLINE void spider_winograd3d_turned_input_body(spider_winograd3d_shape s, const float *x,
                                                         int64_t panel, int32_t z, int32_t first,
                                                         int32_t end, float *T, int wide) {
  (void)wide;
  int64_t plane = (int64_t)s.H * s.W, volume = plane * s.D, stride = turnedStride(s);
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

WINOGRAD_VARIANTS(spider_winograd3d_turned_input,
                  (spider_winograd3d_shape s, const float *x, int64_t panel, int32_t z,
                   int32_t first, int32_t end, float *T),
                  (s, x, panel, z, first, end, T))

WINOGRAD_INLINE void spider_winograd3d_gradient_body(spider_winograd3d_shape s, const float *dy,
                                                     int64_t panel, int32_t z, int32_t first,
                                                     int32_t end, float *D, int wide) {
  (void)wide;
  int64_t plane = (int64_t)s.H * s.W, volume = plane * s.D;
  winograd_panel p;
  winograd_find_panel(panel, s.images, s.H, s.W, volume * s.Cout, &p);
  int32_t last = 8 * end < s.Cout ? 8 * end : s.Cout;
  for (int32_t o = 8 * first; o < last; o++)
    winograd_gradient_panel(dy + o * volume + z * plane, volume * s.Cout, &p, D + PANEL * o,
                            gradientStride(s));
}

WINOGRAD_VARIANTS(spider_winograd3d_gradient,
                  (spider_winograd3d_shape s, const float *dy, int64_t panel, int32_t z,
                   int32_t first, int32_t end, float *D),
                  (s, dy, panel, z, first, end, D))

int64_t spider_winograd3d_sums(spider_winograd3d_shape s, int32_t blocks) {
  return (int64_t)ELEMENTS * blocks * inputBlocks(s) * 3 * 256;
}

WINOGRAD_INLINE void spider_winograd3d_weight_gradient_body(spider_winograd3d_shape s,
                                                            const float *T, const float *D,
                                                            int32_t planes, int32_t first,
                                                            int32_t end, float *scratch, float *dw,
                                                            int wide) {
  int32_t inputs = inputBlocks(s), outputs = end - first;
  int64_t T_stride = turnedStride(s), D_stride = gradientStride(s);
  // S[36][outputs][inputs][z][8][32]
  int64_t S_stride = (int64_t)outputs * inputs * 3 * 256;
  for (int32_t k = 0; k < ELEMENTS; k++) {
    float *sum = scratch + k * S_stride;
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
        const float *from = scratch +
                            ((int64_t)((o / 8 - first) * inputs + c / 32) * 3 + z) * 256 +
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

WINOGRAD_VARIANTS(spider_winograd3d_weight_gradient,
                  (spider_winograd3d_shape s, const float *T, const float *D, int32_t planes,
                   int32_t first, int32_t end, float *scratch, float *dw),
                  (s, T, D, planes, first, end, scratch, dw))

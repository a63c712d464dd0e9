#include "winograd.h"

#include "winograd_tile.h"

int32_t spider_winograd_level(void) {
#if defined(__x86_64__) && defined(__clang__)
  if (__builtin_cpu_supports("x86-64-v4")) return 2;
  if (__builtin_cpu_supports("x86-64-v3")) return 1;
#endif
  return 0;
}

int64_t spider_winograd_panels(spider_winograd_shape s) {
  return winograd_panel_count(s.images, s.H, s.W);
}

// ---- Weights ----------------------------------------------------------------------------------

// Nine taps from w on and seven numbers that nobody reads, if need be without reading past `end`.
WINOGRAD_INLINE v16 load_taps(const float *w, const float *end) {
  if (end - w >= 16) return load16(w);
  float taps[16] = {0};
  memcpy(taps, w, sizeof(float) * 9);
  return load16(taps);
}

// Vectors run across two input channels of eight output channels, the order they are stored in.
WINOGRAD_INLINE void spider_winograd_weights_body(const float *w, int32_t Cout, int32_t Cin,
                                                  int32_t turned, int32_t first, int32_t end,
                                                  float *U, int wide) {
  (void)wide;
  int64_t stride = (int64_t)((Cout + 7) / 8) * Cin * 8;
  int64_t out_step = turned ? 9 : (int64_t)Cin * 9, in_step = turned ? (int64_t)Cout * 9 : 9;
  const float *last = w + (int64_t)Cout * Cin * 9;
  for (int32_t block = first; block < end; block++) {
    int32_t lanes = Cout - 8 * block < 8 ? Cout - 8 * block : 8;
    for (int32_t c = 0; c < Cin; c += 2) {
      int32_t inputs = Cin - c < 2 ? Cin - c : 2;
      v16 taps[16];
      for (int32_t i = 0; i < 16; i++) {
        const float *from = w + (8 * block + i % 8) * out_step + (c + i / 8) * in_step;
        taps[i] = i % 8 < lanes && i / 8 < inputs ? load_taps(from, last) : (v16){0};
      }
      winograd_turn(taps);
      v16 rows[6][3];
      for (int32_t x = 0; x < 3; x++) {
        v16 g[3], u[6];
        for (int32_t y = 0; y < 3; y++) g[y] = taps[turned ? 8 - 3 * y - x : 3 * y + x];
        winograd_weights(g, u);
        for (int32_t e = 0; e < 6; e++) rows[e][x] = u[e];
      }
      float *to = U + ((int64_t)block * Cin + c) * 8;
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
}

WINOGRAD_VARIANTS(spider_winograd_weights,
                  (const float *w, int32_t Cout, int32_t Cin, int32_t turned, int32_t first,
                   int32_t end, float *U),
                  (w, Cout, Cin, turned, first, end, U))

// ---- One panel --------------------------------------------------------------------------------

WINOGRAD_INLINE void spider_winograd_input_body(spider_winograd_shape s, const float *x,
                                                int64_t panel, float *V, int wide) {
  (void)wide;
  int64_t plane = (int64_t)s.H * s.W, image = plane * s.Cin;
  winograd_panel p;
  winograd_find_panel(panel, s.images, s.H, s.W, image, &p);
  for (int32_t c = 0; c < s.Cin; c++)
    winograd_input_panel(x + c * plane, image, &p, V + PANEL * c, (int64_t)(s.Cin + 1) * PANEL);
}

WINOGRAD_VARIANTS(spider_winograd_input,
                  (spider_winograd_shape s, const float *x, int64_t panel, float *V),
                  (s, x, panel, V))

WINOGRAD_INLINE void spider_winograd_output_body(spider_winograd_shape s, const float *U,
                                                 const float *V, const float *bias, int64_t panel,
                                                 int32_t first, int32_t end, float *M, float *y,
                                                 int wide) {
  // So many blocks of products at once stay in the L2 cache beside the input.
  enum { GROUP = 4 };
  int64_t plane = (int64_t)s.H * s.W, image = plane * s.Cout;
  int64_t to = (int64_t)(8 * GROUP + 1) * PANEL, from = (int64_t)(s.Cin + 1) * PANEL;
  int32_t blocks = (s.Cout + 7) / 8;
  winograd_panel p;
  winograd_find_panel(panel, s.images, s.H, s.W, image, &p);
  for (int32_t group = first; group < end; group += GROUP) {
    int32_t last = group + GROUP < end ? group + GROUP : end;
    for (int32_t k = 0; k < ELEMENTS; k++) {
      for (int32_t block = group; block < last; block++) {
        const float *u = U + ((int64_t)k * blocks + block) * s.Cin * 8, *v = V + k * from;
        float *m = M + k * to + (int64_t)(block - group) * 8 * PANEL;
        winograd_multiply(&u, &v, 1, s.Cin, m, wide);
      }
    }
    int32_t channels = 8 * last < s.Cout ? 8 * last : s.Cout;
    for (int32_t o = 8 * group; o < channels; o++)
      winograd_output_panel(M + (int64_t)(o - 8 * group) * PANEL, to, bias ? bias[o] : 0, &p,
                            y + o * plane, image);
  }
}

WINOGRAD_VARIANTS(spider_winograd_output,
                  (spider_winograd_shape s, const float *U, const float *V, const float *bias,
                   int64_t panel, int32_t first, int32_t end, float *M, float *y),
                  (s, U, V, bias, panel, first, end, M, y))

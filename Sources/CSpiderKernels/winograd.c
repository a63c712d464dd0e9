#include "winograd.h"

#include "winograd_tile.h"

int64_t spider_winograd_panels(spider_winograd_shape s) {
  return winograd_panel_count(s.images, s.H, s.W);
}

// ---- Weights ----------------------------------------------------------------------------------

WINOGRAD_INLINE void spider_winograd_weights_body(const float *w, int32_t Cout, int32_t Cin,
                                                  int32_t turned, int32_t first, int32_t end,
                                                  float *U, int wide) {
  (void)wide;
  int64_t out_step = turned ? 9 : (int64_t)Cin * 9, in_step = turned ? (int64_t)Cout * 9 : 9;
  for (int32_t block = first; block < end; block++)
    winograd_weight_block(w + 8 * block * out_step, w + (int64_t)Cout * Cin * 9, out_step, in_step,
                          Cout - 8 * block < 8 ? Cout - 8 * block : 8, Cin, turned,
                          U + (int64_t)block * Cin * 8, (int64_t)((Cout + 7) / 8) * Cin * 8);
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
                                                 int32_t adding, int wide) {
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
    // Decided out here, so that the loop that overwrites stays free of it.
    for (int32_t o = 8 * group; o < channels; o++) {
      const float *m = M + (int64_t)(o - 8 * group) * PANEL;
      float b = bias ? bias[o] : 0;
      if (adding) winograd_output_panel(m, to, b, &p, y + o * plane, image, 1);
      else winograd_output_panel(m, to, b, &p, y + o * plane, image, 0);
    }
  }
}

WINOGRAD_VARIANTS(spider_winograd_output,
                  (spider_winograd_shape s, const float *U, const float *V, const float *bias,
                   int64_t panel, int32_t first, int32_t end, float *M, float *y, int32_t adding),
                  (s, U, V, bias, panel, first, end, M, y, adding))

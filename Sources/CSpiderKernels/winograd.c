#include "winograd.h"

#include "winograd_tile.h"

// Output channels, in blocks of eight, whose products are made before they are transformed back: so many
// stay in the L2 cache beside the input.
enum { GROUP = 4 };

// One transformed plane, V[36][Cin + 1][32], and the products of a group, M[36][8 GROUP + 1][32]: the
// odd row keeps the 36 elements from a stride of a power of two.
static inline int64_t plane_stride(spider_winograd_shape s) { return (int64_t)(s.Cin + 1) * PANEL; }
static inline int64_t product_stride(void) { return (8 * GROUP + 1) * PANEL; }

int64_t spider_winograd_panels(spider_winograd_shape s) {
  return winograd_panel_count(s.images, s.H, s.W);
}

int64_t spider_winograd_planes_scratch(spider_winograd_shape s) {
  return ELEMENTS * (3 * plane_stride(s) + product_stride());
}

// ---- Weights ----------------------------------------------------------------------------------

WINOGRAD_INLINE void spider_winograd_weights_body(const float *w, int32_t Cout, int32_t Cin,
                                                  int32_t taps, int32_t turned, int32_t first,
                                                  int32_t end, float *U, int wide) {
  (void)wide;
  int64_t kernel = 9 * taps, all = kernel * Cout * Cin;
  int64_t out_step = turned ? kernel : Cin * kernel, in_step = turned ? Cout * kernel : kernel;
  int64_t stride = (int64_t)((Cout + 7) / 8) * taps * Cin * 8;
  for (int32_t block = first; block < end; block++)
    for (int32_t z = 0; z < taps; z++)
      winograd_weight_block(w + 8 * block * out_step + 9 * (turned ? taps - 1 - z : z), w + all,
                            out_step, in_step, Cout - 8 * block < 8 ? Cout - 8 * block : 8, Cin,
                            turned, U + ((int64_t)block * taps + z) * Cin * 8, stride);
}

WINOGRAD_VARIANTS(spider_winograd_weights,
                  (const float *w, int32_t Cout, int32_t Cin, int32_t taps, int32_t turned,
                   int32_t first, int32_t end, float *U),
                  (w, Cout, Cin, taps, turned, first, end, U))

// ---- Images: one panel ------------------------------------------------------------------------

WINOGRAD_INLINE void spider_winograd_input_body(spider_winograd_shape s, const float *x,
                                                int64_t panel, float *V, int wide) {
  (void)wide;
  int64_t plane = (int64_t)s.H * s.W, image = plane * s.Cin;
  winograd_panel p;
  winograd_find_panel(panel, s.images, s.H, s.W, image, &p);
  for (int32_t c = 0; c < s.Cin; c++)
    winograd_input_panel(x + c * plane, image, &p, V + PANEL * c, plane_stride(s));
}

WINOGRAD_VARIANTS(spider_winograd_input,
                  (spider_winograd_shape s, const float *x, int64_t panel, float *V),
                  (s, x, panel, V))

WINOGRAD_INLINE void spider_winograd_output_body(spider_winograd_shape s, const float *U,
                                                 const float *V, const float *bias, int64_t panel,
                                                 int32_t first, int32_t end, float *M, float *y,
                                                 int32_t adding, int wide) {
  int64_t plane = (int64_t)s.H * s.W, image = plane * s.Cout;
  int64_t from = plane_stride(s), to = product_stride();
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

// ---- Volumes: planes of a panel ---------------------------------------------------------------

// Every input plane is transformed once and kept in a ring of three while the outputs above, at and
// below it are made; each product sums over the planes of the ring inside its registers.
WINOGRAD_INLINE void spider_winograd_planes_body(spider_winograd_shape s, const float *x,
                                                 const float *U, const float *bias, int64_t panel,
                                                 int32_t first, int32_t end, float *scratch,
                                                 float *y, int32_t adding, int wide) {
  int64_t plane = (int64_t)s.H * s.W, volume = plane * s.D;
  int64_t from = plane_stride(s), to = product_stride(), taps = (int64_t)s.Cin * 8;
  int32_t blocks = (s.Cout + 7) / 8;
  float *M = scratch + 3 * ELEMENTS * from;
  winograd_panel in, out;
  winograd_find_panel(panel, s.images, s.H, s.W, volume * s.Cin, &in);
  winograd_find_panel(panel, s.images, s.H, s.W, volume * s.Cout, &out);
  int32_t next = first > 0 ? first - 1 : 0;
  for (int32_t z = first; z < end; z++) {
    for (; next < s.D && next <= z + 1; next++) {
      float *V = scratch + next % 3 * ELEMENTS * from;
      for (int32_t c = 0; c < s.Cin; c++)
        winograd_input_panel(x + c * volume + next * plane, volume * s.Cin, &in, V + PANEL * c, from);
    }
    int32_t low = z > 0 ? z - 1 : 0, planes = (z + 1 < s.D ? z + 1 : z) - low + 1;
    for (int32_t group = 0; group < blocks; group += GROUP) {
      int32_t last = group + GROUP < blocks ? group + GROUP : blocks;
      for (int32_t k = 0; k < ELEMENTS; k++) {
        const float *v[3];
        for (int32_t i = 0; i < planes; i++)
          v[i] = scratch + ((low + i) % 3 * ELEMENTS + k) * from;
        for (int32_t block = group; block < last; block++) {
          const float *u[3];
          for (int32_t i = 0; i < planes; i++)
            u[i] = U + (((int64_t)k * blocks + block) * 3 + low + i - z + 1) * taps;
          winograd_multiply(u, v, planes, s.Cin, M + k * to + (int64_t)(block - group) * 8 * PANEL,
                            wide);
        }
      }
      int32_t channels = 8 * last < s.Cout ? 8 * last : s.Cout;
      for (int32_t o = 8 * group; o < channels; o++)
        winograd_output_panel(M + (int64_t)(o - 8 * group) * PANEL, to, bias ? bias[o] : 0, &out,
                              y + o * volume + z * plane, volume * s.Cout, adding);
    }
  }
}

WINOGRAD_VARIANTS(spider_winograd_planes,
                  (spider_winograd_shape s, const float *x, const float *U, const float *bias,
                   int64_t panel, int32_t first, int32_t end, float *scratch, float *y, int32_t adding),
                  (s, x, U, bias, panel, first, end, scratch, y, adding))

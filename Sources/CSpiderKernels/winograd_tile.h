#ifndef SPIDER_WINOGRAD_TILE_H
#define SPIDER_WINOGRAD_TILE_H

// The pieces of Winograd convolution F(4x4, 3x3), shared by the kernels in the plane and in space.
//
// A 3x3 convolution over a 4x4 tile of outputs is a product of polynomials, and a product of
// polynomials is a product of values at six points a direction: 36 multiplications instead of 144
// (Lavin & Gray, CVPR 2016). With the matrices B, G, A of the six points,
//
//   y = A^T [ (G w G^T) * (B^T x B) ] A,        x a tile of 6x6 inputs, * element by element.
//
// Summed over input channels, each of the 36 elements becomes a matrix product of its own.
//
// The points are 0, +-3/4, +-3/2, infinity: the same cost as the usual 0, +-1, +-2 at a third of
// the rounding error or less, and every coefficient of B and A is an exact float32.
//
// A panel is 32 tiles, taken in the order of (image, tile row, tile column); tiles of several
// images share a panel where images are small. Vectors run across the tiles of a panel:
//
//   V[k][c][32]      transformed inputs
//   U[k][o/8][c][8]  transformed weights
//   M[k][o][32]      their products
//
// with k = 6 row + column of the 36 elements. So V is the packed right-hand side of the products as
// it is written, and the products need no packing at all.
//
// All functions here are inlined into their caller and take on its instruction set: each kernel is
// compiled three times, by WINOGRAD_VARIANTS, and picks by the level of the processor.

#include <stdint.h>
#include <string.h>

// Vectors wider than the baseline's registers never cross a real call: everything is inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#define WINOGRAD_INLINE static inline __attribute__((always_inline, unused))

// Tiles of a panel, and elements of a transformed tile.
enum { PANEL = 32, ELEMENTS = 36 };

// Sixteen floats: one AVX-512 register, two of AVX2, four of SSE.
typedef float v16 __attribute__((vector_size(64)));
typedef int32_t v16i __attribute__((vector_size(64)));
typedef float v16_in_memory __attribute__((vector_size(64), aligned(4), may_alias));

WINOGRAD_INLINE v16 load16(const float *p) { return *(const v16_in_memory *)p; }
WINOGRAD_INLINE void store16(float *p, v16 v) { *(v16_in_memory *)p = v; }
WINOGRAD_INLINE v16 splat16(float x) {
  return (v16){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x};
}
WINOGRAD_INLINE v16 mask16(v16 v, v16i keep) { return (v16)((v16i)v & keep); }

// Picks lanes of two vectors: 0 ... 15 of the first, 16 ... 31 of the second.
#define shuffle16(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#define LANES_PHASES_01 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29
#define LANES_PHASES_23 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31
#define LANES_LOWER_HALVES 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define LANES_UPPER_HALVES 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define LANES_ZIP_LOWER 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define LANES_ZIP_UPPER 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#define LANES_ZIP_PAIRS_LOWER 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23
#define LANES_ZIP_PAIRS_UPPER 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31
// All lanes one up or one down, the gap filled from the other vector.
#define LANES_FROM_BELOW 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
#define LANES_FROM_ABOVE 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16

// ---- Dispatch ---------------------------------------------------------------------------------

// WINOGRAD_VARIANTS(name, (parameters), (arguments)) defines `name` with the parameters and a last
// one, `int32_t level`: 2 for AVX-512, 1 for AVX2, 0 for the baseline. It calls the inlined
// `name_body` with the arguments and a last one, the constant 1 where 32 wide registers make
// products of 8 x 32 numbers possible, else 0.
#if defined(__x86_64__) && defined(__clang__)
#define WINOGRAD_VARIANTS(name, parameters, arguments)                                             \
  __attribute__((target("arch=x86-64-v4"), min_vector_width(512))) static void name##_v4           \
      WINOGRAD_UNPACK parameters) { name##_body WINOGRAD_UNPACK arguments, 1); }                   \
  __attribute__((target("arch=x86-64-v3"))) static void name##_v3                                  \
      WINOGRAD_UNPACK parameters) { name##_body WINOGRAD_UNPACK arguments, 0); }                   \
  static void name##_v1 WINOGRAD_UNPACK parameters) {                                              \
    name##_body WINOGRAD_UNPACK arguments, 0);                                                     \
  }                                                                                                \
  void name WINOGRAD_UNPACK parameters, int32_t level) {                                           \
    if (level >= 2) name##_v4 WINOGRAD_UNPACK arguments);                                          \
    else if (level == 1) name##_v3 WINOGRAD_UNPACK arguments);                                     \
    else name##_v1 WINOGRAD_UNPACK arguments);                                                     \
  }
#else
#define WINOGRAD_VARIANTS(name, parameters, arguments)                                             \
  void name WINOGRAD_UNPACK parameters, int32_t level) {                                           \
    (void)level;                                                                                   \
    name##_body WINOGRAD_UNPACK arguments, 0);                                                     \
  }
#endif
// Opens a parenthesised list without closing it, so that one more entry can follow.
#define WINOGRAD_UNPACK(...) (__VA_ARGS__

// ---- Sixteen by sixteen ------------------------------------------------------------------------

// Turns 16 x 16 numbers about their diagonal: four rounds of a perfect shuffle, which takes rows i
// and i + 8 into rows 2i and 2i + 1.
WINOGRAD_INLINE void winograd_turn(v16 r[16]) {
  v16 t[16];
#pragma clang loop unroll(full)
  for (int32_t round = 0; round < 4; round++) {
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < 8; i++) {
      t[2 * i] = shuffle16(r[i], r[i + 8], LANES_ZIP_LOWER);
      t[2 * i + 1] = shuffle16(r[i], r[i + 8], LANES_ZIP_UPPER);
    }
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < 16; i++) r[i] = t[i];
  }
}

// ---- The transforms of one direction ----------------------------------------------------------

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

// ---- Panels -----------------------------------------------------------------------------------

// Tiles side by side in one row of tiles: lanes lane ... lane + tiles - 1 of the panel, whose first
// output pixel is (y, x) of image `image`.
typedef struct {
  int32_t lane, tiles, image, y, x;
} winograd_run;

// Where the 32 tiles of a panel lie. Offsets are into one channel's planes, -1 for outside.
typedef struct {
  int32_t H, W;
  int32_t runs;
  // Whether every four tiles from a multiple of four on are sixteen pixels in a row: W % 16 == 0.
  // Then rows are read and written in place, else through a copy.
  int32_t direct;
  winograd_run run[PANEL];
  int64_t start[8][6];  // direct: sixteen pixels under tiles 4q ... 4q + 3, rows y - 1 ... y + 4
  int64_t left[6], right[6];  // the pixels beside the first and the last lane, same rows
  v16i keep_left[2], keep_right[2];  // 0 where the neighbour lane is no neighbour tile, else -1
} winograd_panel;

// How many tiles cover `images` planes of H x W, and how many panels.
WINOGRAD_INLINE int64_t winograd_tile_count(int32_t images, int32_t H, int32_t W) {
  return (int64_t)images * ((H + 3) / 4) * ((W + 3) / 4);
}
WINOGRAD_INLINE int64_t winograd_panel_count(int32_t images, int32_t H, int32_t W) {
  return (winograd_tile_count(images, H, W) + PANEL - 1) / PANEL;
}

// Finds the tiles of panel `index` of `images` planes of H x W. The plane of a channel in the next
// image lies `image_stride` floats on.
WINOGRAD_INLINE void winograd_find_panel(int64_t index, int32_t images, int32_t H, int32_t W,
                                         int64_t image_stride, winograd_panel *p) {
  int32_t columns = (W + 3) / 4, rows = (H + 3) / 4;
  int64_t first = index * PANEL, tiles = winograd_tile_count(images, H, W);
  int32_t lanes = tiles - first < PANEL ? (int32_t)(tiles - first) : PANEL;
  p->H = H;
  p->W = W;
  p->runs = 0;
  p->direct = W % 16 == 0;
  int32_t keep_left[PANEL], keep_right[PANEL];
  for (int32_t lane = 0; lane < PANEL; lane++) keep_left[lane] = keep_right[lane] = -1;
  for (int32_t lane = 0; lane < lanes;) {
    int64_t tile = first + lane;
    int32_t column = (int32_t)(tile % columns), count = columns - column;
    if (count > lanes - lane) count = lanes - lane;
    int64_t row = tile / columns;
    p->run[p->runs++] = (winograd_run){lane, count, (int32_t)(row / rows),
                                       (int32_t)(row % rows) * 4, column * 4};
    if (column == 0) keep_left[lane] = 0;
    if (column + count == columns) keep_right[lane + count - 1] = 0;
    lane += count;
  }
  memcpy(p->keep_left, keep_left, sizeof keep_left);
  memcpy(p->keep_right, keep_right, sizeof keep_right);
  for (int32_t q = 0; q < 8; q++)
    for (int32_t e = 0; e < 6; e++) p->start[q][e] = -1;
  for (int32_t i = 0; i < p->runs; i++) {
    winograd_run run = p->run[i];
    int32_t last = i == p->runs - 1 && run.lane + run.tiles == PANEL;
    for (int32_t e = 0; e < 6; e++) {
      int32_t y = run.y + e - 1, inside = y >= 0 && y < H;
      int64_t at = run.image * image_stride + (int64_t)y * W + run.x;
      if (i == 0) p->left[e] = inside && run.x > 0 ? at - 1 : -1;
      if (i == p->runs - 1)
        p->right[e] = inside && last && run.x + 4 * run.tiles < W ? at + 4 * run.tiles : -1;
      for (int32_t t = 0; p->direct && inside && t < run.tiles; t += 4)
        p->start[(run.lane + t) / 4][e] = at + 4 * t;
    }
  }
}

// Copies `count` rows of a channel's planes under the panel, from `above` rows over the tiles on,
// into stage[row][4 * PANEL], zero outside.
WINOGRAD_INLINE void winograd_stage_rows(const float *x, int64_t image_stride,
                                         const winograd_panel *p, int32_t above, int32_t count,
                                         float *stage) {
  memset(stage, 0, sizeof(float) * 4 * PANEL * count);
  for (int32_t i = 0; i < p->runs; i++) {
    winograd_run run = p->run[i];
    int32_t width = p->W - run.x < 4 * run.tiles ? p->W - run.x : 4 * run.tiles;
    for (int32_t e = 0; e < count; e++) {
      int32_t y = run.y + e - above;
      if (y < 0 || y >= p->H) continue;
      memcpy(stage + 4 * (PANEL * e + run.lane),
             x + run.image * image_stride + (int64_t)y * p->W + run.x, sizeof(float) * width);
    }
  }
}

// Fetches the same pixels of the next channel. A panel touches few pixels of each plane, too few
// for the processor to see the pattern: without this the input transform takes twice as long.
WINOGRAD_INLINE void winograd_prefetch_next(const float *pixels, const winograd_panel *p) {
  __builtin_prefetch((const void *)((uintptr_t)pixels + 4 * (uintptr_t)p->H * (uintptr_t)p->W));
}

// Sixteen tiles' pixels, four a tile in a row, to four vectors across tiles.
WINOGRAD_INLINE void winograd_split(const v16 q[4], v16 phase[4]) {
  v16 a = shuffle16(q[0], q[1], LANES_PHASES_01);
  v16 b = shuffle16(q[2], q[3], LANES_PHASES_01);
  v16 c = shuffle16(q[0], q[1], LANES_PHASES_23);
  v16 d = shuffle16(q[2], q[3], LANES_PHASES_23);
  phase[0] = shuffle16(a, b, LANES_LOWER_HALVES);
  phase[1] = shuffle16(a, b, LANES_UPPER_HALVES);
  phase[2] = shuffle16(c, d, LANES_LOWER_HALVES);
  phase[3] = shuffle16(c, d, LANES_UPPER_HALVES);
}

// Its inverse: four vectors across sixteen tiles to their pixels in rows.
WINOGRAD_INLINE void winograd_join(const v16 phase[4], v16 q[4]) {
  v16 a = shuffle16(phase[0], phase[1], LANES_ZIP_LOWER);
  v16 b = shuffle16(phase[2], phase[3], LANES_ZIP_LOWER);
  v16 c = shuffle16(phase[0], phase[1], LANES_ZIP_UPPER);
  v16 d = shuffle16(phase[2], phase[3], LANES_ZIP_UPPER);
  q[0] = shuffle16(a, b, LANES_ZIP_PAIRS_LOWER);
  q[1] = shuffle16(a, b, LANES_ZIP_PAIRS_UPPER);
  q[2] = shuffle16(c, d, LANES_ZIP_PAIRS_LOWER);
  q[3] = shuffle16(c, d, LANES_ZIP_PAIRS_UPPER);
}

// ---- Transforms of a panel --------------------------------------------------------------------

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

// A^T m A of one channel: reads 32 numbers at M[k * stride] and writes the pixels of the panel's
// tiles, plus `bias`, into the channel's planes; y is its plane in the first image.
WINOGRAD_INLINE void winograd_output_panel(const float *M, int64_t stride, float bias,
                                           const winograd_panel *p, float *y,
                                           int64_t image_stride) {
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
        store16(to, pixels[q] + bias);
      }
    }
  }
  if (p->direct) return;
  for (int32_t i = 0; i < p->runs; i++) {
    winograd_run run = p->run[i];
    int32_t width = p->W - run.x < 4 * run.tiles ? p->W - run.x : 4 * run.tiles;
    for (int32_t e = 0; e < 4 && run.y + e < p->H; e++)
      memcpy(y + run.image * image_stride + (int64_t)(run.y + e) * p->W + run.x,
             stage + 4 * (PANEL * e + run.lane), sizeof(float) * width);
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

// ---- Products ---------------------------------------------------------------------------------

// M[8][32] = the sum over s < segments and c < C of U[s][c][8]^T V[s][c][32]. More than one segment
// serves convolutions whose third direction is summed directly.
//
// Wide: sixteen accumulators of 512 bits. Else four times 4 x 16, eight of 256 bits each.
WINOGRAD_INLINE void winograd_multiply(const float *const *U, const float *const *V,
                                       int32_t segments, int32_t C, float *M, int wide) {
  if (wide) {
    v16 sum[8][2] = {{{0}}};
    for (int32_t s = 0; s < segments; s++) {
      const float *u = U[s], *v = V[s];
      for (int32_t c = 0; c < C; c++, u += 8, v += PANEL) {
        v16 v0 = load16(v), v1 = load16(v + 16);
#pragma clang loop unroll(full)
        for (int32_t o = 0; o < 8; o++) {
          v16 w = splat16(u[o]);
          sum[o][0] += w * v0;
          sum[o][1] += w * v1;
        }
      }
    }
#pragma clang loop unroll(full)
    for (int32_t o = 0; o < 8; o++) {
      store16(M + PANEL * o, sum[o][0]);
      store16(M + PANEL * o + 16, sum[o][1]);
    }
    return;
  }
#pragma clang loop unroll(disable)
  for (int32_t part = 0; part < 4; part++) {
    int32_t row = part / 2 * 4, column = part % 2 * 16;
    v16 sum[4] = {{0}};
    for (int32_t s = 0; s < segments; s++) {
      const float *u = U[s] + row, *v = V[s] + column;
      for (int32_t c = 0; c < C; c++, u += 8, v += PANEL) {
        v16 v0 = load16(v);
#pragma clang loop unroll(full)
        for (int32_t o = 0; o < 4; o++) sum[o] += splat16(u[o]) * v0;
      }
    }
#pragma clang loop unroll(full)
    for (int32_t o = 0; o < 4; o++) store16(M + PANEL * (row + o) + column, sum[o]);
  }
}

// Turns a block of 32 x 32 numbers about its diagonal, in place.
WINOGRAD_INLINE void winograd_turn_block(float *block) {
  float copy[32 * 32];
  memcpy(copy, block, sizeof copy);
#pragma clang loop unroll(disable)
  for (int32_t part = 0; part < 4; part++) {
    int32_t row = part / 2 * 16, column = part % 2 * 16;
    v16 r[16];
    for (int32_t i = 0; i < 16; i++) r[i] = load16(copy + 32 * (row + i) + column);
    winograd_turn(r);
    for (int32_t i = 0; i < 16; i++) store16(block + 32 * (column + i) + row, r[i]);
  }
}

// S[8][32] += (or = without `add`) the sum over the tiles t of D[8][t] T[t][32]: D as the
// gradients' transform writes it, T a block of V turned. `panels` panels of 32 tiles, at strides.
WINOGRAD_INLINE void winograd_multiply_gradients(const float *D, int64_t D_stride, const float *T,
                                                 int64_t T_stride, int64_t panels, int32_t add,
                                                 float *S, int wide) {
  int32_t rows = wide ? 8 : 4, vectors = wide ? 2 : 1;
#pragma clang loop unroll(disable)
  for (int32_t part = 0; part < (wide ? 1 : 4); part++) {
    int32_t row = part / 2 * 4, column = part % 2 * 16;
    float *sums = S + 32 * row + column;
    v16 sum[8][2];
#pragma clang loop unroll(full)
    for (int32_t o = 0; o < rows; o++)
      for (int32_t i = 0; i < vectors; i++)
        sum[o][i] = add ? load16(sums + 32 * o + 16 * i) : (v16){0};
    for (int64_t panel = 0; panel < panels; panel++) {
      const float *d = D + panel * D_stride + PANEL * row, *v = T + panel * T_stride + column;
      for (int32_t t = 0; t < PANEL; t++, d++, v += 32) {
        v16 v0 = load16(v), v1 = wide ? load16(v + 16) : v0;
#pragma clang loop unroll(full)
        for (int32_t o = 0; o < rows; o++) {
          v16 w = splat16(d[PANEL * o]);
          sum[o][0] += w * v0;
          if (wide) sum[o][1] += w * v1;
        }
      }
    }
#pragma clang loop unroll(full)
    for (int32_t o = 0; o < rows; o++)
      for (int32_t i = 0; i < vectors; i++) store16(sums + 32 * o + 16 * i, sum[o][i]);
  }
}

#endif

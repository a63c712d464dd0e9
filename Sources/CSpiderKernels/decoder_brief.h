// Layers whose numbers are rounded to bfloat16 (8 bits of mantissa) before they are multiplied; sums are single
// precision. One instruction of AVX512-BF16 multiplies and adds two inputs where a fused multiply-add has one.
// Weights lie as decoder_plan.h says; a point's inputs are pairs of 32 bits, the first in the lower half.

#include <immintrin.h>

#define BRIEF_TARGET                                                                                \
  __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx512cd,avx512bf16,fma,bmi,bmi2,f16c," \
                        "lzcnt,movbe")))

// The numbers of a block's points, rounded; rows of both are `ld` numbers apart, of which the first
// `width`, a multiple of 8, count.
BRIEF_TARGET static void brief_round(const float *x, int64_t ld, int32_t points, int32_t width,
                                     uint16_t *to) {
  for (int32_t p = 0; p < points; p++, x += ld, to += ld) {
    int32_t n = 0;
    for (; n + 16 <= width; n += 16)
      _mm256_storeu_si256((__m256i *)(to + n), (__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(x + n)));
    for (; n < width; n += 8)
      _mm_storeu_si128((__m128i *)(to + n), (__m128i)_mm256_cvtneps_pbh(_mm256_loadu_ps(x + n)));
  }
}

// A tile of the micro-kernel: `rows` points times `vectors` vectors of 16 outputs, which go into `out`, or
// rounded into `next` where there is one.
BRIEF_TARGET __attribute__((always_inline)) static inline void brief_tile(
    const int rows, const int vectors, const uint16_t *x, int64_t ldx, const uint16_t *w,
    int32_t pairs, const float *bias, int32_t relu, float *out, uint16_t *next, int64_t ldo) {
  __m512 sum[ROWS512][2];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) sum[r][v] = _mm512_loadu_ps(bias + 16 * v);
  for (int32_t k = 0; k < pairs; k++, w += 32 * vectors) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      int32_t pair;
      __builtin_memcpy(&pair, x + r * ldx + 2 * k, sizeof pair);
      __m512bh a = (__m512bh)_mm512_set1_epi32(pair);
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++)
        sum[r][v] = _mm512_dpbf16_ps(sum[r][v], a, (__m512bh)_mm512_loadu_si512(w + 32 * v));
    }
  }
  const __m512 zero = _mm512_setzero_ps();
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      __m512 s = sum[r][v];
      if (relu) s = _mm512_max_ps(zero, s);  // NaN passes through: it is the second operand
      if (next)
        _mm256_storeu_si256((__m256i *)(next + r * ldo + 16 * v), (__m256i)_mm512_cvtneps_pbh(s));
      else
        _mm512_storeu_ps(out + r * ldo + 16 * v, s);
    }
}

// A panel of a layer's outputs for all points of a block.
#define BRIEF_PANEL(NAME, VECTORS)                                                                 \
  BRIEF_TARGET static void NAME(const uint16_t *x, int64_t ldx, int32_t points, const uint16_t *w, \
                                int32_t pairs, const float *bias, int32_t relu, float *out,        \
                                uint16_t *next, int64_t ldo) {                                     \
    for (int32_t p = 0, rows; p < points; p += rows) {                                             \
      const uint16_t *from = x + p * ldx;                                                          \
      float *to = next ? 0 : out + p * ldo;                                                        \
      uint16_t *brief = next ? next + p * ldo : 0;                                                 \
      rows = points - p >= ROWS512 ? ROWS512 : points - p >= 4 ? 4 : 1;                            \
      if (rows == ROWS512)                                                                         \
        brief_tile(ROWS512, VECTORS, from, ldx, w, pairs, bias, relu, to, brief, ldo);             \
      else if (rows == 4)                                                                          \
        brief_tile(4, VECTORS, from, ldx, w, pairs, bias, relu, to, brief, ldo);                   \
      else                                                                                         \
        brief_tile(1, VECTORS, from, ldx, w, pairs, bias, relu, to, brief, ldo);                   \
    }                                                                                              \
  }
BRIEF_PANEL(brief_panel2, 2)
BRIEF_PANEL(brief_panel1, 1)
#undef BRIEF_PANEL

// So many brief layers one behind the other on a block: the first reads x, the last writes `out`, and between
// them numbers stay rounded, in `one` and `other` by turns.
BRIEF_TARGET static void brief_layers(const decoder_layer *l, int32_t count, const float *x, int64_t ldx,
                                      int32_t points, uint16_t *one, uint16_t *other, float *out) {
  brief_round(x, ldx, points, (l->K + 7) / 8 * 8, one);
  for (int32_t n = 0; n < count; n++, l++) {
    const int32_t pairs = (l->K + 1) / 2;
    const uint16_t *w = l->brief;
    uint16_t *next = n + 1 < count ? other : 0;
    for (int32_t o = 0, width; o < l->padded; o += width, w += (int64_t)2 * pairs * width) {
      width = l->padded - o >= 32 ? 32 : 16;
      (width == 32 ? brief_panel2 : brief_panel1)(one, ldx, points, w, pairs, l->bias + o, l->relu, out + o,
                                                  next ? next + o : 0, l->padded);
    }
    ldx = l->padded;
    other = one;
    one = next;
  }
}

// What a decoder does in another way where the processor multiplies numbers of 16 bits. The plain ways beside them are those of
// decoder_variant.h.
//
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

// sum_rows with the decoder's ReLU, rounded as brief_round would: where a brief layer takes what is summed, and nothing else
// does, it need not be written in single precision and read again.
#define BRIEF_ROWS(VECTORS)                                                                       \
  for (; n + 16 * VECTORS <= width; n += 16 * VECTORS) {                                          \
    __m512 sum[VECTORS];                                                                          \
    for (int v = 0; v < VECTORS; v++) sum[v] = _mm512_loadu_ps(start + n + 16 * v);               \
    for (int32_t s = 0; s < sources; s++) {                                                       \
      const __m512 w = _mm512_set1_ps(weight[s]);                                                 \
      const float *from = row[s] + n;                                                             \
      for (int v = 0; v < VECTORS; v++)                                                           \
        sum[v] = _mm512_fmadd_ps(w, _mm512_loadu_ps(from + 16 * v), sum[v]);                      \
    }                                                                                             \
    for (int v = 0; v < VECTORS; v++) { /* NaN passes through: it is the second operand */        \
      const __m512 s = _mm512_max_ps(_mm512_setzero_ps(), sum[v]);                                \
      _mm256_storeu_si256((__m256i *)(to + n + 16 * v), (__m256i)_mm512_cvtneps_pbh(s));          \
    }                                                                                             \
  }

BRIEF_TARGET static void brief_rows(int32_t width, const float *start, int32_t sources, const float *weight,
                                    const float *const *row, uint16_t *to) {
  int32_t n = 0;
  BRIEF_ROWS(8)
  BRIEF_ROWS(1)
  if (n == width) return;
  __m256 sum = _mm256_loadu_ps(start + n);  // 8 are left
  for (int32_t s = 0; s < sources; s++)
    sum = _mm256_fmadd_ps(_mm256_set1_ps(weight[s]), _mm256_loadu_ps(row[s] + n), sum);
  sum = _mm256_max_ps(_mm256_setzero_ps(), sum);
  _mm_storeu_si128((__m128i *)(to + n), (__m128i)_mm256_cvtneps_pbh(sum));
}
#undef BRIEF_ROWS

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

// Heads of 8 outputs, in single precision: a vector holds the outputs' sums of the inputs with even and with odd numbers
// beside each other, so that it is filled, and one load brings two inputs of a point.
BRIEF_TARGET __attribute__((always_inline)) static inline void brief_heads_tile(
    const int rows, const float *x, int64_t ldx, const float *w, int32_t pairs, __m256 bias, float *out) {
  __m512 sum[ROWS512];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) sum[r] = _mm512_setzero_ps();
  for (int32_t k = 0; k < pairs; k++) {
    const __m512 weights = _mm512_loadu_ps(w + 16 * k);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      int64_t pair;
      __builtin_memcpy(&pair, x + r * ldx + 2 * k, sizeof pair);
      sum[r] = _mm512_fmadd_ps((__m512)_mm512_set1_epi64(pair), weights, sum[r]);
    }
  }
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    const __m512 apart = _mm512_permutexvar_ps(even, sum[r]);
    _mm256_storeu_ps(out + 8 * r, _mm256_add_ps(bias, _mm256_add_ps(_mm512_castps512_ps256(apart),
                                                                    _mm512_extractf32x8_ps(apart, 1))));
  }
}

BRIEF_TARGET static void brief_heads(const decoder_layer *l, const float *x, int64_t ldx, int32_t points,
                                     float *out) {
  const __m256 bias = _mm256_loadu_ps(l->bias);
  int32_t p = 0;
  for (; p + ROWS512 <= points; p += ROWS512)
    brief_heads_tile(ROWS512, x + p * ldx, ldx, l->paired, l->K / 2, bias, out + 8 * p);
  for (; p + 4 <= points; p += 4)
    brief_heads_tile(4, x + p * ldx, ldx, l->paired, l->K / 2, bias, out + 8 * p);
  for (; p < points; p++) brief_heads_tile(1, x + p * ldx, ldx, l->paired, l->K / 2, bias, out + 8 * p);
}

// So many brief layers one behind the other on a block: the first reads x, or, where x is 0, what lies rounded in `one`; the
// last writes `out`, and between them numbers stay rounded, in `one` and `other` by turns.
BRIEF_TARGET static void brief_layers(const decoder_layer *l, int32_t count, const float *x, int64_t ldx,
                                      int32_t points, uint16_t *one, uint16_t *other, float *out) {
  if (x) brief_round(x, ldx, points, (l->K + 7) / 8 * 8, one);
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

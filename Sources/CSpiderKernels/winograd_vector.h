#ifndef SPIDER_WINOGRAD_VECTOR_H
#define SPIDER_WINOGRAD_VECTOR_H

// The vectors of Winograd convolution, the moves between their lanes, and the dispatch of its kernels.

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

#endif

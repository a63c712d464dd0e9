#include "clones.h"
#include "elements.h"
#include "winograd_vector.h"

enum { TILE = 16 };

// y[t] = scale x[t * step], added to what is there when `accumulate`; `to` numbers apart in y.
static inline __attribute__((always_inline)) void copyLine(const float *x, int64_t step, int64_t count,
                                                           float scale, int32_t accumulate, float *y,
                                                           int64_t to) {
  for (int64_t i = 0; i < count; i++) {
    float v = scale * x[i * step];
    y[i * to] = accumulate ? y[i * to] + v : v;
  }
}

// Sixteen lines of x, `step` apart, to sixteen lines of y, `to` apart, that run across them.
WINOGRAD_INLINE void turnTile(const float *x, int64_t step, float scale, int32_t accumulate, float *y,
                              int64_t to) {
  v16 r[TILE];
  for (int32_t i = 0; i < TILE; i++) r[i] = load16(x + i * step);
  winograd_turn(r);
  for (int32_t i = 0; i < TILE; i++) {
    v16 v = splat16(scale) * r[i];
    store16(y + i * to, accumulate ? load16(y + i * to) + v : v);
  }
}

CLONES void spider_rearrange(const float *restrict x, int64_t A, int64_t B, int64_t C, int64_t sa,
                             int64_t sb, int64_t sc, float scale, int32_t accumulate,
                             float *restrict y) {
  if (sc == 1 || (sa != 1 && sb != 1)) {
    for (int64_t a = 0; a < A; a++)
      for (int64_t b = 0; b < B; b++) {
        const float *from = x + (a * B + b) * C;
        float *to = y + a * sa + b * sb;
        // A step that is known to be one can be made with vectors.
        if (sc == 1) copyLine(from, 1, C, scale, accumulate, to, 1);
        else copyLine(from, 1, C, scale, accumulate, to, sc);
      }
    return;
  }
  // The axis t of x that is contiguous in y, and the third, u. Tiles of 16 x 16 are whole cache lines on either side.
  int64_t T = sa == 1 ? A : B, U = sa == 1 ? B : A, su = sa == 1 ? sb : sa;
  int64_t xt = sa == 1 ? B * C : C, xu = sa == 1 ? C : B * C;
  for (int64_t u = 0; u < U; u++)
    for (int64_t t = 0; t < T; t += TILE)
      for (int64_t c = 0; c < C; c += TILE) {
        const float *from = x + u * xu + t * xt + c;
        float *to = y + u * su + c * sc + t;
        if (t + TILE <= T && c + TILE <= C) {
          turnTile(from, xt, scale, accumulate, to, sc);
          continue;
        }
        int64_t width = T - t < TILE ? T - t : TILE, lines = C - c < TILE ? C - c : TILE;
        for (int64_t i = 0; i < lines; i++)
          copyLine(from + i, xt, width, scale, accumulate, to + i * sc, 1);
      }
}

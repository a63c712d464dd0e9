#include "columns.h"

#include <string.h>

#include "clones.h"

// Part of one row of windows: output positions x ... x + width - 1 of the row (z, y).
typedef struct {
  int32_t z, y, x, width;
} run;

static inline run firstRun(const spider_windows *s, int64_t first, int64_t count) {
  int64_t row = first / s->output[2];
  run r;
  r.x = (int32_t)(first % s->output[2]);
  r.y = (int32_t)(row % s->output[1]);
  r.z = (int32_t)(row / s->output[1]);
  r.width = (int32_t)(count < s->output[2] - r.x ? count : s->output[2] - r.x);
  return r;
}

static inline run nextRun(const spider_windows *s, run r, int64_t left) {
  r.x = 0;
  r.width = (int32_t)(left < s->output[2] ? left : s->output[2]);
  if (++r.y == s->output[1]) {
    r.y = 0;
    r.z++;
  }
  return r;
}

// Output positions low ... high - 1 along x: those whose tap lies inside a row of the volume.
typedef struct {
  int32_t low, high;
} span;

static inline span spanOfTap(const spider_windows *s, int32_t kx) {
  int32_t stride = s->stride[2], start = kx - s->padding[2];
  span a;
  a.low = start < 0 ? (-start + stride - 1) / stride : 0;
  a.high = start > s->size[2] - 1 ? 0 : (s->size[2] - 1 - start) / stride + 1;
  return a;
}

// The part of a span that lies in a run, counted from the run's start; empty spans lie in order too.
static inline span clip(span a, run r) {
  a.low = a.low - r.x < 0 ? 0 : a.low - r.x > r.width ? r.width : a.low - r.x;
  a.high = a.high - r.x > r.width ? r.width : a.high - r.x;
  if (a.high < a.low) a.high = a.low;
  return a;
}

// The same for a run that is a whole row: worked out once a tap, because most runs are.
static inline span wholeRow(const spider_windows *s, span a) {
  return clip(a, (run){0, 0, 0, s->output[2]});
}

// Where the row of the volume under tap (kz, ky) of a run starts, or -1 outside the planes low ...
// high - 1.
static inline int64_t rowUnder(const spider_windows *s, run r, int32_t kz, int32_t ky, int32_t low,
                               int32_t high) {
  int32_t z = r.z * s->stride[0] + kz - s->padding[0];
  int32_t y = r.y * s->stride[1] + ky - s->padding[1];
  if (z < low || z >= high || y < 0 || y >= s->size[1]) return -1;
  return ((int64_t)z * s->size[1] + y) * s->size[2];
}

CLONES void spider_vol2col(const float *volume, int32_t C, const spider_windows *s, int64_t first,
                           int64_t count, float *col) {
  int64_t plane = (int64_t)s->size[0] * s->size[1] * s->size[2];
  int32_t stride = s->stride[2];
  run start = firstRun(s, first, count);
  for (int32_t c = 0; c < C; c++, volume += plane) {
    for (int32_t kz = 0; kz < s->kernel[0]; kz++) {
      for (int32_t ky = 0; ky < s->kernel[1]; ky++) {
        for (int32_t kx = 0; kx < s->kernel[2]; kx++) {
          span tap = spanOfTap(s, kx), whole = wholeRow(s, tap);
          run r = start;
          for (int64_t done = 0; done < count;) {
            int64_t row = rowUnder(s, r, kz, ky, 0, s->size[0]);
            span in = row < 0 ? (span){0, 0} : r.width == s->output[2] ? whole : clip(tap, r);
            for (int32_t x = 0; x < in.low; x++) col[x] = 0;
            const float *under = volume + row + (int64_t)r.x * stride + kx - s->padding[2];
            if (stride == 1) {
              memcpy(col + in.low, under + in.low, sizeof(float) * (size_t)(in.high - in.low));
            } else if (stride == 2) {
              for (int32_t x = in.low; x < in.high; x++) col[x] = under[2 * x];
            } else {
              for (int32_t x = in.low; x < in.high; x++) col[x] = under[(int64_t)x * stride];
            }
            for (int32_t x = in.high; x < r.width; x++) col[x] = 0;
            col += r.width;
            done += r.width;
            r = nextRun(s, r, count - done);
          }
        }
      }
    }
  }
}

// Adds two neighbouring taps at a stride of 2 onto a row: between them they leave no gaps, which
// vectors can.
static inline __attribute__((always_inline)) void addPair(float *restrict row,
                                                          const float *restrict even, span a,
                                                          const float *restrict odd, span b) {
  int32_t low = a.low > b.low ? a.low : b.low, high = a.high < b.high ? a.high : b.high;
  if (high < low) high = low;
  for (int32_t x = a.low; x < a.high && x < low; x++) row[2 * x] += even[x];
  for (int32_t x = b.low; x < b.high && x < low; x++) row[2 * x + 1] += odd[x];
  for (int32_t x = low; x < high; x++) {
    row[2 * x] += even[x];
    row[2 * x + 1] += odd[x];
  }
  for (int32_t x = a.low > high ? a.low : high; x < a.high; x++) row[2 * x] += even[x];
  for (int32_t x = b.low > high ? b.low : high; x < b.high; x++) row[2 * x + 1] += odd[x];
}

CLONES void spider_col2vol_add(const float *col, int32_t C, const spider_windows *s, int64_t first,
                               int64_t count, int32_t low, int32_t high, float *volume) {
  int64_t plane = (int64_t)s->size[0] * s->size[1] * s->size[2];
  int32_t stride = s->stride[2], taps = s->kernel[2];
  run start = firstRun(s, first, count);
  for (int32_t c = 0; c < C; c++, volume += plane) {
    for (int32_t kz = 0; kz < s->kernel[0]; kz++) {
      for (int32_t ky = 0; ky < s->kernel[1]; ky++, col += taps * count) {
        for (int32_t kx = 0; kx < taps;) {
          int32_t pair = stride == 2 && kx + 1 < taps;
          span tap = spanOfTap(s, kx), next = spanOfTap(s, kx + 1);
          span whole = wholeRow(s, tap), wholeNext = wholeRow(s, next);
          const float *restrict from = col + kx * count;
          run r = start;
          for (int64_t done = 0; done < count;) {
            int64_t row = rowUnder(s, r, kz, ky, low, high);
            if (row >= 0) {
              float *restrict to = volume + row + (int64_t)r.x * stride + kx - s->padding[2];
              int32_t isWhole = r.width == s->output[2];
              span in = isWhole ? whole : clip(tap, r);
              if (pair) {
                addPair(to, from, in, from + count, isWhole ? wholeNext : clip(next, r));
              } else if (stride == 1) {
                for (int32_t x = in.low; x < in.high; x++) to[x] += from[x];
              } else {
                for (int32_t x = in.low; x < in.high; x++) to[(int64_t)x * stride] += from[x];
              }
            }
            from += r.width;
            done += r.width;
            r = nextRun(s, r, count - done);
          }
          kx += 1 + pair;
        }
      }
    }
  }
}

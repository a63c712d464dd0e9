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

// The part [*from, *to) of a run whose tap kx lies inside a row of W numbers, counted from r.x.
static inline void inside(const spider_windows *s, run r, int32_t kx, int32_t *from, int32_t *to) {
  int32_t stride = s->stride[2], start = kx - s->padding[2];
  int32_t low = start < 0 ? (-start + stride - 1) / stride : 0;
  int32_t high = start > s->size[2] - 1 ? 0 : (s->size[2] - 1 - start) / stride + 1;
  low -= r.x;
  high -= r.x;
  if (low < 0) low = 0;
  if (low > r.width) low = r.width;
  if (high > r.width) high = r.width;
  if (high < low) high = low;
  *from = low;
  *to = high;
}

// Where the row of the volume under tap (kz, ky) of a run starts, or -1 outside.
static inline int64_t rowUnder(const spider_windows *s, run r, int32_t kz, int32_t ky) {
  int32_t z = r.z * s->stride[0] + kz - s->padding[0];
  int32_t y = r.y * s->stride[1] + ky - s->padding[1];
  if (z < 0 || z >= s->size[0] || y < 0 || y >= s->size[1]) return -1;
  return ((int64_t)z * s->size[1] + y) * s->size[2];
}

CLONES void spider_vol2col(const float *volume, int32_t C, const spider_windows *s, int64_t first,
                           int64_t count, float *col) {
  int64_t plane = (int64_t)s->size[0] * s->size[1] * s->size[2];
  int32_t stride = s->stride[2];
  for (int32_t c = 0; c < C; c++, volume += plane) {
    for (int32_t kz = 0; kz < s->kernel[0]; kz++) {
      for (int32_t ky = 0; ky < s->kernel[1]; ky++) {
        for (int32_t kx = 0; kx < s->kernel[2]; kx++) {
          run r = firstRun(s, first, count);
          for (int64_t done = 0; done < count;) {
            int64_t row = rowUnder(s, r, kz, ky);
            int32_t from = 0, to = 0;
            if (row >= 0) inside(s, r, kx, &from, &to);
            for (int32_t x = 0; x < from; x++) col[x] = 0;
            if (from < to) {
              const float *under =
                volume + row + (int64_t)(r.x + from) * stride + kx - s->padding[2];
              float *restrict out = col + from;
              int32_t width = to - from;
              if (stride == 1) {
                memcpy(out, under, sizeof(float) * (size_t)width);
              } else if (stride == 2) {
                for (int32_t x = 0; x < width; x++) out[x] = under[2 * x];
              } else {
                for (int32_t x = 0; x < width; x++) out[x] = under[(int64_t)x * stride];
              }
            }
            for (int32_t x = to; x < r.width; x++) col[x] = 0;
            col += r.width;
            done += r.width;
            r = nextRun(s, r, count - done);
          }
        }
      }
    }
  }
}

// Adds the taps kx of a run, `count` columns apart in `col`, onto a row of the volume.
static inline __attribute__((always_inline)) void addTaps(const spider_windows *s, run r,
                                                          const float *col, int64_t count,
                                                          float *restrict row) {
  int32_t stride = s->stride[2];
  for (int32_t kx = 0; kx < s->kernel[2]; kx++, col += count) {
    int32_t from, to;
    inside(s, r, kx, &from, &to);
    float *restrict at = row + (int64_t)r.x * stride + kx - s->padding[2];
    if (stride == 1) {
      for (int32_t x = from; x < to; x++) at[x] += col[x];
    } else if (stride == 2 && kx + 1 < s->kernel[2]) {
      // Two neighbouring taps fill a row without gaps, which vectors can.
      const float *restrict even = col, *restrict odd = col + count;
      int32_t oddFrom, oddTo;
      inside(s, r, kx + 1, &oddFrom, &oddTo);
      int32_t low = from > oddFrom ? from : oddFrom, high = to < oddTo ? to : oddTo;
      if (high < low) high = low;
      for (int32_t x = from; x < to && x < low; x++) at[2 * x] += even[x];
      for (int32_t x = oddFrom; x < oddTo && x < low; x++) at[2 * x + 1] += odd[x];
      for (int32_t x = low; x < high; x++) {
        at[2 * x] += even[x];
        at[2 * x + 1] += odd[x];
      }
      for (int32_t x = from > high ? from : high; x < to; x++) at[2 * x] += even[x];
      for (int32_t x = oddFrom > high ? oddFrom : high; x < oddTo; x++) at[2 * x + 1] += odd[x];
      kx++;
      col += count;
    } else {
      for (int32_t x = from; x < to; x++) at[(int64_t)x * stride] += col[x];
    }
  }
}

CLONES void spider_col2vol_add(const float *col, int32_t C, const spider_windows *s, int64_t first,
                               int64_t count, float *volume) {
  int64_t plane = (int64_t)s->size[0] * s->size[1] * s->size[2];
  for (int32_t c = 0; c < C; c++, volume += plane) {
    for (int32_t kz = 0; kz < s->kernel[0]; kz++) {
      for (int32_t ky = 0; ky < s->kernel[1]; ky++, col += s->kernel[2] * count) {
        run r = firstRun(s, first, count);
        for (int64_t done = 0; done < count;) {
          int64_t row = rowUnder(s, r, kz, ky);
          if (row >= 0) addTaps(s, r, col + done, count, volume + row);
          done += r.width;
          r = nextRun(s, r, count - done);
        }
      }
    }
  }
}

#include "elements.h"

#include <math.h>

#include "clones.h"

CLONES void spider_scale_shift(const float *x, int64_t count, float a, float b, int32_t relu,
                               float *y) {
  // x and y are the same memory or apart: each value depends on its own alone.
  if (relu) {
#pragma clang loop vectorize(assume_safety)
    for (int64_t i = 0; i < count; i++) {
      float v = a * x[i] + b;
      y[i] = v < 0 ? 0 : v;  // NaN passes through
    }
  } else {
#pragma clang loop vectorize(assume_safety)
    for (int64_t i = 0; i < count; i++) y[i] = a * x[i] + b;
  }
}

CLONES void spider_leaky_relu(float *x, int64_t count, float slope) {
  for (int64_t i = 0; i < count; i++) x[i] = x[i] < 0 ? slope * x[i] : x[i];
}

CLONES void spider_leaky_relu_backward(float *restrict g, const float *restrict y, int64_t count,
                                       float slope) {
  for (int64_t i = 0; i < count; i++) g[i] = y[i] > 0 ? g[i] : slope * g[i];
}

CLONES void spider_swish(float *x, int64_t count) {
  for (int64_t i = 0; i < count; i++) x[i] = x[i] / (1 + expf(-x[i]));
}

CLONES void spider_swish_backward(float *restrict g, const float *restrict x, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    float s = 1 / (1 + expf(-x[i]));
    g[i] *= s * (1 + x[i] * (1 - s));
  }
}

CLONES void spider_softmax_rows(float *x, int64_t M, int64_t N, float scale) {
  for (int64_t m = 0; m < M; m++) {
    float *row = x + m * N;
    float largest = row[0];
    for (int64_t n = 1; n < N; n++) largest = row[n] > largest ? row[n] : largest;
    double sum = 0;
    for (int64_t n = 0; n < N; n++) {
      row[n] = expf(scale * (row[n] - largest));
      sum += row[n];
    }
    float inverse = (float)(1 / sum);
    for (int64_t n = 0; n < N; n++) row[n] *= inverse;
  }
}

CLONES void spider_softmax_rows_backward(float *restrict g, const float *restrict y, int64_t M,
                                         int64_t N, float scale) {
  for (int64_t m = 0; m < M; m++) {
    float *up = g + m * N;
    const float *row = y + m * N;
    double sum = 0;
    for (int64_t n = 0; n < N; n++) sum += (double)up[n] * row[n];
    float mean = (float)sum;
    for (int64_t n = 0; n < N; n++) up[n] = scale * row[n] * (up[n] - mean);
  }
}

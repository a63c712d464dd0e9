#include <math.h>

#include "CSpiderKernels.h"
#include "clones.h"

CLONES void spider_bias_relu(float *restrict x, const float *restrict bias, int64_t M, int64_t N,
                             int32_t relu) {
  for (int64_t m = 0; m < M; m++) {
    float *restrict row = x + m * N;
    if (relu) {
      for (int64_t n = 0; n < N; n++) {
        float v = row[n] + bias[n];
        row[n] = v < 0 ? 0 : v;  // NaN passes through
      }
    } else {
      for (int64_t n = 0; n < N; n++) row[n] += bias[n];
    }
  }
}

CLONES void spider_bias_channels(float *restrict x, const float *restrict bias, int64_t M, int64_t N,
                                 int64_t stride) {
  for (int64_t m = 0; m < M; m++) {
    float b = bias[m];
    for (int64_t n = 0; n < N; n++) x[m * stride + n] += b;
  }
}

CLONES void spider_relu_backward(float *restrict g, const float *restrict y, int64_t count) {
  for (int64_t i = 0; i < count; i++) g[i] = y[i] > 0 ? g[i] : 0;
}

CLONES void spider_add_column_sums(const float *restrict x, int64_t M, int64_t N,
                                   float *restrict sums) {
  for (int64_t m = 0; m < M; m++)
    for (int64_t n = 0; n < N; n++) sums[n] += x[m * N + n];
}

CLONES void spider_add_row_sums(const float *restrict x, int64_t M, int64_t N, int64_t stride,
                                float *restrict sums) {
#pragma clang fp reassociate(on)
  for (int64_t m = 0; m < M; m++) {
    float sum = 0;
    for (int64_t n = 0; n < N; n++) sum += x[m * stride + n];
    sums[m] += sum;
  }
}

CLONES void spider_add(float *restrict y, const float *restrict x, int64_t count) {
  for (int64_t i = 0; i < count; i++) y[i] += x[i];
}

CLONES double spider_sum_of_squares(const float *restrict x, int64_t count) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (int64_t i = 0; i < count; i++) sum += (double)x[i] * (double)x[i];
  return sum;
}

CLONES void spider_adam(float *restrict parameters, const float *restrict gradient,
                        float *restrict first, float *restrict second, int64_t count, float rate,
                        float beta1, float beta2, float epsilon, float decay, float scale,
                        float correction1, float correction2) {
  float step = rate / correction1, root = 1 / correction2, keep = 1 - rate * decay;
  for (int64_t i = 0; i < count; i++) {
    float g = gradient[i] * scale;
    float m = beta1 * first[i] + (1 - beta1) * g;
    float v = beta2 * second[i] + (1 - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    parameters[i] = parameters[i] * keep - step * m / (sqrtf(v * root) + epsilon);
  }
}

#include <math.h>
#include <string.h>

#include "CSpiderKernels.h"
#include "clones.h"

// A group is some channels of one image, a few hundred thousand values at most: it stays in the L2
// cache from the first of the passes over it to the last.

// What statistics round is the same for a whole channel, and normalisations after it over few values
// amplify it. So sums are made of short blocks, in double precision between them, and the mean is
// taken from every value before it is scaled: a x + b with b = -a mean would round to a share of the
// mean, which may be many times the deviation. What rounding left of the mean goes into the shift.
CLONES void spider_group_norm(const float *x, int32_t C, int64_t plane, const float *restrict gamma,
                              const float *restrict beta, float epsilon, int32_t relu, float *y,
                              float *restrict stats) {
#pragma clang fp contract(fast)
  enum { BLOCK = 256 };
  int64_t values = C * plane;
  double count = (double)values, total = 0;
  for (int64_t start = 0; start < values; start += BLOCK) {
#pragma clang fp reassociate(on)
    int64_t length = values - start < BLOCK ? values - start : BLOCK;
    const float *from = x + start;
    float sum = 0;
    for (int64_t i = 0; i < length; i++) sum += from[i];
    total += sum;
  }
  float mean = (float)(total / count);
  // About this mean: what they sum up to is what it lacks.
  double squares = 0, rest = 0;
  for (int64_t start = 0; start < values; start += BLOCK) {
#pragma clang fp reassociate(on)
    int64_t length = values - start < BLOCK ? values - start : BLOCK;
    const float *from = x + start;
    float square = 0, sum = 0;
    for (int64_t i = 0; i < length; i++) {
      float d = from[i] - mean;
      square += d * d;
      sum += d;
    }
    squares += square;
    rest += sum;
  }
  rest /= count;
  double inverse = 1.0 / sqrt(squares / count - rest * rest + (double)epsilon);
  stats[0] = mean;
  stats[1] = (float)inverse;
  for (int32_t c = 0; c < C; c++) {
    float a = (float)(gamma[c] * inverse), b = (float)(beta[c] - gamma[c] * inverse * rest);
    const float *from = x + c * plane;
    float *to = y + c * plane;
    // x and y are the same memory or apart: each value depends on its own alone.
    if (relu) {
#pragma clang loop vectorize(assume_safety)
      for (int64_t i = 0; i < plane; i++) {
        float v = a * (from[i] - mean) + b;
        to[i] = v < 0 ? 0 : v;  // NaN passes through
      }
    } else {
#pragma clang loop vectorize(assume_safety)
      for (int64_t i = 0; i < plane; i++) to[i] = a * (from[i] - mean) + b;
    }
  }
}

CLONES void spider_group_norm_backward(const float *restrict dy, const float *x, int32_t C,
                                       int64_t plane, const float *restrict gamma,
                                       const float *restrict beta, const float *restrict stats,
                                       int32_t relu, float *dx, float *restrict dgamma,
                                       float *restrict dbeta) {
#pragma clang fp reassociate(on) contract(fast)
  float mean = stats[0], inverse = stats[1];
  double sum1 = 0, sum2 = 0;
  for (int32_t c = 0; c < C; c++) {
    const float *from = x + c * plane, *up = dy + c * plane;
    float a = gamma[c] * inverse, b = beta[c];
    float s1 = 0, s2 = 0;
    for (int64_t i = 0; i < plane; i++) {
      float g = relu && !(a * (from[i] - mean) + b > 0) ? 0 : up[i];
      s1 += g;
      s2 += g * (from[i] - mean);
    }
    s2 *= inverse;
    dbeta[c] = s1;
    dgamma[c] = s2;
    sum1 += (double)gamma[c] * s1;
    sum2 += (double)gamma[c] * s2;
  }
  // dx = inverse * (gamma g - mean(gamma g) - xhat mean(gamma g xhat)), g masked again: cheaper than
  // to keep it.
  double count = (double)C * (double)plane;
  float m1 = (float)(sum1 / count), m2 = (float)(sum2 / count) * inverse;
  for (int32_t c = 0; c < C; c++) {
    const float *from = x + c * plane, *up = dy + c * plane;
    float *to = dx + c * plane;
    float a = gamma[c] * inverse, b = beta[c];
    float shift = inverse * m1, slope = inverse * m2;
    // x and dx are the same memory or apart: each value depends on its own alone.
#pragma clang loop vectorize(assume_safety)
    for (int64_t i = 0; i < plane; i++) {
      float g = relu && !(a * (from[i] - mean) + b > 0) ? 0 : up[i];
      to[i] = a * g - shift - (from[i] - mean) * slope;
    }
  }
}

CLONES void spider_average_pool(const float *restrict x, int32_t H, int32_t W, float *restrict y) {
  for (int32_t r = 0; r < H / 2; r++) {
    const float *a = x + (int64_t)2 * r * W, *b = a + W;
    float *to = y + (int64_t)r * (W / 2);
    for (int32_t c = 0; c < W / 2; c++)
      to[c] = 0.25f * ((a[2 * c] + a[2 * c + 1]) + (b[2 * c] + b[2 * c + 1]));
  }
}

CLONES void spider_average_pool_backward(const float *restrict dy, int32_t H, int32_t W,
                                         float *restrict dx) {
  for (int32_t r = 0; r < H; r++) {
    const float *from = dy + (int64_t)(r / 2) * (W / 2);
    float *to = dx + (int64_t)r * W;
    for (int32_t c = 0; c < W / 2; c++) {
      to[2 * c] += 0.25f * from[c];
      to[2 * c + 1] += 0.25f * from[c];
    }
  }
}

CLONES void spider_upsample(const float *restrict x, int32_t H, int32_t W, float *restrict y) {
  for (int32_t r = 0; r < 2 * H; r++) {
    const float *from = x + (int64_t)(r / 2) * W;
    float *to = y + (int64_t)r * 2 * W;
    for (int32_t c = 0; c < W; c++) to[2 * c] = to[2 * c + 1] = from[c];
  }
}

CLONES void spider_upsample_backward(const float *restrict dy, int32_t H, int32_t W,
                                     float *restrict dx) {
  for (int32_t r = 0; r < H; r++) {
    const float *a = dy + (int64_t)2 * r * 2 * W, *b = a + 2 * W;
    float *to = dx + (int64_t)r * W;
    for (int32_t c = 0; c < W; c++)
      to[c] = (a[2 * c] + a[2 * c + 1]) + (b[2 * c] + b[2 * c + 1]);
  }
}

#include <math.h>
#include <string.h>

#include "CSpiderKernels.h"
#include "clones.h"

#define INLINE static inline __attribute__((always_inline))

// e^x for x <= 0, within 2 units in the last place; 0 below -87. x = n ln 2 + r with |r| <= ln 2 / 2,
// a polynomial in r (Cephes, expf), and 2^n put together from its bits. NaN passes through.
INLINE float exp_of_negative(float x) {
#pragma clang fp contract(fast)
  const float magic = 12582912;  // 1.5 * 2^23: adding it rounds to an integer, in the low bits
  const float bounded = x < -87 ? -87 : x;
  const float shifted = bounded * 1.44269504f + magic;
  const float n = shifted - magic;
  const float r = (bounded - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  uint32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (bits << 23) + 0x3f800000u;
  float power;
  memcpy(&power, &bits, sizeof power);
  const float result = (p * r * r + r + 1) * power;
  return x < -87 ? 0 : result;
}

double spider_absolute_error(float *x, const float *truth, const uint8_t *labels, const float *weights,
                             uint8_t left_out, int64_t P, float step) {
  double sum = 0;
  for (int64_t p = 0; p < P; p++) {
    if (labels[p] == left_out) {
      x[p] = 0;
      continue;
    }
    const float difference = x[p] - truth[p], weight = weights ? weights[p] : 1, slope = step * weight;
    sum += weight * fabsf(difference);
    x[p] = difference > 0 ? slope : difference < 0 ? -slope : difference;  // 0 and NaN stay
  }
  return sum;
}

// The set that a label names, or null.
INLINE const float *set_of(uint8_t label, const float *sets, int32_t K) {
  const int32_t set = label - SPIDER_FIRST_SET;
  return sets && set >= 0 && set < SPIDER_SETS ? sets + set * K : 0;
}

// The probability of a set, at least the smallest number whose reciprocal and logarithm are still fine.
INLINE float set_share(const float *row, const float *set, int32_t K) {
  float share = 0;
  for (int32_t k = 0; k < K; k++) share += row[k] * set[k];
  return share < 1e-30f ? 1e-30f : share;
}

CLONES void spider_softmax(float *restrict z, const uint8_t *restrict labels,
                           const float *restrict weights, int64_t P, int32_t K,
                           const float *restrict sets, double *restrict sums) {
  for (int64_t p = 0; p < P; p++) {
    float *row = z + p * K;
    float top = row[0];
    for (int32_t k = 1; k < K; k++) top = row[k] > top ? row[k] : top;
    for (int32_t k = 0; k < K; k++) row[k] -= top;
  }
  double *present = sums, *predicted = sums + K, *overlap = sums + 2 * K;
  // The scores of the true classes are needed before their places are taken.
  double entropy = 0;
  for (int64_t p = 0; p < P; p++)
    if (labels[p] < K) entropy -= (weights ? weights[p] : 1) * z[p * K + labels[p]];
  for (int64_t i = 0; i < P * K; i++) z[i] = exp_of_negative(z[i]);
  for (int64_t p = 0; p < P; p++) {
    float *row = z + p * K;
    const float weight = weights ? weights[p] : 1;
    float sum = 0;
    for (int32_t k = 0; k < K; k++) sum += row[k];
    const float share = 1 / sum;
    for (int32_t k = 0; k < K; k++) row[k] *= share;
    if (labels[p] >= K) {
      const float *set = set_of(labels[p], sets, K);
      if (!set) continue;
      entropy -= weight * log(set_share(row, set, K));
      sums[3 * K + 1] += weight;
      continue;
    }
    for (int32_t k = 0; k < K; k++) predicted[k] += weight * row[k];
    overlap[labels[p]] += weight * row[labels[p]];
    present[labels[p]] += weight;
    entropy += weight * log(sum);
  }
  sums[3 * K] += entropy;
}

void spider_softmax_backward(float *restrict q, const uint8_t *restrict labels,
                             const float *restrict weights, int64_t P, int32_t K,
                             const float *restrict sets, const float *restrict share,
                             const float *restrict dice, float entropy_step) {
  for (int64_t p = 0; p < P; p++) {
    float *row = q + p * K;
    const int32_t truth = labels[p];
    const float weight = weights ? weights[p] : 1;
    if (truth >= K) {
      const float *set = set_of(labels[p], sets, K);
      const float all = set ? set_share(row, set, K) : 1;
      for (int32_t k = 0; k < K; k++)
        row[k] = set ? weight * entropy_step * (row[k] - row[k] * set[k] / all) : 0;
      continue;
    }
    float mean = -2 * share[truth] * row[truth];
    for (int32_t k = 0; k < K; k++) mean += row[k] * share[k] * dice[k];
    for (int32_t k = 0; k < K; k++) {
      const float t = k == truth;
      row[k] = weight * (row[k] * (share[k] * (dice[k] - 2 * t) - mean) + entropy_step * (row[k] - t));
    }
  }
}

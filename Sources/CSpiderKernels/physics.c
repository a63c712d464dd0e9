#include <math.h>
#include <string.h>

#include "CSpiderKernels.h"
#include "clones.h"

enum { LANES = 64 };

// e^x for x <= 0, to 2e-7 relative; below -87 it stays at e^-87, which is nothing beside the 1 that
// every sum here holds. 2^f by its Taylor series about 0, |f| <= 1/2, to the sixth power.
__attribute__((always_inline)) static inline float exponential(float x) {
  float y = x * 1.44269504f;
  y = y < -126.0f ? -126.0f : y;
  float whole = floorf(y + 0.5f);
  float f = (y - whole) * 0.693147181f;
  float p = 1 + f * (1 + f * (0.5f + f * (1.0f / 6 + f * (1.0f / 24 + f * (1.0f / 120 + f / 720)))));
  // NaN has no whole part; its p is NaN already, and times any number stays so.
  int32_t power = whole >= -126.0f && whole <= 0.0f ? (int32_t)whole : 0;
  uint32_t bits = (uint32_t)(power + 127) << 23;
  float scale;
  memcpy(&scale, &bits, sizeof scale);
  return p * scale;
}

CLONES void spider_beam_signal(const float *restrict length, int64_t P, int32_t M,
                               const float *restrict mu, const float *restrict weight, int32_t E,
                               float *restrict out) {
  float l[LANES], x[LANES], least[LANES], sum[LANES];
  for (int64_t start = 0; start < P; start += LANES) {
    int32_t n = P - start < LANES ? (int32_t)(P - start) : LANES;
    for (int pass = 0; pass < 2; pass++) {
      for (int i = 0; i < LANES; i++) sum[i] = 0;
      for (int32_t e = 0; e < E; e++) {
        for (int i = 0; i < LANES; i++) x[i] = 0;
        for (int32_t m = 0; m < M; m++) {
          float a = mu[m * E + e];
          memset(l, 0, sizeof l);
          memcpy(l, length + m * P + start, sizeof(float) * n);
          for (int i = 0; i < LANES; i++) x[i] += a * l[i];
        }
        if (pass == 0) {
          for (int i = 0; i < LANES; i++) least[i] = e == 0 || x[i] < least[i] ? x[i] : least[i];
        } else {
          float w = weight[e];
          for (int i = 0; i < LANES; i++) sum[i] += w * exponential(least[i] - x[i]);
        }
      }
    }
    for (int32_t i = 0; i < n; i++) out[start + i] = least[i] - logf(sum[i]);
  }
}

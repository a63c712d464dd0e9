#include "projector_samplers.h"

#if defined(__x86_64__) && defined(__clang__)

#include <immintrin.h>

#define WIDTH 8
#define TARGET __attribute__((target("avx2,fma")))
#define VARIANT(name) name##_avx2
typedef vfloat wfloat;
typedef vint wint;

TARGET INLINE wfloat pick(wfloat low, wfloat high, wint index) {
  const __m256i lane = (__m256i)index;
  const __m256 from_low = _mm256_permutevar8x32_ps((__m256)low, lane);
  const __m256 from_high = _mm256_permutevar8x32_ps((__m256)high, lane);
  // Bit 3 of the index, moved to where the blend looks for it.
  return (wfloat)_mm256_blendv_ps(from_low, from_high,
                                  _mm256_castsi256_ps(_mm256_slli_epi32(lane, 28)));
}

TARGET INLINE wfloat permute(wfloat values, wint index) {
  return (wfloat)_mm256_permutevar8x32_ps((__m256)values, (__m256i)index);
}

TARGET INLINE wfloat load_within(const float *values, int first, int count) {
  const wint number = first + (wint){0, 1, 2, 3, 4, 5, 6, 7};
  return (wfloat)_mm256_maskload_ps(values + first, (__m256i)(number >= 0 & number < count));
}

#include "projector_windows.h"

spider_samplers spider_avx2_samplers(void) {
  return (spider_samplers){read_points_avx2, read_crossing_avx2, write_points_avx2,
                           write_crossing_avx2};
}

#endif

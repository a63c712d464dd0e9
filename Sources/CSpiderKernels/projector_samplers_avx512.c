#include "projector_samplers.h"

#if defined(__x86_64__) && defined(__clang__)

#include <immintrin.h>

#define WIDTH 16
#define TARGET __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,fma")))
#define VARIANT(name) name##_avx512
typedef float wfloat __attribute__((ext_vector_type(16)));
typedef int wint __attribute__((ext_vector_type(16)));

TARGET INLINE wfloat pick(wfloat low, wfloat high, wint index) {
  return (wfloat)_mm512_permutex2var_ps((__m512)low, (__m512i)index, (__m512)high);
}

TARGET INLINE wfloat permute(wfloat values, wint index) {
  return (wfloat)_mm512_permutexvar_ps((__m512i)index, (__m512)values);
}

TARGET INLINE wfloat load_within(const float *values, int first, int count) {
  const __m512i number = _mm512_add_epi32(
    _mm512_set1_epi32(first),
    _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  const __mmask16 within = _mm512_cmplt_epi32_mask(number, _mm512_set1_epi32(count))
    & _mm512_cmpge_epi32_mask(number, _mm512_setzero_si512());
  return (wfloat)_mm512_maskz_loadu_ps(within, values + first);
}

#include "projector_windows.h"

spider_samplers spider_avx512_samplers(void) {
  return (spider_samplers){read_points_avx512, read_crossing_avx512, write_points_avx512,
                           write_crossing_avx512};
}

#endif

#include "projector_samplers.h"

#if defined(__x86_64__) && defined(__clang__)

#include <immintrin.h>

#pragma clang fp contract(off)  // as in the header

// Sixteen neighbouring rays span fewer than 32 voxels as long as they lie close enough: one load of 32
// and a permutation of them replace sixteen reads from scattered places.
#define AVX512 __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,fma")))
#define CLOSEST_STEP 1.85f

typedef struct {
  __m512 low, high;
  __m512i base;
} window;

AVX512 INLINE window open_window(const float *line, float lowest) {
  // Rounded down by more than float can be off, so that no lane lies below.
  const int base = (int)(lowest + 2 - 1e-3f) - 2;
  return (window){_mm512_loadu_ps(line + base), _mm512_loadu_ps(line + base + 16),
                  _mm512_set1_epi32(base)};
}

AVX512 INLINE __m512 look(window w, __m512i voxel) {
  return _mm512_permutex2var_ps(w.low, _mm512_sub_epi32(voxel, w.base), w.high);
}

AVX512 INLINE __m512i floors(__m512 x) {
  return _mm512_cvt_roundps_epi32(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
}

AVX512 INLINE __mmask16 lanes_left(int count) {
  return count >= 16 ? 0xffff : (__mmask16)((1 << count) - 1);
}

AVX512 static void read_points_avx512(const float *line, float start, float step, int count,
                                      float *sums) {
  if (!(fabsf(step) <= CLOSEST_STEP)) return spider_read_points_plainly(line, start, step, count, sums);
  const __m512 lane = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512 steps = _mm512_set1_ps(step);
  const __m512i one = _mm512_set1_epi32(1);
  for (int i = 0; i < count; i += 16) {
    const int last = i + 15 < count ? i + 15 : count - 1;
    const window w = open_window(line, start + step * (step > 0 ? i : last));
    const __m512 ray = _mm512_add_ps(lane, _mm512_set1_ps(i));
    const __m512 z = _mm512_add_ps(_mm512_set1_ps(start), _mm512_mul_ps(steps, ray));
    const __m512i k = floors(z);
    const __m512 near = look(w, k), far = look(w, _mm512_add_epi32(k, one));
    const __m512 f = _mm512_sub_ps(z, _mm512_cvtepi32_ps(k));
    const __m512 value = _mm512_fmadd_ps(f, _mm512_sub_ps(far, near), near);
    const __mmask16 m = lanes_left(count - i);
    const __m512 sum = _mm512_maskz_loadu_ps(m, sums + i);
    _mm512_mask_storeu_ps(sums + i, m, _mm512_add_ps(sum, value));
  }
}

// split_crossing for sixteen rays, given their numbers and inverses.
typedef struct {
  __m512i entered, left;
  __m512 length;
} split16;

AVX512 INLINE split16 split_crossing16(const crossing *c, __m512 ray, __m512 inverse) {
  const __m512 half = _mm512_set1_ps(0.5f);
  const __m512 enter = _mm512_add_ps(_mm512_set1_ps(c->enter),
                                     _mm512_mul_ps(_mm512_set1_ps(c->enter_step), ray));
  const __m512 leave = _mm512_add_ps(_mm512_set1_ps(c->leave),
                                     _mm512_mul_ps(_mm512_set1_ps(c->leave_step), ray));
  const __mmask16 level =
    _mm512_cmp_ps_mask(_mm512_abs_ps(inverse), _mm512_set1_ps(1 / LEVEL_STEP), _CMP_GT_OQ);
  const __m512 nudge = _mm512_maskz_mov_ps(level, _mm512_set1_ps(LEVEL_NUDGE));
  split16 s;
  s.entered = floors(_mm512_add_ps(_mm512_add_ps(enter, nudge), half));
  s.left = floors(_mm512_add_ps(_mm512_add_ps(leave, nudge), half));
  const __m512 face =
    _mm512_sub_ps(_mm512_cvtepi32_ps(_mm512_max_epi32(s.entered, s.left)), half);
  const __m512 length = _mm512_mul_ps(_mm512_sub_ps(face, enter), inverse);
  s.length = _mm512_min_ps(_mm512_max_ps(length, _mm512_setzero_ps()), _mm512_set1_ps(c->length));
  return s;
}

AVX512 static void read_crossing_avx512(const float *line, const crossing *c, int count,
                                        float *sums) {
  // Along the crossing a ray moves by up to one voxel more.
  const float step = fmaxf(fabsf(c->enter_step), fabsf(c->leave_step));
  if (!(step <= CLOSEST_STEP)) return spider_read_crossing_plainly(line, c, count, sums);
  const __m512 lane = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512 length = _mm512_set1_ps(c->length);
  for (int i = 0; i < count; i += 16) {
    const int last = i + 15 < count ? i + 15 : count - 1;
    const float enter = c->enter + c->enter_step * (c->enter_step > 0 ? i : last);
    const float leave = c->leave + c->leave_step * (c->leave_step > 0 ? i : last);
    const window w = open_window(line, fminf(enter, leave) + 0.5f);
    const __mmask16 m = lanes_left(count - i);
    const split16 s = split_crossing16(c, _mm512_add_ps(lane, _mm512_set1_ps(i)),
                                       _mm512_maskz_loadu_ps(m, c->inverse + i));
    __m512 sum = _mm512_maskz_loadu_ps(m, sums + i);
    sum = _mm512_fmadd_ps(s.length, look(w, s.entered), sum);
    sum = _mm512_fmadd_ps(_mm512_sub_ps(length, s.length), look(w, s.left), sum);
    _mm512_mask_storeu_ps(sums + i, m, sum);
  }
}

// Writing, turned round: sixteen neighbouring voxels collect what the rays near each of them give. No two
// lanes write to the same voxel, and the rays of sixteen voxels lie within a window of 32 as long as
// they are not too close.
#define CLOSEST_RAYS 0.62f
#define FARTHEST_RAYS 4.0f

// shares[base], ..., shares[base + 31], 0 for rays that there are not.
AVX512 INLINE window open_rays(const float *values, int base, int count) {
  const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i low = _mm512_add_epi32(lane, _mm512_set1_epi32(base));
  const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(16));
  const __m512i counts = _mm512_set1_epi32(count), zero = _mm512_setzero_si512();
  const __mmask16 in_low = _mm512_cmplt_epi32_mask(low, counts)
    & _mm512_cmpge_epi32_mask(low, zero);
  const __mmask16 in_high = _mm512_cmplt_epi32_mask(high, counts)
    & _mm512_cmpge_epi32_mask(high, zero);
  return (window){_mm512_maskz_loadu_ps(in_low, values + base),
                  _mm512_maskz_loadu_ps(in_high, values + base + 16), _mm512_set1_epi32(base)};
}

// For sixteen voxels from z on: the first of the rays whose positions start + step * i lie within
// [voxel + below, voxel + above], and the least of them.
AVX512 INLINE __m512i first_rays(float z, float below, float above, float start, float step,
                                 int *least) {
  const __m512 lane = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const float offset = z + (step > 0 ? below : above) - start, inverse = 1 / step;
  const __m512 x = _mm512_mul_ps(_mm512_add_ps(lane, _mm512_set1_ps(offset)),
                                 _mm512_set1_ps(inverse));
  const __m512i first =
    _mm512_cvt_roundps_epi32(x, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC);
  *least = _mm512_reduce_min_epi32(first);
  return first;
}

AVX512 static void write_points_avx512(float *line, float start, float step, int count,
                                       const float *shares) {
  if (!(fabsf(step) >= CLOSEST_RAYS && fabsf(step) <= FARTHEST_RAYS)) {
    return spider_write_points_plainly(line, start, step, count, shares);
  }
  // A ray gives to the voxels less than 1 away. The margin is for rounding.
  const float reach = 1 + 1e-3f, end = start + step * (count - 1);
  const int taps = (int)(2 * reach / fabsf(step)) + 1;
  const int last = centre_below(fmaxf(start, end)) + 1;
  const __m512 lane = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (int z = centre_below(fminf(start, end)); z <= last; z += 16) {
    int least;
    __m512i ray = first_rays(z, -reach, reach, start, step, &least);
    const window w = open_rays(shares, least, count);
    const __m512 voxel = _mm512_add_ps(lane, _mm512_set1_ps(z));
    __m512 sum = _mm512_loadu_ps(line + z);
    for (int n = 0; n < taps; n++) {
      const __m512 at = _mm512_add_ps(
        _mm512_set1_ps(start), _mm512_mul_ps(_mm512_set1_ps(step), _mm512_cvtepi32_ps(ray)));
      const __m512 away = _mm512_abs_ps(_mm512_sub_ps(at, voxel));
      const __m512 weight = _mm512_sub_ps(_mm512_set1_ps(1), away);
      const __mmask16 near = _mm512_cmp_ps_mask(weight, _mm512_setzero_ps(), _CMP_GT_OQ);
      sum = _mm512_mask3_fmadd_ps(weight, look(w, ray), sum, near);
      ray = _mm512_add_epi32(ray, _mm512_set1_epi32(1));
    }
    _mm512_storeu_ps(line + z, sum);
  }
}

AVX512 static void write_crossing_avx512(float *line, const crossing *c, int count,
                                         const float *shares) {
  const float step = fabsf(c->enter_step);
  const float enter_end = c->enter + c->enter_step * (count - 1);
  const float leave_end = c->leave + c->leave_step * (count - 1);
  if (!(step >= CLOSEST_RAYS && step <= FARTHEST_RAYS)) {
    return spider_write_crossing_plainly(line, c, count, shares);
  }
  // A ray gives to a voxel when it enters at z - 1/2 - forward ... z + 1/2 + backward, with how far rays
  // move along the line while they cross. The margin is for rounding and nudges.
  const float margin = 1e-3f;
  const float forward = fmaxf(0, fmaxf(c->leave - c->enter, leave_end - enter_end));
  const float backward = fmaxf(0, fmaxf(c->enter - c->leave, enter_end - leave_end));
  const float below = -0.5f - forward - margin, above = 0.5f + backward + margin;
  const int taps = (int)((above - below) / step) + 1;
  const int last = voxel_around(fmaxf(fmaxf(c->enter, enter_end), fmaxf(c->leave, leave_end)));
  int z = voxel_around(fminf(fminf(c->enter, enter_end), fminf(c->leave, leave_end)));
  const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512 length = _mm512_set1_ps(c->length);
  for (; z <= last; z += 16) {
    int least;
    __m512i ray = first_rays(z, below, above, c->enter, c->enter_step, &least);
    const window values = open_rays(shares, least, count);
    const window inverses = open_rays(c->inverse, least, count);
    const __m512i voxel = _mm512_add_epi32(lane, _mm512_set1_epi32(z));
    __m512 sum = _mm512_loadu_ps(line + z);
    for (int n = 0; n < taps; n++) {
      const split16 s = split_crossing16(c, _mm512_cvtepi32_ps(ray), look(inverses, ray));
      __m512 weight = _mm512_maskz_mov_ps(_mm512_cmpeq_epi32_mask(s.entered, voxel), s.length);
      const __mmask16 left = _mm512_cmpeq_epi32_mask(s.left, voxel);
      weight = _mm512_mask_add_ps(weight, left, weight, _mm512_sub_ps(length, s.length));
      const __mmask16 near = _mm512_cmp_ps_mask(weight, _mm512_setzero_ps(), _CMP_GT_OQ);
      sum = _mm512_mask3_fmadd_ps(weight, look(values, ray), sum, near);
      ray = _mm512_add_epi32(ray, _mm512_set1_epi32(1));
    }
    _mm512_storeu_ps(line + z, sum);
  }
}

int spider_find_avx512_samplers(spider_samplers *samplers) {
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vl")
      || !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512dq")) {
    return 0;
  }
  *samplers = (spider_samplers){read_points_avx512, read_crossing_avx512, write_points_avx512,
                                write_crossing_avx512};
  return 1;
}

#else

int spider_find_avx512_samplers(spider_samplers *samplers) {
  (void)samplers;
  return 0;
}

#endif

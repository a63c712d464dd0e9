#include "projector_samplers.h"

#include "clones.h"

#if defined(__x86_64__) && defined(__clang__)
#include <immintrin.h>
#define HAS_PERMUTES 1
#endif

// Reading and writing must find the same voxels, also where rounding decides: no product is fused with
// a sum anywhere in this file's positions.
#pragma clang fp contract(off)

// The voxel centre at or below z. z is at least -2.
INLINE int centre_below(float z) { return (int)(z + 2) - 2; }
// The voxel that holds z, which is at least -2.
INLINE int voxel_around(float z) { return (int)(z + 0.5f + 2) - 2; }

INLINE float clamp_float(float x, float low, float high) {
  return x < low ? low : (x > high ? high : x);
}

// The two voxels of a crossing and the length of ray in the first.
typedef struct {
  int entered, left;
  float length;
} split;

INLINE split split_crossing(const crossing *c, int i) {
  const float enter = c->enter + c->enter_step * i, leave = c->leave + c->leave_step * i;
  const float nudge = fabsf(c->inverse[i]) > 1 / LEVEL_STEP ? LEVEL_NUDGE : 0;
  split s = {voxel_around(enter + nudge), voxel_around(leave + nudge), 0};
  const float face = (s.entered > s.left ? s.entered : s.left) - 0.5f;
  // Where there is no face between, both voxels are the same and any length will do.
  s.length = clamp_float((face - enter) * c->inverse[i], 0, c->length);
  return s;
}

GATHER_CLONES
static void read_points(const float *line, float start, float step, int count, float *sums) {
  for (int i = 0; i < count; i++) {
    const float z = start + step * i;
    const int k = centre_below(z);
    sums[i] += line[k] + (z - k) * (line[k + 1] - line[k]);
  }
}

GATHER_CLONES
static void read_crossing(const float *line, const crossing *c, int count, float *sums) {
  for (int i = 0; i < count; i++) {
    const split s = split_crossing(c, i);
    sums[i] += s.length * line[s.entered] + (c->length - s.length) * line[s.left];
  }
}

#if HAS_PERMUTES

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
  if (!(fabsf(step) <= CLOSEST_STEP)) return read_points(line, start, step, count, sums);
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

AVX512 static void read_crossing_avx512(const float *line, const crossing *c, int count,
                                        float *sums) {
  // Along the crossing a ray moves by up to one voxel more.
  const float step = fmaxf(fabsf(c->enter_step), fabsf(c->leave_step));
  if (!(step <= CLOSEST_STEP)) return read_crossing(line, c, count, sums);
  const __m512 lane = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512 half = _mm512_set1_ps(0.5f), length = _mm512_set1_ps(c->length);
  for (int i = 0; i < count; i += 16) {
    const int last = i + 15 < count ? i + 15 : count - 1;
    const float enter = c->enter + c->enter_step * (c->enter_step > 0 ? i : last);
    const float leave = c->leave + c->leave_step * (c->leave_step > 0 ? i : last);
    const window w = open_window(line, fminf(enter, leave) + 0.5f);
    const __m512 ray = _mm512_add_ps(lane, _mm512_set1_ps(i));
    const __m512 from = _mm512_add_ps(
      _mm512_set1_ps(c->enter), _mm512_mul_ps(_mm512_set1_ps(c->enter_step), ray));
    const __m512 to = _mm512_add_ps(
      _mm512_set1_ps(c->leave), _mm512_mul_ps(_mm512_set1_ps(c->leave_step), ray));
    const __mmask16 m = lanes_left(count - i);
    const __m512 inverse = _mm512_maskz_loadu_ps(m, c->inverse + i);
    const __mmask16 level =
      _mm512_cmp_ps_mask(_mm512_abs_ps(inverse), _mm512_set1_ps(1 / LEVEL_STEP), _CMP_GT_OQ);
    const __m512 nudge = _mm512_maskz_mov_ps(level, _mm512_set1_ps(LEVEL_NUDGE));
    const __m512i entered = floors(_mm512_add_ps(_mm512_add_ps(from, nudge), half));
    const __m512i left = floors(_mm512_add_ps(_mm512_add_ps(to, nudge), half));
    const __m512 face =
      _mm512_sub_ps(_mm512_cvtepi32_ps(_mm512_max_epi32(entered, left)), half);
    __m512 first = _mm512_mul_ps(_mm512_sub_ps(face, from), inverse);
    first = _mm512_min_ps(_mm512_max_ps(first, _mm512_setzero_ps()), length);
    const __m512 rest = _mm512_sub_ps(length, first);
    __m512 sum = _mm512_maskz_loadu_ps(m, sums + i);
    sum = _mm512_fmadd_ps(first, look(w, entered), sum);
    sum = _mm512_fmadd_ps(rest, look(w, left), sum);
    _mm512_mask_storeu_ps(sums + i, m, sum);
  }
}

#endif

spider_samplers spider_choose_samplers(void) {
#if HAS_PERMUTES
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
      && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")) {
    return (spider_samplers){read_points_avx512, read_crossing_avx512};
  }
#endif
  return (spider_samplers){read_points, read_crossing};
}

// Rays next to each other write to the same voxels, one having to wait for the other. So four rays far
// apart take turns.
#define TURNS 4

void spider_write_points(float *line, float start, float step, int count, const float *shares) {
  const int part = (count + TURNS - 1) / TURNS;
  for (int n = 0; n < part; n++) {
    for (int i = n; i < count; i += part) {
      const float z = start + step * i;
      const int k = centre_below(z);
      const float far = shares[i] * (z - k);
      line[k] += shares[i] - far;
      line[k + 1] += far;
    }
  }
}

void spider_write_crossing(float *line, const crossing *c, int count, const float *shares) {
  const int part = (count + TURNS - 1) / TURNS;
  for (int n = 0; n < part; n++) {
    for (int i = n; i < count; i += part) {
      const split s = split_crossing(c, i);
      line[s.entered] += shares[i] * s.length;
      line[s.left] += shares[i] * (c->length - s.length);
    }
  }
}

CLONES
void spider_mix_lines(const float *restrict a, float weight_a, const float *restrict b,
                      float weight_b, int first, int last, float *restrict line) {
  if (b) {
    for (int z = first; z < last; z++) line[z] = a[z] * weight_a + b[z] * weight_b;
  } else {
    for (int z = first; z < last; z++) line[z] = a[z] * weight_a;
  }
}

CLONES
void spider_spread_line(float *restrict line, int first, int last, float *restrict a,
                        float weight_a, float *restrict b, float weight_b) {
  for (int z = first; z < last; z++) a[z] += line[z] * weight_a;
  if (b) {
    for (int z = first; z < last; z++) b[z] += line[z] * weight_b;
  }
  for (int z = first; z < last; z++) line[z] = 0;
}

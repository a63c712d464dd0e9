#include "projector_samplers.h"

#include <string.h>

#include "clones.h"

// Eight rays at a time. Reads from scattered places, one by one: gathers are slower where we measured.
INLINE vfloat look_up(const float *line, vint voxel) {
  vfloat values;
  for (int l = 0; l < LANES; l++) values[l] = line[voxel[l]];
  return values;
}

INLINE void read_points(const float *line, float start, float step, int count, float *sums) {
  int i = 0;
  for (; i + LANES <= count; i += LANES) {
    const vfloat z = start + step * ((float)i + (vfloat){0, 1, 2, 3, 4, 5, 6, 7});
    const vint k = __builtin_convertvector(z + 2, vint) - 2;
    const vfloat near = look_up(line, k), far = look_up(line + 1, k);
    vfloat sum;
    memcpy(&sum, sums + i, sizeof sum);
    sum += near + (z - __builtin_convertvector(k, vfloat)) * (far - near);
    memcpy(sums + i, &sum, sizeof sum);
  }
  for (; i < count; i++) {
    const float z = start + step * i;
    const int k = centre_below(z);
    sums[i] += line[k] + (z - k) * (line[k + 1] - line[k]);
  }
}

// split_crossing for the rays i, ..., i + 7.
typedef struct {
  vint entered, left;
  vfloat length;
} split8;

INLINE split8 split_crossing8(const crossing *c, int i) {
  const vfloat ray = (float)i + (vfloat){0, 1, 2, 3, 4, 5, 6, 7}, zero = (vfloat)0;
  const vfloat enter = c->enter + c->enter_step * ray, leave = c->leave + c->leave_step * ray;
  vfloat inverse, nudge;
  memcpy(&inverse, c->inverse + i, sizeof inverse);
  memcpy(&nudge, c->nudge + i, sizeof nudge);
  split8 s;
  s.entered = __builtin_convertvector(enter + nudge, vint) - 2;
  s.left = __builtin_convertvector(leave + nudge, vint) - 2;
  const vfloat face =
    __builtin_convertvector(__builtin_elementwise_max(s.entered, s.left) + 2, vfloat);
  s.length = __builtin_elementwise_min(
    __builtin_elementwise_max((face - enter) * inverse, zero), (vfloat)c->length);
  return s;
}

INLINE void read_crossing(const float *line, const crossing *c, int count, float *sums) {
  int i = 0;
  for (; i + LANES <= count; i += LANES) {
    const split8 s = split_crossing8(c, i);
    const vfloat entered = look_up(line, s.entered), left = look_up(line, s.left);
    vfloat sum;
    memcpy(&sum, sums + i, sizeof sum);
    sum += s.length * entered + (c->length - s.length) * left;
    memcpy(sums + i, &sum, sizeof sum);
  }
  for (; i < count; i++) {
    const split s = split_crossing(c, i);
    sums[i] += s.length * line[s.entered] + (c->length - s.length) * line[s.left];
  }
}

// The clones take no vectors themselves, only what is inlined into them does.
GATHER_CLONES
void spider_read_points_plainly(const float *line, float start, float step, int count,
                                float *sums, ptrdiff_t turn) {
  (void)turn;
  read_points(line, start, step, count, sums);
}

GATHER_CLONES
void spider_read_crossing_plainly(const float *line, const crossing *c, int count, float *sums,
                                  ptrdiff_t turn) {
  (void)turn;
  read_crossing(line, c, count, sums);
}

// Rays next to each other write to the same voxels, one having to wait for the other. So four rays far
// apart take turns.
#define TURNS 4

void spider_write_points_plainly(float *line, float start, float step, int count, const float *shares) {
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

void spider_write_crossing_plainly(float *line, const crossing *c, int count, const float *shares) {
  const int part = (count + TURNS - 1) / TURNS;
  for (int n = 0; n < part; n++) {
    for (int i = n; i < count; i += part) {
      const split s = split_crossing(c, i);
      line[s.entered] += shares[i] * s.length;
      line[s.left] += shares[i] * (c->length - s.length);
    }
  }
}

spider_samplers spider_choose_samplers(int32_t level) {
#if defined(__x86_64__) && defined(__clang__)
  if (level >= SPIDER_LEVEL_AVX512) return spider_avx512_samplers();
  if (level >= SPIDER_LEVEL_AVX2) return spider_avx2_samplers();
#endif
  (void)level;
  return (spider_samplers){spider_read_points_plainly, spider_read_crossing_plainly,
                           spider_write_points_plainly, spider_write_crossing_plainly};
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

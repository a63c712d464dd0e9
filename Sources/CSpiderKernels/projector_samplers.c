#include "projector_samplers.h"

#include "clones.h"

GATHER_CLONES
void spider_read_points_plainly(const float *line, float start, float step, int count, float *sums) {
  for (int i = 0; i < count; i++) {
    const float z = start + step * i;
    const int k = centre_below(z);
    sums[i] += line[k] + (z - k) * (line[k + 1] - line[k]);
  }
}

GATHER_CLONES
void spider_read_crossing_plainly(const float *line, const crossing *c, int count, float *sums) {
  for (int i = 0; i < count; i++) {
    const split s = split_crossing(c, i);
    sums[i] += s.length * line[s.entered] + (c->length - s.length) * line[s.left];
  }
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

spider_samplers spider_choose_samplers(void) {
  spider_samplers fastest;
  if (spider_find_avx512_samplers(&fastest)) return fastest;
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

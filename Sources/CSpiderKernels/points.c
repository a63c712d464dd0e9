#include <math.h>
#include <string.h>

#include "CSpiderKernels.h"
#include "clones.h"

// The four pixels around a place and their weights; a pixel outside the map gets weight 0 and the
// index 0, so that it may be read. False when nothing of the map is near (NaN included).
__attribute__((always_inline)) static inline int corners(int32_t H, int32_t W, float u, float v, int64_t index[4], float weight[4]) {
  if (!(u > -1 && u < (float)W && v > -1 && v < (float)H)) return 0;
  float fu = floorf(u), fv = floorf(v);
  int32_t c = (int32_t)fu, r = (int32_t)fv;
  float a = u - fu, b = v - fv;
  float w[4] = {(1 - a) * (1 - b), a * (1 - b), (1 - a) * b, a * b};
  for (int k = 0; k < 4; k++) {
    int32_t cc = c + (k & 1), rr = r + (k >> 1);
    int inside = cc >= 0 && cc < W && rr >= 0 && rr < H;
    index[k] = inside ? (int64_t)rr * W + cc : 0;
    weight[k] = inside ? w[k] : 0;
  }
  return 1;
}

CLONES void spider_sample_pixels(const float *restrict map, int32_t H, int32_t W, int32_t C,
                                 const float *restrict uv, int64_t P, float scale,
                                 int32_t accumulate, float *restrict out, int64_t outStride) {
  for (int64_t p = 0; p < P; p++) {
    float *restrict to = out + p * outStride;
    int64_t at[4];
    float w[4];
    if (!corners(H, W, uv[2 * p], uv[2 * p + 1], at, w)) {
      if (!accumulate) memset(to, 0, sizeof(float) * C);
      continue;
    }
    for (int k = 0; k < 4; k++) w[k] *= scale;
    const float *a = map + at[0] * C, *b = map + at[1] * C, *c = map + at[2] * C,
                *d = map + at[3] * C;
    if (accumulate) {
      for (int32_t i = 0; i < C; i++)
        to[i] += (w[0] * a[i] + w[1] * b[i]) + (w[2] * c[i] + w[3] * d[i]);
    } else {
      for (int32_t i = 0; i < C; i++)
        to[i] = (w[0] * a[i] + w[1] * b[i]) + (w[2] * c[i] + w[3] * d[i]);
    }
  }
}

CLONES void spider_sample_pixels_backward(const float *restrict grad, int64_t gradStride, int32_t H,
                                          int32_t W, int32_t C, const float *restrict uv, int64_t P,
                                          float scale, float *restrict gradMap) {
  for (int64_t p = 0; p < P; p++) {
    int64_t at[4];
    float w[4];
    if (!corners(H, W, uv[2 * p], uv[2 * p + 1], at, w)) continue;
    const float *restrict from = grad + p * gradStride;
    for (int k = 0; k < 4; k++) {
      if (w[k] == 0) continue;
      float *restrict to = gradMap + at[k] * C;
      float share = scale * w[k];
      for (int32_t i = 0; i < C; i++) to[i] += share * from[i];
    }
  }
}

// A trilinear value at (x, y, z); `outside` beyond half a voxel from the border, NaN included.
__attribute__((always_inline)) static inline float trilinear(const float *restrict volume, int32_t nx, int32_t ny, int32_t nz,
                              float x, float y, float z, float outside) {
  if (!(x > -0.5f && y > -0.5f && z > -0.5f && x < (float)nx - 0.5f && y < (float)ny - 0.5f &&
        z < (float)nz - 0.5f))
    return outside;
  x = fminf(fmaxf(x, 0), (float)(nx - 1));
  y = fminf(fmaxf(y, 0), (float)(ny - 1));
  z = fminf(fmaxf(z, 0), (float)(nz - 1));
  int32_t i = (int32_t)x, j = (int32_t)y, k = (int32_t)z;
  float a = x - (float)i, b = y - (float)j, c = z - (float)k;
  int64_t di = i + 1 < nx ? 1 : 0, dj = j + 1 < ny ? nx : 0, dk = k + 1 < nz ? (int64_t)nx * ny : 0;
  const float *v = volume + ((int64_t)k * ny + j) * nx + i;
  float v00 = v[0] + a * (v[di] - v[0]);
  float v10 = v[dj] + a * (v[dj + di] - v[dj]);
  float v01 = v[dk] + a * (v[dk + di] - v[dk]);
  float v11 = v[dk + dj] + a * (v[dk + dj + di] - v[dk + dj]);
  float v0 = v00 + b * (v10 - v00), v1 = v01 + b * (v11 - v01);
  return v0 + c * (v1 - v0);
}

GATHER_CLONES void spider_sample_volume(const float *restrict volume, int32_t nx, int32_t ny,
                                        int32_t nz, const float *restrict ijk, int64_t P,
                                        float outside, float *restrict out) {
  for (int64_t p = 0; p < P; p++)
    out[p] = trilinear(volume, nx, ny, nz, ijk[3 * p], ijk[3 * p + 1], ijk[3 * p + 2], outside);
}

// The cell of a lattice of L nodes over n voxels that holds voxel position x, and the place in it.
__attribute__((always_inline)) static inline int32_t latticeCell(float x, int32_t n, int32_t L, float *part) {
  float t = n > 1 ? x * (float)(L - 1) / (float)(n - 1) : 0;
  t = t > 0 ? (t < (float)(L - 1) ? t : (float)(L - 1)) : 0;  // NaN becomes 0
  int32_t cell = (int32_t)t;
  if (cell > L - 2) cell = L - 2;
  *part = t - (float)cell;
  return cell;
}

void spider_displacement(const float *lattice, int32_t L, int32_t nx, int32_t ny, int32_t nz,
                         const float *ijk, int64_t P, float *out) {
  for (int64_t p = 0; p < P; p++) {
    float a, b, c;
    int32_t i = latticeCell(ijk[3 * p], nx, L, &a), j = latticeCell(ijk[3 * p + 1], ny, L, &b),
            k = latticeCell(ijk[3 * p + 2], nz, L, &c);
    for (int d = 0; d < 3; d++) {
      float sum = 0;
      for (int corner = 0; corner < 8; corner++) {
        int u = corner & 1, v = corner >> 1 & 1, w = corner >> 2;
        float weight = (u ? a : 1 - a) * (v ? b : 1 - b) * (w ? c : 1 - c);
        sum += weight * lattice[(((int64_t)(k + w) * L + j + v) * L + i + u) * 3 + d];
      }
      out[3 * p + d] = sum;
    }
  }
}

GATHER_CLONES void spider_warp_volume(const float *restrict volume, int32_t nx, int32_t ny,
                                      int32_t nz, const float *restrict lattice, int32_t L,
                                      int32_t first, int32_t end, float *restrict out) {
  for (int32_t k = first; k < end; k++) {
    float c;
    int32_t kk = latticeCell((float)k, nz, L, &c);
    for (int32_t j = 0; j < ny; j++) {
      float b;
      int32_t jj = latticeCell((float)j, ny, L, &b);
      // The four lattice rows around this row of voxels, mixed node by node as x goes on.
      const float *r00 = lattice + ((int64_t)kk * L + jj) * L * 3, *r10 = r00 + 3 * L,
                  *r01 = r00 + 3 * (int64_t)L * L, *r11 = r01 + 3 * L;
      float w00 = (1 - b) * (1 - c), w10 = b * (1 - c), w01 = (1 - b) * c, w11 = b * c;
      float *restrict to = out + ((int64_t)(k - first) * ny + j) * nx;
      for (int32_t i = 0; i < nx; i++) {
        float a, d[3];
        int32_t ii = 3 * latticeCell((float)i, nx, L, &a);
        for (int t = 0; t < 3; t++) {
          float lower = w00 * r00[ii + t] + w10 * r10[ii + t] + w01 * r01[ii + t] + w11 * r11[ii + t];
          float upper = w00 * r00[ii + 3 + t] + w10 * r10[ii + 3 + t] + w01 * r01[ii + 3 + t] +
                        w11 * r11[ii + 3 + t];
          d[t] = lower + a * (upper - lower);
        }
        to[i] = trilinear(volume, nx, ny, nz, (float)i + d[0], (float)j + d[1], (float)k + d[2], 0);
      }
    }
  }
}

void spider_fourier_code(const float *xyz, int64_t P, int32_t octaves, float *out,
                         int64_t outStride) {
  for (int64_t p = 0; p < P; p++) {
    float *to = out + p * outStride;
    for (int d = 0; d < 3; d++) {
      float x = xyz[3 * p + d];
      to[d] = x;
      if (octaves == 0) continue;
      // One sine and cosine, then doubling: sin 2a = 2 sin a cos a, cos 2a = cos^2 a - sin^2 a.
      // In double the rounding of six doublings stays far below float's.
      double s = sin(6.283185307179586 * x), c = cos(6.283185307179586 * x);
      for (int32_t o = 0; o < octaves; o++) {
        to[3 + 6 * o + d] = (float)s;
        to[6 + 6 * o + d] = (float)c;
        double next = 2 * s * c;
        c = c * c - s * s;
        s = next;
      }
    }
  }
}

// The eight corners of a point's cell on one level: table rows and weights. Levels whose corners fit
// the table are stored densely, the others are hashed.
__attribute__((always_inline)) static inline void cell(int32_t resolution, int32_t T, const float *xyz, int32_t row[8], float weight[8]) {
  int32_t base[3];
  float part[3];
  for (int d = 0; d < 3; d++) {
    float x = xyz[d] + 0.5f;
    x = x > 0 ? (x < 1 ? x : 1) : 0;  // NaN becomes 0
    x *= (float)resolution;
    int32_t i = (int32_t)x;
    if (i > resolution - 1) i = resolution - 1;
    base[d] = i;
    part[d] = x - (float)i;
  }
  int64_t side = (int64_t)resolution + 1;
  int dense = side * side * side <= T;
  for (int k = 0; k < 8; k++) {
    uint32_t i[3];
    float w = 1;
    for (int d = 0; d < 3; d++) {
      int up = (k >> d) & 1;
      i[d] = (uint32_t)(base[d] + up);
      w *= up ? part[d] : 1 - part[d];
    }
    weight[k] = w;
    row[k] = dense ? (int32_t)((i[2] * side + i[1]) * side + i[0])
                   : (int32_t)((i[0] ^ (i[1] * 2654435761u) ^ (i[2] * 805459861u)) &
                               (uint32_t)(T - 1));
  }
}

// One level of one point. A constant F lets the sum live in a register.
__attribute__((always_inline)) static inline void interpolate(const float *restrict table,
                                                              int32_t resolution, int32_t T,
                                                              const int32_t F, const float *xyz,
                                                              float *restrict out) {
  int32_t row[8];
  float weight[8];
  cell(resolution, T, xyz, row, weight);
  for (int32_t f = 0; f < F; f++) {
    float sum = 0;
    for (int k = 0; k < 8; k++) sum += weight[k] * table[(int64_t)row[k] * F + f];
    out[f] = sum;
  }
}

CLONES void spider_hash_code(const float *restrict table, const int32_t *resolutions, int32_t L,
                             int32_t T, int32_t F, const float *restrict xyz, int64_t P,
                             float *restrict out, int64_t outStride) {
  for (int64_t p = 0; p < P; p++) {
    for (int32_t l = 0; l < L; l++) {
      float *restrict to = out + p * outStride + l * F;
      const float *level = table + (int64_t)l * T * F;
      if (F == 8)
        interpolate(level, resolutions[l], T, 8, xyz + 3 * p, to);
      else
        interpolate(level, resolutions[l], T, F, xyz + 3 * p, to);
    }
  }
}

CLONES void spider_hash_code_backward(const float *restrict grad, int64_t gradStride,
                                      int32_t resolution, int32_t T, int32_t F,
                                      const float *restrict xyz, int64_t P,
                                      float *restrict gradTable) {
  for (int64_t p = 0; p < P; p++) {
    const float *restrict from = grad + p * gradStride;
    int32_t row[8];
    float weight[8];
    cell(resolution, T, xyz + 3 * p, row, weight);
    for (int k = 0; k < 8; k++) {
      float *restrict to = gradTable + (int64_t)row[k] * F;
      for (int32_t f = 0; f < F; f++) to[f] += weight[k] * from[f];
    }
  }
}

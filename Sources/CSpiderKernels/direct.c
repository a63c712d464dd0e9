#include "direct.h"

#include <string.h>

#include "instructions.h"

// Vectors wider than the baseline's registers never cross a real call: everything is inlined.
#pragma clang diagnostic ignored "-Wpsabi"

// ---- Variants ---------------------------------------------------------------------------------

#define NAME(x) baseline_##x
#define TARGET
#define LANES 4
#define OUTPUTS 1
#define ROWS 4
#include "direct_variant.h"
#undef NAME
#undef TARGET
#undef LANES
#undef OUTPUTS
#undef ROWS

#if defined(__x86_64__) && defined(__clang__)

#define NAME(x) avx2_##x
#define TARGET __attribute__((target("arch=x86-64-v3")))
#define LANES 8
#define OUTPUTS 1
#define ROWS 4
#include "direct_variant.h"
#undef NAME
#undef TARGET
#undef LANES
#undef OUTPUTS
#undef ROWS

#define NAME(x) avx512_##x
#define TARGET __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define LANES 16
#define OUTPUTS 2
#define ROWS 8
#include "direct_variant.h"
#undef NAME
#undef TARGET
#undef LANES
#undef OUTPUTS
#undef ROWS

#define CHOOSE(level, x)                                \
  ((level) >= SPIDER_LEVEL_AVX512   ? avx512_##x        \
   : (level) == SPIDER_LEVEL_AVX2 ? avx2_##x : baseline_##x)
#else
#define CHOOSE(level, x) ((void)(level), baseline_##x)
#endif

// ---- Doubling ---------------------------------------------------------------------------------

// A copied row: whole vectors, and one neighbour more.
static inline int64_t doubling_stride(spider_doubling s) { return (s.W + 15) / 16 * 16 + 16; }

int64_t spider_doubling_weight_count(spider_doubling s) {
  return (int64_t)(s.Cout + 1) / 2 * s.Cin * 54;
}

int64_t spider_doubling_scratch(spider_doubling s) { return 4 * s.Cin * doubling_stride(s); }

void spider_doubling_weights(spider_doubling s, const float *w, int32_t first, int32_t end,
                             float *packed) {
  for (int32_t pair = first; pair < end; pair++)
    for (int32_t c = 0; c < s.Cin; c++) {
      float *to = packed + ((int64_t)pair * s.Cin + c) * 54;
      for (int32_t j = 0; j < 2; j++)
        for (int32_t k = 0; k < 27; k++)
          to[2 * k + j] =
              2 * pair + j < s.Cout ? w[((int64_t)c * s.Cout + 2 * pair + j) * 27 + k] : 0;
    }
}

void spider_double(spider_doubling s, const float *x, const float *packed, const float *bias,
                   int64_t first, int64_t end, float *scratch, float *y, int32_t level) {
  const int64_t stride = doubling_stride(s), plane = (int64_t)s.H * s.W;
  const int32_t outputs = level >= SPIDER_LEVEL_AVX512 ? 2 : 1;
  memset(scratch, 0, sizeof(float) * (size_t)spider_doubling_scratch(s));
  for (int64_t row = first; row < end; row++) {
    const int32_t z = (int32_t)(row / s.H), up = (int32_t)(row % s.H);
    for (int32_t c = 0; c < s.Cin; c++)
      for (int32_t d = 0; d < 4; d++) {
        float *to = scratch + (4 * (int64_t)c + d) * stride;
        const int32_t dz = d >> 1, dy = d & 1;
        if (z + dz < s.D && up + dy < s.H)
          memcpy(to, x + (c * (int64_t)s.D + z + dz) * plane + (int64_t)(up + dy) * s.W,
                 sizeof(float) * (size_t)s.W);
        else
          memset(to, 0, sizeof(float) * (size_t)s.W);
      }
    for (int32_t o = 0; o < s.Cout; o += outputs)
      CHOOSE(level, double_row)(&s, scratch, stride, packed + (int64_t)(o / 2) * s.Cin * 54 + o % 2,
                                bias, o, z, up, y);
  }
}

// ---- Wide kernels -----------------------------------------------------------------------------

// The largest block of a variant, what a kernel reaches beyond it, and how deep it may be.
enum { MOST_ROWS = 8, MOST_COLUMNS = 32, REACH = 6, MOST_DEPTH = SPIDER_WIDE_KERNEL_DEPTH };

static inline int32_t wide_output(int32_t size, int32_t padding, int32_t kernel) {
  return size + 2 * padding - kernel + 1;
}

// A padded plane: whole blocks of the output, and what the kernel reaches beyond.
typedef struct {
  int32_t D, H, W;         // of the output
  int64_t stride, channel;  // of a padded plane's rows, and of its channels
} wide_sizes;

static wide_sizes wide_sizes_of(spider_wide_kernel s) {
  wide_sizes a;
  a.D = wide_output(s.D, s.padding[0], s.depth);
  a.H = wide_output(s.H, s.padding[1], 7);
  a.W = wide_output(s.W, s.padding[2], 7);
  a.stride = (a.W + MOST_COLUMNS - 1) / MOST_COLUMNS * MOST_COLUMNS + 16;
  a.channel = ((a.H + MOST_ROWS - 1) / MOST_ROWS * MOST_ROWS + REACH) * a.stride;
  return a;
}

int64_t spider_wide_kernel_scratch(spider_wide_kernel s) {
  return s.depth * s.Cin * wide_sizes_of(s).channel;
}

// Copies plane z of all channels with zeros about it.
static void wide_pad(const spider_wide_kernel *s, const wide_sizes *a, const float *x, int32_t z,
                     float *to) {
  const int32_t rows = (int32_t)(a->channel / a->stride);
  for (int32_t c = 0; c < s->Cin; c++) {
    const float *plane = x + ((int64_t)c * s->D + z) * s->H * s->W;
    for (int32_t y = 0; y < rows; y++, to += a->stride) {
      const int32_t from = y - s->padding[1];
      memset(to, 0, sizeof(float) * (size_t)a->stride);
      if (from < 0 || from >= s->H) continue;
      // The output may be narrower than what the kernel sees; the rest is never read.
      const int64_t room = a->stride - s->padding[2], width = s->W < room ? s->W : room;
      memcpy(to + s->padding[2], plane + (int64_t)from * s->W, sizeof(float) * (size_t)width);
    }
  }
}

void spider_convolve_wide(spider_wide_kernel s, const float *x, const float *w, const float *bias,
                          int32_t first, int32_t end, float *scratch, float *y, int32_t adding,
                          int32_t level) {
  const wide_sizes a = wide_sizes_of(s);
  const int32_t lanes = level >= SPIDER_LEVEL_AVX512 ? 16 : level == SPIDER_LEVEL_AVX2 ? 8 : 4;
  const int32_t rows = level >= SPIDER_LEVEL_AVX512 ? 8 : 4, columns = 2 * lanes;
  int32_t padded = first - s.padding[0];  // planes below this one are in the ring
  const float *planes[MOST_DEPTH];
  for (int32_t z = first; z < end; z++) {
    const int32_t below = z - s.padding[0];
    const int32_t from = below < 0 ? -below : 0;
    const int32_t last = below + s.depth > s.D ? s.D - below : s.depth;
    for (; padded < below + s.depth; padded++)
      if (padded >= 0 && padded < s.D)
        wide_pad(&s, &a, x, padded, scratch + padded % s.depth * s.Cin * a.channel);
    for (int32_t kz = from; kz < last; kz++)
      planes[kz] = scratch + (below + kz) % s.depth * s.Cin * a.channel;
    for (int32_t o = 0; o < s.Cout; o++)
      for (int32_t v = 0; v < a.H; v += rows)
        for (int32_t u = 0; u < a.W; u += columns) {
          float block[MOST_ROWS * MOST_COLUMNS];
          CHOOSE(level, wide_block)(&s, planes, a.stride, a.channel,
                                    w + (int64_t)o * s.Cin * s.depth * 49, bias ? bias[o] : 0, from,
                                    last, v, u, block);
          const int32_t width = a.W - u < columns ? a.W - u : columns;
          for (int32_t r = 0; r < rows && v + r < a.H; r++) {
            float *to = y + (((int64_t)o * a.D + z) * a.H + v + r) * a.W + u;
            const float *made = block + r * columns;
            if (adding)
              for (int32_t i = 0; i < width; i++) to[i] += made[i];
            else
              memcpy(to, made, sizeof(float) * (size_t)width);
          }
        }
  }
}

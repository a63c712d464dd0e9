#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "CSpiderKernels.h"
#include "decoder_plan.h"

// How wide the next panel is when so many outputs are left, a multiple of 8.
static inline int32_t decoder_panel_width(int32_t left) {
  return left >= 32 ? 32 : left >= 16 ? 16 : 8;
}

// Where the points of a run are: along the canonical axis that i follows, and on the two across.
static inline void decoder_line(const spider_decoder *d, const decoder_run *run, float *along,
                                float across[2]) {
#pragma clang fp contract(off)
  const double *c = d->canonical[d->axis];
  double start = c[1] * run->j + (c[2] * run->k + c[3]);
  for (int32_t t = 0; t < run->count; t++) along[t] = (float)(start + c[0] * (run->i + t));
  for (int e = 0; e < 2; e++) {
    const double *a = d->canonical[d->across[e]];
    across[e] = (float)(a[1] * run->j + (a[2] * run->k + a[3]));
  }
}

// Whether the first layer is but a sum of rows, of which a brief layer takes the positive part.
static inline int32_t decoder_rounds_first(const spider_decoder *d) {
  const decoder_layer *l = d->layers;
  return d->hoisted && l->K == 0 && l->relu && d->layerCount > 1 && l[1].brief;
}

// ---- Variants ---------------------------------------------------------------------------------

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TILE_OF(panel) JOIN(panel, _tile)

#define NAME(x) baseline_##x
#define TARGET
#define LANES 4
#define ROWS 4
#include "decoder_variant.h"
#undef NAME
#undef TARGET
#undef LANES
#undef ROWS

#if defined(__x86_64__) && defined(__clang__)
#define HAS_VARIANTS 1

#define NAME(x) avx2_##x
#define TARGET __attribute__((target("avx2,fma,bmi,bmi2,f16c,lzcnt,movbe")))
#define LANES 8
#define ROWS 6
#include "decoder_variant.h"
#undef NAME
#undef TARGET
#undef LANES
#undef ROWS

#ifndef ROWS512
#define ROWS512 12
#endif
#include "decoder_brief.h"
#define BRIEF 1

#define NAME(x) avx512_##x
#define TARGET \
  __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx512cd,fma,bmi,bmi2,f16c,lzcnt,movbe")))
#define LANES 16
#define ROWS ROWS512
#include "decoder_variant.h"
#undef BRIEF
#undef NAME
#undef TARGET
#undef LANES
#undef ROWS
#endif

static void answer(const spider_decoder *d, decoder_block *block, const spider_answers *to) {
#ifdef HAS_VARIANTS
  if (d->level == SPIDER_LEVEL_AVX512) return avx512_answer(d, block, to);
  if (d->level == SPIDER_LEVEL_AVX2) return avx2_answer(d, block, to);
#endif
  baseline_answer(d, block, to);
}

// ---- Building ---------------------------------------------------------------------------------

int32_t spider_decoder_padded(int32_t outputs) { return (outputs + 7) / 8 * 8; }

static int64_t rounded(int64_t floats) { return (floats + 15) / 16 * 16; }

// Zeros on a 64-byte boundary.
static float *floats(int64_t count) {
  size_t bytes = (size_t)rounded(count > 0 ? count : 1) * sizeof(float);
  float *memory = aligned_alloc(64, bytes);
  if (memory) memset(memory, 0, bytes);
  return memory;
}

// Packs a layer: panels of outputs, in each the weights of one input after another.
static int32_t pack(decoder_layer *l, const float *weight, int64_t stride, const float *bias,
                    int32_t K, int32_t outputs, int32_t relu) {
  int32_t padded = spider_decoder_padded(outputs);
  *l = (decoder_layer){K, outputs, padded, relu, floats((int64_t)K * padded), floats(padded), 0, 0};
  if (!l->weights || !l->bias) return 0;
  float *to = l->weights;
  for (int32_t o = 0, width; o < padded; o += width) {
    width = decoder_panel_width(padded - o);
    for (int32_t k = 0; k < K; k++)
      for (int32_t n = o; n < o + width; n++) *to++ = n < outputs ? weight[n * stride + k] : 0;
  }
  if (bias) memcpy(l->bias, bias, sizeof(float) * outputs);
  return 1;
}

spider_decoder *spider_decoder_new(int32_t nx, int32_t ny, const double canonical[12],
                                   int32_t level) {
  if (level > spider_instruction_level()) return 0;
  spider_decoder *d = calloc(1, sizeof *d);
  if (!d) return 0;
  d->level = level;
  d->nx = nx;
  d->ny = ny;
  memcpy(d->canonical, canonical, sizeof d->canonical);
  d->high = 1;
  return d;
}

static void freeLayer(decoder_layer *l) {
  free(l->weights);
  free(l->bias);
  free(l->brief);
  free(l->paired);
}

void spider_decoder_free(spider_decoder *d) {
  if (!d) return;
  for (int32_t n = 0; n < d->layerCount; n++) freeLayer(d->layers + n);
  for (int32_t l = 0; l < d->levelCount; l++) freeLayer(&d->levels[l].product);
  free(d->layers);
  free(d->levels);
  free(d->views);
  free(d->zeros);
  free(d);
}

int32_t spider_decoder_add_layer(spider_decoder *d, const float *weight, const float *bias,
                                 int32_t K, int32_t outputs, int32_t relu) {
  decoder_layer *grown = realloc(d->layers, sizeof *grown * (d->layerCount + 1));
  if (!grown) return 0;
  d->layers = grown;
  d->layerCount++;
  return pack(d->layers + d->layerCount - 1, weight, K, bias, K, outputs, relu);
}

// The nearest bfloat16, ties to even; NaN stays one.
static uint16_t rounded_weight(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  if (x != x) return (uint16_t)(bits >> 16 | 0x40);
  return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

int32_t spider_decoder_add_brief_layer(spider_decoder *d, const float *weight, const float *bias,
                                       int32_t K, int32_t outputs, int32_t relu) {
  if (!spider_decoder_add_layer(d, weight, bias, K, outputs, relu)) return 0;
  decoder_layer *l = d->layers + d->layerCount - 1;
  if (d->level != SPIDER_LEVEL_AVX512 || !spider_has_bfloat16() || l->padded % 16 != 0 || d->layerCount == 1)
    return 1;
  int32_t pairs = (K + 1) / 2;
  l->brief = aligned_alloc(64, (size_t)(2 * pairs) * l->padded * sizeof(uint16_t));
  if (!l->brief) return 0;
  uint16_t *to = l->brief;
  for (int32_t o = 0, width; o < l->padded; o += width) {
    width = l->padded - o >= 32 ? 32 : 16;
    for (int32_t k = 0; k < 2 * pairs; k += 2)
      for (int32_t n = o; n < o + width; n++)
        for (int32_t e = 0; e < 2; e++)
          *to++ = n < outputs && k + e < K ? rounded_weight(weight[(int64_t)n * K + k + e]) : 0;
  }
  return 1;
}

int32_t spider_decoder_add_paired_heads(spider_decoder *d, const float *weight, const float *bias,
                                        int32_t K, int32_t outputs) {
  if (!spider_decoder_add_layer(d, weight, bias, K, outputs, 0)) return 0;
  decoder_layer *l = d->layers + d->layerCount - 1;
  if (d->level != SPIDER_LEVEL_AVX512 || !spider_has_bfloat16() || l->padded != 8 || K % 2 != 0 || d->layerCount == 1)
    return 1;
  l->paired = floats((int64_t)8 * K);
  if (!l->paired) return 0;
  for (int32_t k = 0; k < K; k++)
    for (int32_t n = 0; n < outputs; n++) l->paired[16 * (k / 2) + 2 * n + k % 2] = weight[(int64_t)n * K + k];
  return 1;
}

int32_t spider_decoder_set_views(spider_decoder *d, int32_t views, const float *maps,
                                 int64_t mapStride, int32_t H, int32_t W, int32_t F,
                                 const double *matrices, float scale, int32_t hoisted, int32_t sum) {
  d->views = calloc(views, sizeof *d->views);
  d->zeros = floats(F);
  if (!d->views || !d->zeros) return 0;
  for (int32_t v = 0; v < views; v++) {
    d->views[v].map = maps + v * mapStride;
    memcpy(d->views[v].matrix, matrices + 12 * v, sizeof d->views[v].matrix);
  }
  d->viewCount = views;
  d->H = H;
  d->W = W;
  d->F = F;
  d->scale = scale;
  d->hoisted = hoisted;
  d->sum = sum;
  return 1;
}

void spider_decoder_set_given_code(spider_decoder *d, int32_t width) {
  d->codeWidth = width;
}

void spider_decoder_set_axis_tables(spider_decoder *d, const float *alongI, const float *alongJ,
                                    const float *alongK) {
  d->axisTable[0] = alongI;
  d->axisTable[1] = alongJ;
  d->axisTable[2] = alongK;
}

int32_t spider_decoder_set_lattice(spider_decoder *d, const float *table,
                                   const int32_t *resolutions, int32_t L, int32_t T, int32_t G,
                                   int32_t axis, const uint8_t *lined, const float *weights,
                                   int32_t outputs) {
  d->levels = calloc(L, sizeof *d->levels);
  if (!d->levels) return 0;
  d->levelCount = L;
  d->tableMask = T - 1;
  d->T = T;
  d->G = G;
  d->axis = axis;
  d->across[0] = axis == 0 ? 1 : 0;
  d->across[1] = axis == 2 ? 1 : 2;
  for (int32_t l = 0; l < L; l++) d->linedCount += lined[l] != 0;
  int32_t line = 0, column = 0;
  for (int32_t l = 0; l < L; l++) {
    decoder_level *level = d->levels + l;
    int64_t side = (int64_t)resolutions[l] + 1;
    level->table = table + (int64_t)l * T * G;
    level->resolution = resolutions[l];
    level->dense = side * side * side <= T;
    level->multiplier[0] = 1;
    level->multiplier[1] = level->dense ? (uint32_t)side : 2654435761u;
    level->multiplier[2] = level->dense ? (uint32_t)(side * side) : 805459861u;
    level->column = lined[l] ? -1 : column;
    if (!lined[l]) {
      column += G;
      continue;
    }
    int64_t stride = (int64_t)d->linedCount * G;
    if (!pack(&level->product, weights + (int64_t)line * G, stride, 0, G, outputs, 0)) return 0;
    line++;
  }
  d->codeWidth = column;
  return 1;
}

void spider_decoder_set_window(spider_decoder *d, float low, float high) {
  d->low = low;
  d->high = high;
}

void spider_decoder_set_scale(spider_decoder *d, float factor) {
  d->scaled = 1;
  d->scaleFactor = factor;
}

void spider_decoder_set_margins(spider_decoder *d, const uint8_t *classes, int32_t count) {
  d->marginCount = count < SPIDER_DECODER_MARGINS ? count : SPIDER_DECODER_MARGINS;
  memcpy(d->margins, classes, (size_t)d->marginCount);
}

// ---- Scratch ----------------------------------------------------------------------------------

// Nodes a run of a block's length can need on a level.
static int64_t nodesOfRun(const spider_decoder *d, const decoder_level *level) {
  double step = d->canonical[d->axis][0];
  double cells = (step < 0 ? -step : step) * (BLOCK - 1) * level->resolution + 4;
  int64_t most = (int64_t)level->resolution + 1;
  return cells < (double)most ? (int64_t)cells : most;
}

// Lays the scratch out in `memory` and returns how many floats it takes; without memory it only counts.
static int64_t layOut(const spider_decoder *d, float *memory) {
  decoder_block *block = (decoder_block *)memory, counted;
  if (!memory) block = &counted;
  int64_t width = 0, mostNodes = 0, products = 0, used = rounded(sizeof *block / sizeof(float) + 1);
  for (int32_t n = 0; n < d->layerCount; n++)
    width = d->layers[n].padded > width ? d->layers[n].padded : width;
  for (int32_t l = 0; l < d->levelCount; l++) {
    int64_t nodes = nodesOfRun(d, d->levels + l);
    mostNodes = nodes > mostNodes ? nodes : mostNodes;
    if (d->levels[l].column < 0) products += nodes;
  }
  block->sources = 4 * d->viewCount + (d->axisTable[0] ? 1 : 0) + 2 * d->linedCount;
  block->inputStride = rounded(d->layers[0].K);
#define PART(field, type, count)                            \
  if (memory) block->field = (type *)(memory + used);       \
  used += rounded((count) * (int64_t)sizeof(type) / (int64_t)sizeof(float));
  PART(row, const float *, (int64_t)BLOCK * block->sources)
  PART(weight, float, (int64_t)BLOCK * block->sources)
  PART(inputs, float, BLOCK * block->inputStride)
  PART(a, float, BLOCK * width)
  PART(b, float, BLOCK * width)
  PART(rounded[0], uint16_t, BLOCK * width)
  PART(rounded[1], uint16_t, BLOCK * width)
  PART(start, float, d->layers[0].padded)
  PART(nodes, float, mostNodes * d->G)
  PART(products, float, products * d->layers[0].padded)
#undef PART
  return used;
}

int64_t spider_decoder_scratch(const spider_decoder *d) { return layOut(d, 0); }

// ---- Which voxels -----------------------------------------------------------------------------

// The part of a line of voxels that lies in the frame: i in [low, high).
static void insideOfLine(const spider_decoder *d, int64_t line, int32_t *low, int32_t *high) {
#pragma clang fp contract(off)
  double j = (double)(line % d->ny), k = (double)(line / d->ny);
  double first = 0, last = d->nx - 1;
  for (int a = 0; a < 3; a++) {
    const double reach = 0.5 + 1e-9, *c = d->canonical[a];
    double start = c[1] * j + (c[2] * k + c[3]);
    if (c[0] == 0) {
      if (!(start >= -reach && start <= reach)) last = -1;
      continue;
    }
    double from = (-reach - start) / c[0], to = (reach - start) / c[0];
    double lower = from < to ? from : to, upper = from < to ? to : from;
    if (lower > first) first = lower;
    if (!(upper >= last)) last = upper >= 0 ? upper : -1;
  }
  int32_t begin = (int32_t)(first < d->nx ? first : d->nx);
  if (begin < first) begin++;
  *low = begin;
  *high = last < 0 ? begin : (int32_t)last + 1;
  if (*high < begin) *high = begin;
}

void spider_decoder_clear(const spider_decoder *d, int64_t first, int64_t count, float air,
                          uint8_t outside, spider_answers to) {
  uint8_t *labels = to.labels;
  for (int64_t n = 0; n < count; n++) to.hu[n] = air;
  if (to.scale) memset(to.scale, 0, sizeof(float) * (size_t)count);
  if (to.margins)
    for (int64_t n = 0; n < count * d->marginCount; n++) to.margins[n] = -1;
  memset(labels, outside, (size_t)count);
  for (int64_t n = 0; n < count;) {
    int64_t line = (first + n) / d->nx;
    int32_t i = (int32_t)((first + n) % d->nx), low, high;
    insideOfLine(d, line, &low, &high);
    int64_t here = d->nx - i < count - n ? d->nx - i : count - n;
    int64_t from = low > i ? low : i, to = high < i + here ? high : i + here;
    if (to > from) memset(labels + n + (from - i), 0, (size_t)(to - from));
    n += here;
  }
}

// Fills a block from the front of the list, or of start ..< start + count; how many voxels it used.
static int64_t fill(const spider_decoder *d, int64_t base, const uint32_t *list, int64_t start,
                    int64_t count, decoder_voxels *voxels) {
  voxels->points = voxels->runs = 0;
  int64_t n = 0;
  while (n < count && voxels->points < BLOCK) {
    int64_t offset = list ? list[n] : start + n;
    int64_t line = (base + offset) / d->nx;
    int32_t i = (int32_t)((base + offset) % d->nx), low, high;
    insideOfLine(d, line, &low, &high);
    // Neighbours along the line.
    int64_t most = d->nx - i < count - n ? d->nx - i : count - n, length = most;
    if (list) {
      int64_t room = BLOCK - voxels->points;
      if (most > room) most = room;
      for (length = 1; length < most && list[n + length] == offset + length;) length++;
    }
    // Those before the frame are passed over, and those behind it.
    int64_t skipped = low > i ? low - i : 0;
    if (skipped > length || i + skipped >= high) skipped = length;
    n += skipped;
    i += skipped;
    length -= skipped;
    int64_t inside = high - i < length ? high - i : length;
    if (inside > BLOCK - voxels->points) inside = BLOCK - voxels->points;
    if (length == 0 || inside <= 0) continue;
    voxels->run[voxels->runs++] = (decoder_run){
      voxels->points, (int32_t)inside, i, (int32_t)(line % d->ny), (int32_t)(line / d->ny),
      (uint32_t)(offset + skipped)};
    voxels->points += (int32_t)inside;
    n += inside;
  }
  return n;
}

void spider_decoder_run(const spider_decoder *d, int64_t base, const uint32_t *list, int64_t start,
                        int64_t count, float *scratch, spider_answers to) {
  decoder_block *block = (decoder_block *)scratch;
  layOut(d, scratch);
  for (int64_t used = fill(d, base, list, start, count, &block->next); block->next.points > 0;) {
    block->now = block->next;
    // What the block after this one will read can then be fetched in time.
    used += fill(d, base, list ? list + used : 0, start + used, count - used, &block->next);
    answer(d, block, &to);
  }
}

int32_t spider_decoder_place(const spider_decoder *d, int64_t base, const uint32_t *list,
                             int64_t start, int64_t count, float *scratch, float *xyz,
                             int64_t *used) {
#pragma clang fp contract(off)
  decoder_block *block = (decoder_block *)scratch;
  layOut(d, scratch);
  *used = fill(d, base, list, start, count, &block->now);
  block->next.points = block->next.runs = 0;
  for (int32_t r = 0; r < block->now.runs; r++) {
    const decoder_run *run = block->now.run + r;
    for (int a = 0; a < 3; a++) {
      const double *c = d->canonical[a];
      double line = c[1] * run->j + (c[2] * run->k + c[3]);
      for (int32_t t = 0; t < run->count; t++)
        xyz[3 * (run->first + t) + a] = (float)(line + c[0] * (run->i + t));
    }
  }
  return block->now.points;
}

void spider_decoder_answer(const spider_decoder *d, const float *code, int64_t stride,
                           float *scratch, spider_answers to) {
  decoder_block *block = (decoder_block *)scratch;
  if (block->now.points == 0) return;
  int64_t column = d->layers[0].K - d->codeWidth;
  for (int32_t p = 0; p < block->now.points; p++)
    memcpy(block->inputs + p * block->inputStride + column, code + p * stride,
           sizeof(float) * d->codeWidth);
  answer(d, block, &to);
}

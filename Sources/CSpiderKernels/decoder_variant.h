// The decoder's inner loops, included once for each variant with
//   NAME(x)  the variant's name of x,
//   TARGET   the attribute that says which instructions it may use,
//   LANES    floats of its widest vector: 16, 8 or 4,
//   ROWS     points of a tile of the micro-kernel, as many as its registers hold.
//
// What a point is answered does not depend on its place in a tile, run or block: every sum runs in
// the same order with the same operations. A product and the sum it goes into stand in one expression,
// so that clang's default contraction makes them one fused operation wherever the variant has it.

typedef float NAME(vec) __attribute__((ext_vector_type(LANES), aligned(4)));
typedef float NAME(vec8) __attribute__((ext_vector_type(8), aligned(4)));

// ---- Layers -----------------------------------------------------------------------------------

#define PANEL NAME(panel2)
#define VEC NAME(vec)
#define VECTORS 2
#include "decoder_tile.h"
#if LANES == 16
#define PANEL NAME(panel1)
#define VEC NAME(vec)
#define VECTORS 1
#include "decoder_tile.h"
#endif
#if LANES >= 8
#define PANEL NAME(panel8)
#define VEC NAME(vec8)
#define VECTORS 1
#include "decoder_tile.h"
#endif

// A layer on a block: out = relu(init + x W^T). `ldi` 0 starts every point with the same row.
TARGET static void NAME(layer)(const decoder_layer *l, const float *x, int64_t ldx, int32_t points,
                               const float *init, int64_t ldi, float *out, int64_t ldo) {
  const float *w = l->weights;
  for (int32_t o = 0, width; o < l->padded; w += (int64_t)l->K * width, o += width) {
    width = decoder_panel_width(l->padded - o);
    int32_t part = 0;
    for (; part + 2 * LANES <= width; part += 2 * LANES)
      NAME(panel2)(x, ldx, points, w + part, width, l->K, init + o + part, ldi, l->relu,
                   out + o + part, ldo);
    if (part == width) continue;
#if LANES == 16
    (width == 16 ? NAME(panel1) : NAME(panel8))(x, ldx, points, w, width, l->K, init + o, ldi,
                                                l->relu, out + o, ldo);
#elif LANES == 8
    NAME(panel8)(x, ldx, points, w, width, l->K, init + o, ldi, l->relu, out + o, ldo);
#endif
  }
}

// ---- Sums of weighted rows --------------------------------------------------------------------

// `vectors` vectors of: start + the sum of weight[s] * row[s], in the order of s. The sums are
// variables of their own, so that no row can be suspected of overlapping the output.
#define SUM_ROWS(VEC, VECTORS)                                                                   \
  for (; n + VECTORS * (int)(sizeof(VEC) / 4) <= width; n += VECTORS * (int)(sizeof(VEC) / 4)) { \
    VEC sum[VECTORS];                                                                            \
    for (int v = 0; v < VECTORS; v++)                                                            \
      sum[v] = start ? ((const VEC *)(start + n))[v] : (VEC){0};                                 \
    for (int32_t s = 0; s < sources; s++) {                                                      \
      const VEC *from = (const VEC *)(row[s] + n);                                               \
      for (int v = 0; v < VECTORS; v++) sum[v] = sum[v] + weight[s] * from[v];                   \
    }                                                                                            \
    for (int v = 0; v < VECTORS; v++)                                                            \
      ((VEC *)(out + n))[v] = relu ? (sum[v] < 0 ? (VEC){0} : sum[v]) : sum[v];                  \
  }

TARGET static void NAME(sum_rows)(int32_t width, const float *start, int32_t sources,
                                  const float *weight, const float *const *row, int32_t relu,
                                  float *out) {
  int32_t n = 0;
#if LANES == 16
  SUM_ROWS(NAME(vec), 8)
#endif
  SUM_ROWS(NAME(vec), 4)
  SUM_ROWS(NAME(vec), 1)
#if LANES == 16
  SUM_ROWS(NAME(vec8), 1)
#endif
  for (; n < width; n++) {
    float sum = start ? start[n] : 0;
    for (int32_t s = 0; s < sources; s++) sum = sum + weight[s] * row[s][n];
    out[n] = relu && sum < 0 ? 0 : sum;
  }
}
#undef SUM_ROWS

// ---- Pixels -----------------------------------------------------------------------------------

// For the points of a run, the four pixels around the place where a view sees them, as rows and
// weights source ... source + 3. A pixel outside the map has weight 0 and reads zeros.
TARGET static void NAME(pixels)(const spider_decoder *d, const decoder_view *view,
                                const decoder_run *run, int32_t source, decoder_block *block) {
#pragma clang fp contract(off)
  double at[3], step[3];
  for (int c = 0; c < 3; c++) {
    const double *m = view->matrix + 4 * c;
    at[c] = m[1] * run->j + (m[2] * run->k + m[3]);
    step[c] = m[0];
  }
  // In bytes from the map; the zeros are as far from there as `outside`.
  int64_t place[4][BLOCK];
  const int32_t bytes = d->F * (int32_t)sizeof(float);
  const int64_t outside = (int64_t)((uintptr_t)d->zeros - (uintptr_t)view->map), below = (int64_t)d->W * bytes;
  float weight[4][BLOCK];
  int32_t H = d->H, W = d->W;
  float scale = d->scale;
  for (int32_t t = 0; t < run->count; t++) {
    double i = run->i + t;
    double w = at[2] + step[2] * i;
    double u = (at[0] + step[0] * i) / w, v = (at[1] + step[1] * i) / w;
    // Beyond the map's neighbourhood, NaN included, no pixel counts: -2 and its neighbour -1 are none.
    u = u > -1 ? (u < W ? u : -2) : -2;
    v = v > -1 ? (v < H ? v : -2) : -2;
    int32_t c = (int32_t)(u + 2) - 2, r = (int32_t)(v + 2) - 2;  // the floor, as both are positive
    float a = (float)(u - c), b = (float)(v - r);
    int64_t first = (int64_t)(r * W + c) * bytes;
    int32_t left = c >= 0, right = c + 1 >= 0 && c + 1 < W;
    int32_t up = r >= 0, down = r + 1 >= 0 && r + 1 < H;
    place[0][t] = left & up ? first : outside;
    place[1][t] = right & up ? first + bytes : outside;
    place[2][t] = left & down ? first + below : outside;
    place[3][t] = right & down ? first + below + bytes : outside;
    weight[0][t] = scale * ((1 - a) * (1 - b));
    weight[1][t] = scale * (a * (1 - b));
    weight[2][t] = scale * ((1 - a) * b);
    weight[3][t] = scale * (a * b);
  }
  for (int32_t t = 0; t < run->count; t++) {
    int64_t slot = (int64_t)(run->first + t) * block->sources + source;
    for (int q = 0; q < 4; q++) {
      block->row[slot + q] = (const float *)((uintptr_t)view->map + (uintptr_t)place[q][t]);
      block->weight[slot + q] = weight[q][t];
    }
  }
}

// ---- Lattice code -----------------------------------------------------------------------------

// The cell of each point of a run along the canonical axis that i follows, and the place in it.
TARGET static void NAME(cells)(const float *along, int32_t count, int32_t resolution,
                               int32_t *restrict cell, float *restrict part) {
#pragma clang fp contract(off)
  for (int32_t t = 0; t < count; t++) {
    float x = along[t] + 0.5f;
    x = x > 0 ? (x < 1 ? x : 1) : 0;
    x *= (float)resolution;
    int32_t n = (int32_t)x;
    n = n > resolution - 1 ? resolution - 1 : n;
    cell[t] = n;
    part[t] = x - (float)n;
  }
}

// The four lines of nodes around a run on a level: what their place across gives to the rows' numbers,
// and their weights.
TARGET static void NAME(corners)(const spider_decoder *d, const decoder_level *level,
                                 const float across[2], uint32_t corner[4], float weight[4]) {
  int32_t base[2];
  float place[2];
  NAME(cells)(across, 2, level->resolution, base, place);
  for (int q = 0; q < 4; q++) {
    int up[2] = {q & 1, q >> 1};
    uint32_t c[2];
    for (int e = 0; e < 2; e++)
      c[e] = (uint32_t)(base[e] + up[e]) * level->multiplier[d->across[e]];
    corner[q] = level->dense ? c[0] + c[1] : c[0] ^ c[1];
    weight[q] = (up[0] ? place[0] : 1 - place[0]) * (up[1] ? place[1] : 1 - place[1]);
  }
}

// Asks for the rows of the hashed levels that a run will read: their tables lie beyond the second cache.
TARGET static void NAME(fetch)(const spider_decoder *d, const decoder_run *run) {
  float along[BLOCK], across[2];
  if (d->levelCount == 0) return;
  decoder_line(d, run, along, across);
  float ends[2] = {along[0], along[run->count - 1]}, part[2], weight[4];
  for (int32_t l = 0; l < d->levelCount; l++) {
    const decoder_level *level = d->levels + l;
    if (level->dense) continue;
    int32_t cell[2];
    uint32_t corner[4];
    NAME(cells)(ends, 2, level->resolution, cell, part);
    NAME(corners)(d, level, across, corner, weight);
    int32_t head = cell[0] < cell[1] ? cell[0] : cell[1], tail = cell[0] < cell[1] ? cell[1] : cell[0];
    uint32_t multiplier = level->multiplier[d->axis], mask = (uint32_t)d->tableMask;
    // Along x the rows of nodes 2n and 2n + 1 are neighbours: two of 8 features share a cache line.
    int32_t step = multiplier == 1 && d->G == 8 ? 2 : 1;
    for (int32_t n = head & -step; n <= tail + 1; n += step)
      for (int q = 0; q < 4; q++)
        __builtin_prefetch(
          level->table + (int64_t)((corner[q] ^ (uint32_t)n * multiplier) & mask) * d->G, 0, 2);
  }
}

// The features of the nodes lo ... lo + count - 1 of a level along a line: the lines of nodes at
// the four corners of the cell across, mixed by their weights.
TARGET static void NAME(nodes)(const spider_decoder *d, const decoder_level *level, int32_t lo,
                               int32_t count, const uint32_t corner[4], const float weight[4],
                               float *restrict out) {
  const int32_t G = d->G;
  uint32_t multiplier = level->multiplier[d->axis], mask = (uint32_t)d->tableMask;
  for (int32_t n = 0; n < count; n++) {
    uint32_t along = (uint32_t)(lo + n) * multiplier;
    const float *row[4];
    for (int q = 0; q < 4; q++) {
      uint32_t index = level->dense ? corner[q] + along : (corner[q] ^ along) & mask;
      row[q] = level->table + (int64_t)index * G;
    }
    float *to = out + (int64_t)n * G;
    if (G == 8) {
      const NAME(vec8) *a = (const NAME(vec8) *)row[0], *b = (const NAME(vec8) *)row[1],
                       *c = (const NAME(vec8) *)row[2], *e = (const NAME(vec8) *)row[3];
      *(NAME(vec8) *)to = (weight[0] * *a + weight[1] * *b) + (weight[2] * *c + weight[3] * *e);
    } else {
      for (int32_t g = 0; g < G; g++)
        to[g] = (weight[0] * row[0][g] + weight[1] * row[1][g]) +
                (weight[2] * row[2][g] + weight[3] * row[3][g]);
    }
  }
}

// All levels for a run. A lined level gives each point two rows to sum: the first layer's share of
// the nodes before and behind it, weighted by its place between them. The features of the others are
// interpolated and become inputs.
TARGET static void NAME(lattice)(const spider_decoder *d, const decoder_run *run, int32_t source,
                                 decoder_block *block) {
  float along[BLOCK], part[BLOCK];
  int32_t cell[BLOCK];
  float across[2];
  decoder_line(d, run, along, across);
  float *products = block->products;
  const int32_t G = d->G;
  int64_t codeColumn = d->layers[0].K - d->codeWidth;
  for (int32_t l = 0; l < d->levelCount; l++) {
    const decoder_level *level = d->levels + l;
    NAME(cells)(along, run->count, level->resolution, cell, part);
    uint32_t corner[4];
    float weight[4];
    NAME(corners)(d, level, across, corner, weight);
    int32_t head = cell[0], tail = cell[run->count - 1];
    int32_t lo = head < tail ? head : tail, count = (head < tail ? tail : head) - lo + 2;
    NAME(nodes)(d, level, lo, count, corner, weight, block->nodes);
    if (level->column < 0) {
      const decoder_layer *product = &level->product;
      NAME(layer)(product, block->nodes, G, count, product->bias, 0, products, product->padded);
      for (int32_t t = 0; t < run->count; t++) {
        int64_t slot = (int64_t)(run->first + t) * block->sources + source;
        const float *node = products + (int64_t)(cell[t] - lo) * product->padded;
        block->row[slot] = node;
        block->row[slot + 1] = node + product->padded;
        block->weight[slot] = 1 - part[t];
        block->weight[slot + 1] = part[t];
      }
      source += 2;
      products += (int64_t)count * product->padded;
      continue;
    }
    for (int32_t t = 0; t < run->count; t++) {
      const float *node = block->nodes + (int64_t)(cell[t] - lo) * G;
      float *to = block->inputs + (run->first + t) * block->inputStride +
                  codeColumn + level->column;
      float f = part[t];
      if (G == 8) {
        const NAME(vec8) *a = (const NAME(vec8) *)node;
        *(NAME(vec8) *)to = (1 - f) * a[0] + f * a[1];
      } else {
        for (int32_t g = 0; g < G; g++) to[g] = (1 - f) * node[g] + f * node[G + g];
      }
    }
  }
}

// ---- A block ----------------------------------------------------------------------------------

// What the first layer starts from and what it multiplies, for one run. Points whose sums are
// the whole layer get their ReLU at once.
TARGET static void NAME(gather)(const spider_decoder *d, const decoder_run *run,
                                decoder_block *block) {
  const decoder_layer *first = d->layers;
  int32_t pixelSources = 4 * d->viewCount;
  for (int32_t v = 0; v < d->viewCount; v++) NAME(pixels)(d, d->views + v, run, 4 * v, block);
  if (d->levelCount > 0) NAME(lattice)(d, run, pixelSources, block);
  const float *start = first->bias;
  if (d->axisTable[0]) {
    const float *one[2] = {d->axisTable[1] + (int64_t)run->j * first->padded,
                           d->axisTable[2] + (int64_t)run->k * first->padded};
    NAME(sum_rows)(first->padded, start, 2, (const float[2]){1, 1}, one, 0, block->start);
    start = block->start;
    for (int32_t t = 0; t < run->count; t++) {
      int64_t slot = (int64_t)(run->first + t) * block->sources + pixelSources;
      block->row[slot] = d->axisTable[0] + (int64_t)(run->i + t) * first->padded;
      block->weight[slot] = 1;
    }
  }
  int32_t passed = d->hoisted ? 0 : pixelSources, summed = block->sources - passed;
  for (int32_t t = 0; t < run->count; t++) {
    int32_t p = run->first + t;
    const float *weight = block->weight + (int64_t)p * block->sources;
    const float *const *row = block->row + (int64_t)p * block->sources;
    if (!d->hoisted) {
      float *to = block->inputs + p * block->inputStride;
      int32_t each = d->sum ? pixelSources : 4;
      for (int32_t s = 0; s < pixelSources; s += each)
        NAME(sum_rows)(d->F, 0, each, weight + s, row + s, 0, to + s / 4 * d->F);
    }
#ifdef BRIEF
    if (decoder_rounds_first(d)) {
      brief_rows(first->padded, start, summed, weight + passed, row + passed,
                 block->rounded[0] + (int64_t)p * first->padded);
      continue;
    }
#endif
    if (summed > 0)
      NAME(sum_rows)(first->padded, start, summed, weight + passed, row + passed,
                     first->relu && first->K == 0, block->a + (int64_t)p * first->padded);
  }
}

// The margins of a point: of each class that is asked for its probability less the largest of the others,
// by softmax of logits[1 ..< end].
TARGET static void NAME(margins)(const spider_decoder *d, const float *logits, int32_t end,
                                 int32_t best, float *to) {
  float sum = 0, second = -INFINITY;
  for (int32_t c = 1; c < end; c++) {
    sum += expf(logits[c] - logits[best]);
    if (c != best && logits[c] > second) second = logits[c];
  }
  for (int32_t n = 0; n < d->marginCount; n++) {
    int32_t c = d->margins[n] + 1;
    float own = c < end ? expf(logits[c] - logits[best]) : 0;
    to[n] = (own - (c == best ? expf(second - logits[best]) : 1)) / sum;
  }
}

// Everything between a block's runs and its answers.
TARGET static void NAME(answer)(const spider_decoder *d, decoder_block *block,
                                const spider_answers *to) {
  const decoder_layer *l = d->layers;
  const decoder_voxels *voxels = &block->now;
  for (int32_t r = 0; r < block->next.runs; r++) NAME(fetch)(d, block->next.run + r);
  for (int32_t r = 0; r < voxels->runs; r++) NAME(gather)(d, voxels->run + r, block);
  int32_t summed = block->sources - (d->hoisted ? 0 : 4 * d->viewCount);
  float *x = block->a, *y = block->b;
  if (l->K > 0 || summed == 0)
    NAME(layer)(l, block->inputs, block->inputStride, voxels->points, summed ? x : l->bias,
                summed ? l->padded : 0, x, l->padded);
  for (int32_t n = 1; n < d->layerCount; n++) {
    int32_t briefs = 0;
#ifdef BRIEF
    while (n + briefs < d->layerCount && l[n + briefs].brief) briefs++;
    if (briefs > 0) {
      brief_layers(l + n, briefs, n == 1 && decoder_rounds_first(d) ? 0 : x, l[n - 1].padded, voxels->points,
                   block->rounded[0], block->rounded[1], y);
      n += briefs - 1;
    } else if (l[n].paired) {
      briefs = 1;
      brief_heads(l + n, x, l[n - 1].padded, voxels->points, y);
    }
#endif
    if (briefs == 0)
      NAME(layer)(l + n, x, l[n - 1].padded, voxels->points, l[n].bias, 0, y, l[n].padded);
    float *swap = x;
    x = y;
    y = swap;
  }
  const decoder_layer *heads = l + d->layerCount - 1;
  int32_t classEnd = heads->outputs - d->scaled;
  for (int32_t r = 0; r < voxels->runs; r++) {
    const decoder_run *run = voxels->run + r;
    for (int32_t t = 0; t < run->count; t++) {
      const float *from = x + (int64_t)(run->first + t) * heads->padded;
      float v = from[0];
      v = v < 0 ? 0 : (v > 1 ? 1 : v);  // NaN passes through
      to->hu[run->offset + t] = d->low + (d->high - d->low) * v;
      int32_t best = 1;
      for (int32_t c = 2; c < classEnd; c++) best = from[c] > from[best] ? c : best;
      to->labels[run->offset + t] = (uint8_t)(best - 1);
      if (to->margins)
        NAME(margins)(d, from, classEnd, best,
                      to->margins + (int64_t)(run->offset + t) * d->marginCount);
      if (!to->scale || !d->scaled) continue;
      float s = from[classEnd];
      s = s < SPIDER_LOG_SCALE_MIN ? SPIDER_LOG_SCALE_MIN : (s > SPIDER_LOG_SCALE_MAX ? SPIDER_LOG_SCALE_MAX : s);
      float width = d->scaleFactor * expf(s), most = d->high - d->low;
      to->scale[run->offset + t] = width < most ? width : most;  // no answer is further off
    }
  }
}

#ifndef SPIDER_DECODER_PLAN_H
#define SPIDER_DECODER_PLAN_H

#include <stdint.h>

#include "decoder.h"

// What the variants of the decoder share: the plan, the block, and its scratch.

enum { BLOCK = SPIDER_DECODER_BLOCK };

/// A layer with its weights in panels of 32 outputs, then 16, then 8: [panel][K][outputs of panel].
/// Outputs are padded to a multiple of 8 with zeros.
typedef struct {
  int32_t K, outputs, padded, relu;
  float *weights, *bias;
  /// The weights rounded to bfloat16, or 0: [panel of 32 outputs, then 16][pairs of K][outputs of panel][2].
  uint16_t *brief;
  /// The weights for pairs of inputs, or 0: [pairs of K][8 outputs][2].
  float *paired;
} decoder_layer;

typedef struct {
  const float *map;
  double matrix[12];
} decoder_view;

/// One level of a lattice code.
typedef struct {
  const float *table;      // [T][G]
  int32_t resolution;      // cells along the cube
  int32_t dense;           // whether rows are places in the dense grid, else hashes
  uint32_t multiplier[3];  // of the node numbers along x, y, z: strides, or the primes of the hash
  int32_t column;          // among the code's inputs, or -1 for a lined level
  decoder_layer product;   // lined: the first layer's share, K = G
} decoder_level;

// The range of the log of a scale (UncertaintyHead.logScales).
#define SPIDER_LOG_SCALE_MIN -12.0f
#define SPIDER_LOG_SCALE_MAX 1.0f

struct spider_decoder {
  int32_t level;
  int32_t nx, ny;
  double canonical[3][4];
  int32_t layerCount;
  decoder_layer *layers;
  int32_t viewCount, H, W, F, hoisted, sum;
  float scale;
  decoder_view *views;
  int32_t codeWidth;  // of the first layer's inputs, its last
  const float *axisTable[3];
  int32_t levelCount, linedCount, T, G, axis, across[2], tableMask;
  decoder_level *levels;
  float low, high;
  int32_t scaled;     // whether the heads' last output is the log of a scale
  float scaleFactor;  // what that scale is stretched by
  int32_t marginCount;
  uint8_t margins[SPIDER_DECODER_MARGINS];  // the classes of which margins are answered
  float *zeros;  // what a pixel outside a map reads
};

/// Neighbours along i.
typedef struct {
  int32_t first, count;  // points of the block
  int32_t i, j, k;       // the voxel of the first
  uint32_t offset;       // its place in the output
} decoder_run;

/// Which voxels a block holds.
typedef struct {
  int32_t points, runs;
  decoder_run run[BLOCK];
} decoder_voxels;

/// A block's scratch. The arrays' sizes come from the plan.
typedef struct {
  decoder_voxels now, next;
  int32_t sources;      // rows that are summed for each point
  float *weight;        // [BLOCK][sources]
  const float **row;    // [BLOCK][sources]
  float *inputs;        // [BLOCK][inputStride]: what the first layer multiplies
  int64_t inputStride;
  float *a, *b;         // [BLOCK][width]: what the layers answer, in turn
  uint16_t *rounded[2];  // [BLOCK][width]: what brief layers multiply, in turn
  float *start;         // what a run's sums begin with
  float *nodes;         // lattice features of the nodes of a level
  float *products;      // [nodes][padded]: the first layer's share of them
} decoder_block;

#endif

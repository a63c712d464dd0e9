#ifndef SPIDER_DECODER_H
#define SPIDER_DECODER_H

#include <stdint.h>

// The inference decoder: an MLP with its weights packed for the micro-kernel, the hoisted feature maps,
// and the grid whose voxels are asked for. Blocks of at most SPIDER_DECODER_BLOCK voxels go through
// everything (places, pixels, code, layers, heads, label) while they lie in cache.
//
// Shape letters: V views, H rows and W columns of a map, F its numbers a pixel, K inputs of a layer,
// L levels of a lattice code, T rows of its table, G its features a level.
//
// A decoder is built by the calls below in any order, then only read: any number of threads may run it,
// each with scratch of its own. Memory it is pointed at (maps, tables) stays the caller's and must
// outlive it; weights are copied.

#define SPIDER_DECODER_BLOCK 64
/// The most classes of which margins are answered.
#define SPIDER_DECODER_MARGINS 16

typedef struct spider_decoder spider_decoder;

/// A decoder of the voxels (i, j, k) of a grid of nx x ny voxels a slice, i fastest. `canonical` holds
/// three rows (i, j, k, 1): the voxel's place in the canonical frame. Places beyond +-0.5 are outside.
/// NULL when memory is out or the processor has no such level (see instructions.h).
spider_decoder *spider_decoder_new(int32_t nx, int32_t ny, const double canonical[12],
                                   int32_t level);
void spider_decoder_free(spider_decoder *decoder);

/// Adds a layer y = relu(x W^T + b) with weight[outputs][K], the first one first. The last is the
/// heads: output 0 is the intensity, the others are class scores. K of the first layer counts only
/// the inputs that are multiplied at each point; it may be 0. Returns 0 when memory is out.
int32_t spider_decoder_add_layer(spider_decoder *decoder, const float *weight, const float *bias,
                                 int32_t K, int32_t outputs, int32_t relu);

/// The same for a layer between the first and the heads, which may round its weights and inputs to bfloat16 (8 bits of
/// mantissa) before it multiplies them; sums stay in single precision. It does where the level is AVX-512, the
/// processor has instructions for it and the outputs fill vectors; elsewhere it is a layer like any other.
int32_t spider_decoder_add_brief_layer(spider_decoder *decoder, const float *weight,
                                       const float *bias, int32_t K, int32_t outputs, int32_t relu);

/// The heads behind such layers. Up to 8 of them, of an even number of inputs, may sum the inputs of even and of odd numbers
/// apart, in single precision, which fills wider vectors; it is done where a brief layer is. Others are a layer like any other.
int32_t spider_decoder_add_paired_heads(spider_decoder *decoder, const float *weight,
                                        const float *bias, int32_t K, int32_t outputs);

/// The number of outputs the first layer has room for: rows that are summed into it have this width.
int32_t spider_decoder_padded(int32_t outputs);

/// Views: `maps` V maps [H][W][F] one after the other, each `mapStride` numbers after the last, and for
/// each view three rows (i, j, k, 1) that give column * w, row * w and w of a voxel. Samples count
/// `scale`. Hoisted maps (F = the padded outputs of the first layer) are summed into the first layer's
/// outputs; others are its first inputs, the views side by side, or added up where `sum` is set.
/// Returns 0 when memory is out.
int32_t spider_decoder_set_views(spider_decoder *decoder, int32_t views, const float *maps,
                                 int64_t mapStride, int32_t H, int32_t W, int32_t F,
                                 const double *matrices, float scale, int32_t hoisted, int32_t sum);

/// A code that is worked out elsewhere for each block: its `width` numbers are the last inputs.
void spider_decoder_set_given_code(spider_decoder *decoder, int32_t width);

/// A code that is a sum over the voxel axes: tables of the first layer's padded outputs for every i,
/// j and k, summed into them.
void spider_decoder_set_axis_tables(spider_decoder *decoder, const float *alongI,
                                    const float *alongJ, const float *alongK);

/// A lattice code (see spider_hash_code) on a grid whose voxel axes run along the canonical axes,
/// i along `axis`. `lined[L]` says for which levels the first layer is applied to the nodes of a
/// line of voxels, with weights[outputs][number of lined levels * G]; the features of the others are
/// the last inputs. Returns 0 when memory is out.
int32_t spider_decoder_set_lattice(spider_decoder *decoder, const float *table,
                                   const int32_t *resolutions, int32_t L, int32_t T, int32_t G,
                                   int32_t axis, const uint8_t *lined, const float *weights,
                                   int32_t outputs);

/// Answers are clamped to [0, 1] and mapped to [low, high].
void spider_decoder_set_window(spider_decoder *decoder, float low, float high);

/// The last layer's last output is no class but the log of a scale, which is answered times `factor`.
void spider_decoder_set_scale(spider_decoder *decoder, float factor);

/// For each of `count` classes (at most SPIDER_DECODER_MARGINS) its margin is answered where that is wanted.
void spider_decoder_set_margins(spider_decoder *decoder, const uint8_t *classes, int32_t count);

/// Where the answers of voxels go, one a voxel from a common first one on. `scale` and `margins` may be 0:
/// nobody wants them.
typedef struct {
  float *hu;
  uint8_t *labels;
  float *scale;
  /// For each voxel, of each class that is set: its probability less the largest of the others.
  float *margins;
} spider_answers;

/// How many floats of scratch, 64-byte aligned, a thread needs. Asked once all is set.
int64_t spider_decoder_scratch(const spider_decoder *decoder);

/// Sets `count` voxels from number `first` on to `air` and 0, those outside the frame to `air` and
/// `outside`; scales are 0, margins -1. The answers' first voxel is `first`.
void spider_decoder_clear(const spider_decoder *decoder, int64_t first, int64_t count, float air,
                          uint8_t outside, spider_answers answers);

/// Answers for voxels base + list[0 ..< count], or, with no list, base + start ..< base + start +
/// count. The answers' first voxel is `base`; scales and margins are written where they are set and
/// wanted. Voxels outside the frame are passed over. `list` ascends.
void spider_decoder_run(const spider_decoder *decoder, int64_t base, const uint32_t *list,
                        int64_t start, int64_t count, float *scratch, spider_answers answers);

/// The same in two halves, for codes that are worked out elsewhere. `place` takes voxels from the
/// front of what is left until a block is full, writes their canonical places to xyz[P][3], says how
/// many voxels it used up in `used`, and returns P. `answer` goes on with `code[P][stride]`.
int32_t spider_decoder_place(const spider_decoder *decoder, int64_t base, const uint32_t *list,
                             int64_t start, int64_t count, float *scratch, float *xyz,
                             int64_t *used);
void spider_decoder_answer(const spider_decoder *decoder, const float *code, int64_t stride,
                           float *scratch, spider_answers answers);

#endif

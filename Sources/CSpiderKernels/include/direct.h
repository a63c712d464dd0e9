#ifndef SPIDER_DIRECT_H
#define SPIDER_DIRECT_H

#include <stdint.h>

// Convolutions of volumes (C, D, H, W) straight from the input's rows: no columns are laid out, and
// every sum stays in registers until it is whole. For the two shapes where columns cost most: a
// transposed convolution that doubles each axis, and a wide kernel with few output channels.
//
// `level` is the instruction set to use, at most spider_instruction_level(). A number does not depend
// on the range in which it was made.

// ---- Doubling ---------------------------------------------------------------------------------
//
// The transposed convolution of kernel 3, stride 2, padding 1 and output padding 1. Along an axis,
// output 2i is x[i] w[1], and output 2i + 1 is x[i] w[2] + x[i + 1] w[0], zero beyond the end: eight
// small convolutions, one for each corner of a voxel, with 27 taps between them.

/// Sizes of a volume that is doubled.
typedef struct {
  int32_t Cin;
  int32_t Cout;
  int32_t D;
  int32_t H;
  int32_t W;
} spider_doubling;

/// Floats of the weights as they are read: [ceil(Cout / 2)][Cin][27][2].
int64_t spider_doubling_weight_count(spider_doubling s);

/// Floats of scratch that spider_double needs.
int64_t spider_doubling_scratch(spider_doubling s);

/// Lays out the weights w[Cin][Cout][3][3][3], for the pairs of output channels first ... end - 1.
void spider_doubling_weights(spider_doubling s, const float *w, int32_t first, int32_t end,
                             float *packed);

/// Doubles the rows first ... end - 1 of one volume x, counted over its planes: each makes four rows of
/// y, (Cout, 2D, 2H, 2W). bias may be null.
void spider_double(spider_doubling s, const float *x, const float *packed, const float *bias,
                   int64_t first, int64_t end, float *scratch, float *y, int32_t level);

// ---- Wide kernels -----------------------------------------------------------------------------

/// The deepest kernel.
enum { SPIDER_WIDE_KERNEL_DEPTH = 32 };

/// Sizes of a convolution of stride 1 over one volume, with a kernel of `depth` x 7 x 7. Padding is
/// less than the kernel.
typedef struct {
  int32_t Cin;
  int32_t Cout;
  int32_t D;
  int32_t H;
  int32_t W;
  int32_t depth;
  int32_t padding[3];
} spider_wide_kernel;

/// Floats of scratch that spider_convolve_wide needs: as many padded planes of all channels as the
/// kernel is deep.
int64_t spider_wide_kernel_scratch(spider_wide_kernel s);

/// Planes first ... end - 1 of one volume y = bias + convolution of x by w[Cout][Cin][depth][7][7], or,
/// `adding`, y += bias + convolution of x. bias may be null.
void spider_convolve_wide(spider_wide_kernel s, const float *x, const float *w, const float *bias,
                          int32_t first, int32_t end, float *scratch, float *y, int32_t adding,
                          int32_t level);

#endif

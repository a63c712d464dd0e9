#ifndef SPIDER_WINOGRAD3D_H
#define SPIDER_WINOGRAD3D_H

#include <stdint.h>

// Winograd convolution F(4x4, 3x3) in the plane with the three taps along z summed inside the
// products: 3x3x3 kernels, stride 1, padding 1, any volume size and any number of channels. Panels,
// layouts and levels are those of winograd.h, planes taking the place of images.
//
// Winograd along z as well would save a third of the multiplications; its pass over four transformed
// planes costs more than that.

/// Sizes of a convolution of `images` volumes, CDHW each, one behind the other.
typedef struct {
  int32_t images;
  int32_t Cin;
  int32_t Cout;
  int32_t D;
  int32_t H;
  int32_t W;
} spider_winograd3d_shape;

/// Panels of 32 tiles that cover one plane of every volume.
int64_t spider_winograd3d_panels(spider_winograd3d_shape s);

/// Transforms the weights w[Cout][Cin][3][3][3] into U[36][ceil(Cout / 8)][3][Cin][8], for the blocks
/// of eight output channels first ... end - 1. `turned` reads w[Cin][Cout][3][3][3] and turns each
/// kernel about its centre: the weights with which the gradient of the output gives that of the input.
void spider_winograd3d_weights(const float *w, int32_t Cout, int32_t Cin, int32_t turned,
                               int32_t first, int32_t end, float *U, int32_t level);

/// Scratch of spider_winograd3d_planes, in floats: three transformed planes and the products.
int64_t spider_winograd3d_scratch(spider_winograd3d_shape s);

/// Planes first ... end - 1 of one panel of the volumes y = bias + convolution of x, or, `adding`,
/// y += bias + convolution of x. bias may be null.
/// A plane's numbers do not depend on the range in which it was made.
void spider_winograd3d_planes(spider_winograd3d_shape s, const float *x, const float *U,
                              const float *bias, int64_t panel, int32_t first, int32_t end,
                              float *scratch, float *y, int32_t adding, int32_t level);

// ---- The gradient of the weights --------------------------------------------------------------
//
// A chunk is some planes of one panel. Its transforms are made first, then the products of each block
// of output channels over all its planes and tiles.

/// Transforms input channels 32 first ... 32 end - 1 of plane z of one panel of the volumes x, turned
/// for the products below, into T[36][32 ceil(Cin / 32) + 1][32]: zeros where z lies outside.
void spider_winograd3d_turned_input(spider_winograd3d_shape s, const float *x, int64_t panel,
                                    int32_t z, int32_t first, int32_t end, float *T, int32_t level);

/// Transforms channels 8 first ... 8 end - 1 of plane z of one panel of the gradient of the output,
/// dy, into D[36][8 ceil(Cout / 8) + 1][32].
void spider_winograd3d_gradient(spider_winograd3d_shape s, const float *dy, int64_t panel, int32_t z,
                                int32_t first, int32_t end, float *D, int32_t level);

/// Scratch of spider_winograd3d_weight_gradient for so many blocks of output channels, in floats.
int64_t spider_winograd3d_sums(spider_winograd3d_shape s, int32_t blocks);

/// Adds to dw[Cout][Cin][3][3][3], output channels 8 first ... 8 end - 1, what a chunk of `planes`
/// planes gives: T holds planes + 2 transformed inputs, from the plane before the chunk to the one
/// behind it, and D the planes of the chunk, one behind the other.
void spider_winograd3d_weight_gradient(spider_winograd3d_shape s, const float *T, const float *D,
                                       int32_t planes, int32_t first, int32_t end, float *scratch,
                                       float *dw, int32_t level);

#endif

#ifndef SPIDER_WINOGRAD_H
#define SPIDER_WINOGRAD_H

#include <stdint.h>

// Winograd convolution F(4x4, 3x3): 3x3 kernels, stride 1, padding 1, any image size and any
// number of channels. The method, the layouts and the meaning of a panel (32 tiles of 4x4 outputs)
// are told in winograd_tile.h.
//
// A NaN or an infinity in a pixel makes NaN of all outputs of the tiles that see it: a superset of
// those that the plain convolution would spoil.
//
// `level` is the instruction set to use, at most spider_instruction_level().

/// Sizes of a convolution of `images` images, CHW each, one behind the other.
typedef struct {
  int32_t images;
  int32_t Cin;
  int32_t Cout;
  int32_t H;
  int32_t W;
} spider_winograd_shape;

/// Panels of 32 tiles that cover the images.
int64_t spider_winograd_panels(spider_winograd_shape s);

/// Transforms the weights w[Cout][Cin][3][3] into U[36][ceil(Cout / 8)][Cin][8], for the blocks of
/// eight output channels first ... end - 1. `turned` reads w[Cin][Cout][3][3] and turns each kernel
/// by 180 degrees: the weights with which the gradient of the output gives that of the input.
void spider_winograd_weights(const float *w, int32_t Cout, int32_t Cin, int32_t turned,
                             int32_t first, int32_t end, float *U, int32_t level);

/// Transforms all input channels of one panel of the images x into V[36][Cin + 1][32].
void spider_winograd_input(spider_winograd_shape s, const float *x, int64_t panel, float *V,
                           int32_t level);

/// Multiplies and transforms back: output channels 8 first ... 8 end - 1 of one panel of the images
/// y = bias + convolution, or, `adding`, y += bias + convolution. bias may be null. M is scratch of
/// 36 * 33 * 32.
void spider_winograd_output(spider_winograd_shape s, const float *U, const float *V,
                            const float *bias, int64_t panel, int32_t first, int32_t end, float *M,
                            float *y, int32_t adding, int32_t level);

// ---- The gradient of the weights --------------------------------------------------------------

/// Transforms input channels 32 first ... 32 end - 1 of one panel of the images x, turned for the
/// products below, into T[36][32 ceil(Cin / 32) + 1][32].
void spider_winograd_turned_input(spider_winograd_shape s, const float *x, int64_t panel,
                                  int32_t first, int32_t end, float *T, int32_t level);

/// Transforms channels 8 first ... 8 end - 1 of one panel of the gradient of the output, dy, into
/// D[36][8 ceil(Cout / 8) + 1][32].
void spider_winograd_gradient(spider_winograd_shape s, const float *dy, int64_t panel,
                              int32_t first, int32_t end, float *D, int32_t level);

/// Multiplies `panels` panels, one behind the other, transforms the sums of output channels
/// 8 first ... 8 end - 1 back and adds them to dw[Cout][Cin][3][3]. S is scratch of
/// 36 * 8 * (end - first) * 32 ceil(Cin / 32).
void spider_winograd_weight_gradient(spider_winograd_shape s, const float *T, const float *D,
                                     int32_t panels, int32_t first, int32_t end, float *S,
                                     float *dw, int32_t level);

#endif

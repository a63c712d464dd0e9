#ifndef SPIDER_WINOGRAD_H
#define SPIDER_WINOGRAD_H

#include <stdint.h>

// Winograd convolution F(4x4, 3x3) of images and of volumes: 3x3 and 3x3x3 kernels, stride 1, padding
// 1, any size and any number of channels. An image is a volume of one plane. The method, the layouts
// and the meaning of a panel (32 tiles of 4x4 outputs) are told in winograd_tile.h.
//
// In volumes the three taps along z are summed inside the products. Winograd along z as well would
// save a third of the multiplications; its pass over four transformed planes costs more than that.
//
// A NaN or an infinity in a pixel makes NaN of all outputs of the tiles that see it: a superset of
// those that the plain convolution would spoil.
//
// `level` is the instruction set to use, at most spider_instruction_level().

/// Sizes of a convolution of `images` volumes, CDHW each, one behind the other; D is 1 for images.
typedef struct {
  int32_t images;
  int32_t Cin;
  int32_t Cout;
  int32_t D;
  int32_t H;
  int32_t W;
} spider_winograd_shape;

/// Panels of 32 tiles that cover one plane of every image or volume.
int64_t spider_winograd_panels(spider_winograd_shape s);

/// Transforms the weights w[Cout][Cin][taps][3][3] into U[36][ceil(Cout / 8)][taps][Cin][8], for the
/// blocks of eight output channels first ... end - 1; one tap along z, or three. `turned` reads
/// w[Cin][Cout][taps][3][3] and turns each kernel about its centre: the weights with which the gradient
/// of the output gives that of the input.
void spider_winograd_weights(const float *w, int32_t Cout, int32_t Cin, int32_t taps, int32_t turned,
                             int32_t first, int32_t end, float *U, int32_t level);

// ---- Images -----------------------------------------------------------------------------------

/// Transforms all input channels of one panel of the images x into V[36][Cin + 1][32].
void spider_winograd_input(spider_winograd_shape s, const float *x, int64_t panel, float *V,
                           int32_t level);

/// Multiplies and transforms back: output channels 8 first ... 8 end - 1 of one panel of the images
/// y = bias + convolution, or, `adding`, y += bias + convolution. bias may be null. M is scratch of
/// 36 * 33 * 32.
void spider_winograd_output(spider_winograd_shape s, const float *U, const float *V,
                            const float *bias, int64_t panel, int32_t first, int32_t end, float *M,
                            float *y, int32_t adding, int32_t level);

// ---- Volumes ----------------------------------------------------------------------------------

/// Scratch of spider_winograd_planes, in floats: three transformed planes and the products.
int64_t spider_winograd_planes_scratch(spider_winograd_shape s);

/// Planes first ... end - 1 of one panel of the volumes y = bias + convolution of x, or, `adding`,
/// y += bias + convolution of x. bias may be null.
/// A plane's numbers do not depend on the range in which it was made.
void spider_winograd_planes(spider_winograd_shape s, const float *x, const float *U,
                            const float *bias, int64_t panel, int32_t first, int32_t end,
                            float *scratch, float *y, int32_t adding, int32_t level);

// ---- The gradient of the weights --------------------------------------------------------------
//
// Transforms come first, then the products of each block of output channels over what is transformed:
// some panels of images, or a chunk, some planes of one panel of volumes.

/// Transforms input channels 32 first ... 32 end - 1 of plane z of one panel of x, turned for the
/// products below, into T[36][32 ceil(Cin / 32) + 1][32]: zeros where z lies outside.
void spider_winograd_turned_input(spider_winograd_shape s, const float *x, int64_t panel, int32_t z,
                                  int32_t first, int32_t end, float *T, int32_t level);

/// Transforms channels 8 first ... 8 end - 1 of plane z of one panel of the gradient of the output,
/// dy, into D[36][8 ceil(Cout / 8) + 1][32].
void spider_winograd_gradient(spider_winograd_shape s, const float *dy, int64_t panel, int32_t z,
                              int32_t first, int32_t end, float *D, int32_t level);

/// Images: multiplies `panels` panels, one behind the other, transforms the sums of output channels
/// 8 first ... 8 end - 1 back and adds them to dw[Cout][Cin][3][3]. S is scratch of
/// 36 * 8 * (end - first) * 32 ceil(Cin / 32).
void spider_winograd_weight_gradient(spider_winograd_shape s, const float *T, const float *D,
                                     int32_t panels, int32_t first, int32_t end, float *S,
                                     float *dw, int32_t level);

/// Volumes: adds to dw[Cout][Cin][3][3][3], output channels 8 first ... 8 end - 1, what a chunk of
/// `planes` planes gives: T holds planes + 2 transformed inputs, from the plane before the chunk to the
/// one behind it, and D the planes of the chunk, one behind the other. S is scratch of
/// 36 * 8 * (end - first) * 3 * 32 ceil(Cin / 32).
void spider_winograd_volume_weight_gradient(spider_winograd_shape s, const float *T, const float *D,
                                            int32_t planes, int32_t first, int32_t end,
                                            float *S, float *dw, int32_t level);

#endif

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

/// Planes first ... end - 1 of one panel of the volumes y = bias + convolution of x. bias may be null.
/// A plane's numbers do not depend on the range in which it was made.
void spider_winograd3d_planes(spider_winograd3d_shape s, const float *x, const float *U,
                              const float *bias, int64_t panel, int32_t first, int32_t end,
                              float *scratch, float *y, int32_t level);

#endif

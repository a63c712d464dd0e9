#ifndef SPIDER_WINOGRAD_TILE_H
#define SPIDER_WINOGRAD_TILE_H

// The pieces of Winograd convolution F(4x4, 3x3), shared by the kernels in the plane and in space.
//
// A 3x3 convolution over a 4x4 tile of outputs is a product of polynomials, and a product of
// polynomials is a product of values at six points a direction: 36 multiplications instead of 144
// (Lavin & Gray, CVPR 2016). With the matrices B, G, A of the six points,
//
//   y = A^T [ (G w G^T) * (B^T x B) ] A,        x a tile of 6x6 inputs, * element by element.
//
// Summed over input channels, each of the 36 elements becomes a matrix product of its own.
//
// The points are 0, +-3/4, +-3/2, infinity: the same cost as the usual 0, +-1, +-2 at a third of
// the rounding error or less, and every coefficient of B and A is an exact float32.
//
// A panel is 32 tiles, taken in the order of (image, tile row, tile column); tiles of several
// images share a panel where images are small. Vectors run across the tiles of a panel:
//
//   V[k][c][32]      transformed inputs
//   U[k][o/8][c][8]  transformed weights
//   M[k][o][32]      their products
//
// with k = 6 row + column of the 36 elements. So V is the packed right-hand side of the products as
// it is written, and the products need no packing at all.
//
// winograd_vector.h has the lanes and the dispatch, winograd_points.h the three matrices,
// winograd_panel.h the places of a panel's tiles, winograd_transform.h the transforms of a panel,
// winograd_product.h the products.
//
// All functions there are inlined into their caller and take on its instruction set: each kernel is
// compiled three times, by WINOGRAD_VARIANTS, and picks by the level of the processor.

#include "winograd_panel.h"
#include "winograd_points.h"
#include "winograd_product.h"
#include "winograd_transform.h"
#include "winograd_vector.h"

#endif

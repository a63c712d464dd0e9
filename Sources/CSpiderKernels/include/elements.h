#ifndef SPIDER_ELEMENTS_H
#define SPIDER_ELEMENTS_H

#include <stdint.h>

/// y = a x + b, then relu when asked; y may be x.
void spider_scale_shift(const float *x, int64_t count, float a, float b, int32_t relu, float *y);

/// x = slope x where x is negative.
void spider_leaky_relu(float *x, int64_t count, float slope);
/// Its gradient in place, from the output y (slope > 0): g = slope g where y is negative.
void spider_leaky_relu_backward(float *g, const float *y, int64_t count, float slope);

/// x = x / (1 + exp(-x)).
void spider_swish(float *x, int64_t count);
/// Its gradient in place, from the input x.
void spider_swish_backward(float *g, const float *x, int64_t count);

/// Each row of x[M][N] becomes exp(scale x) over its sum.
void spider_softmax_rows(float *x, int64_t M, int64_t N, float scale);
/// Its gradient in place, from the output y.
void spider_softmax_rows_backward(float *g, const float *y, int64_t M, int64_t N, float scale);

/// Rearranges the axes of x[A][B][C]: y[a sa + b sb + c sc] = scale x[a][b][c], added when
/// `accumulate`.
void spider_rearrange(const float *x, int64_t A, int64_t B, int64_t C, int64_t sa, int64_t sb,
                      int64_t sc, float scale, int32_t accumulate, float *y);

#endif

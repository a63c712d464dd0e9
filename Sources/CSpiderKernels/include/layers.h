#ifndef SPIDER_LAYERS_H
#define SPIDER_LAYERS_H

#include <stdint.h>

// Shape letters: C channels, H rows, W columns of an image (CHW, W fastest); P points; M, N matrix
// rows and columns; K kernel width.

// ---- Normalisation ----------------------------------------------------------------------------

/// y = relu(gamma * (x - mean) / sqrt(variance + epsilon) + beta) over one group of C channels of
/// `plane` values each; y may be x. stats receives mean and 1/sqrt(variance + epsilon). relu = 0
/// leaves it out.
void spider_group_norm(const float *x, int32_t C, int64_t plane, const float *gamma,
                       const float *beta, float epsilon, int32_t relu, float *y, float *stats);

/// The backward pass of one group: writes dx, which may be x, and the group's dgamma and dbeta.
void spider_group_norm_backward(const float *dy, const float *x, int32_t C, int64_t plane,
                                const float *gamma, const float *beta, const float *stats,
                                int32_t relu, float *dx, float *dgamma, float *dbeta);

// ---- Resampling of one plane ------------------------------------------------------------------

/// Means of 2x2 pixels; H and W of the input are even.
void spider_average_pool(const float *x, int32_t H, int32_t W, float *y);
/// Its adjoint, added; H and W are those of dx.
void spider_average_pool_backward(const float *dy, int32_t H, int32_t W, float *dx);
/// Every pixel twice in each direction; H and W are those of the input.
void spider_upsample(const float *x, int32_t H, int32_t W, float *y);
/// Its adjoint; H and W are those of dx.
void spider_upsample_backward(const float *dy, int32_t H, int32_t W, float *dx);

// ---- Points -----------------------------------------------------------------------------------

/// Bilinear samples of a channel-last map[H][W][C] at uv[P][2] = (column, row), pixel centres at
/// integers, zero outside, times `scale`: set, or added when `accumulate`, at out[p * outStride + c].
void spider_sample_pixels(const float *map, int32_t H, int32_t W, int32_t C, const float *uv,
                          int64_t P, float scale, int32_t accumulate, float *out,
                          int64_t outStride);
/// Its adjoint: adds onto the gradient of the map.
void spider_sample_pixels_backward(const float *grad, int64_t gradStride, int32_t H, int32_t W,
                                   int32_t C, const float *uv, int64_t P, float scale,
                                   float *gradMap);

/// Trilinear samples of a volume (x fastest) at ijk[P][3], clamped to `outside` beyond half a voxel.
void spider_sample_volume(const float *volume, int32_t nx, int32_t ny, int32_t nz, const float *ijk,
                          int64_t P, float outside, float *out);

/// Displacements (di, dj, dk) in voxels at places ijk[P][3], interpolated trilinearly from a lattice
/// [L][L][L][3] (x fastest) whose outer nodes lie on the outer voxel centres; clamped beyond.
void spider_displacement(const float *lattice, int32_t L, int32_t nx, int32_t ny, int32_t nz,
                         const float *ijk, int64_t P, float *out);
/// out(x) = volume(x + displacement(x)) for every voxel of slices first ... end - 1, trilinear, 0
/// outside.
void spider_warp_volume(const float *volume, int32_t nx, int32_t ny, int32_t nz,
                        const float *lattice, int32_t L, int32_t first, int32_t end, float *out);

/// Sines and cosines of octaves of the coordinates: out[p * outStride] holds x, y, z, then for each
/// octave o the sines and the cosines of 2^o * 2 pi * (x, y, z).
void spider_fourier_code(const float *xyz, int64_t P, int32_t octaves, float *out,
                         int64_t outStride);

/// Multiresolution hash code (Mueller et al. 2022), trilinear. Points in [-0.5, 0.5]^3 are clamped to
/// the cube. table[L][T][F]; resolutions[L]; T a power of two. out[p * outStride + l * F + f].
void spider_hash_code(const float *table, const int32_t *resolutions, int32_t L, int32_t T,
                      int32_t F, const float *xyz, int64_t P, float *out, int64_t outStride);
/// The gradient of one level's table[T][F], added to, from that of its codes, grad[p * gradStride + f].
void spider_hash_code_backward(const float *grad, int64_t gradStride, int32_t resolution, int32_t T,
                               int32_t F, const float *xyz, int64_t P, float *gradTable);

// ---- Rows of matrices -------------------------------------------------------------------------

/// x[m][n] += bias[n], then relu when asked.
void spider_bias_relu(float *x, const float *bias, int64_t M, int64_t N, int32_t relu);
/// x[m][n] += bias[m] (a channel a row).
void spider_bias_channels(float *x, const float *bias, int64_t M, int64_t N, int64_t stride);
/// g = 0 where the output y of a relu was 0.
void spider_relu_backward(float *g, const float *y, int64_t count);
/// sums[n] += the sum of x[m][n] over m.
void spider_add_column_sums(const float *x, int64_t M, int64_t N, float *sums);
/// sums[m] += the sum of x[m][n] over n.
void spider_add_row_sums(const float *x, int64_t M, int64_t N, int64_t stride, float *sums);
/// y += x.
void spider_add(float *y, const float *x, int64_t count);

// ---- Loss -------------------------------------------------------------------------------------

/// The sum of weight |x - truth| over the points whose label is not `left_out`; `step` times its gradient
/// takes the place of x. Without `weights` every point has 1, here and below.
double spider_absolute_error(float *x, const float *truth, const uint8_t *labels, const float *weights,
                             uint8_t left_out, int64_t P, float step);

/// The first of the labels that name no class but a set of them: of a point with label
/// SPIDER_FIRST_SET + s it is known that its class is one of sets[s][K], 1 for those in the set, else 0.
enum { SPIDER_FIRST_SET = 251, SPIDER_SETS = 3 };

/// The softmax of each row of logits z[P][K], in its place. Points with labels < K add to
/// sums[3 K + 2], each times its weight: points a true class, probability a class, probability of the true
/// class a class, cross-entropy. Where sets are given, points whose label is a set's add to the cross-entropy
/// -log of the probability of all classes in it, and to the last number their weight.
void spider_softmax(float *z, const uint8_t *labels, const float *weights, int64_t P, int32_t K,
                    const float *sets, double *sums);

/// From softmax q[P][K], in its place, with t the one-hot truth:
/// q (g - sum of q g) + entropy_step (q - t), g = share (dice - 2 t), times the point's weight; where the label is
/// a set's, entropy_step (q - t) with t the softmax within the set; 0 where it is none.
void spider_softmax_backward(float *q, const uint8_t *labels, const float *weights, int64_t P, int32_t K,
                             const float *sets, const float *share, const float *dice,
                             float entropy_step);

// ---- Optimizer --------------------------------------------------------------------------------

/// The sum of squares, in double.
double spider_sum_of_squares(const float *x, int64_t count);

/// One step of Adam with decoupled weight decay. `correction1` and `correction2` are 1 - beta^t.
void spider_adam(float *parameters, const float *gradient, float *first, float *second,
                 int64_t count, float rate, float beta1, float beta2, float epsilon, float decay,
                 float scale, float correction1, float correction2);

#endif

#ifndef SPIDER_PHYSICS_H
#define SPIDER_PHYSICS_H

#include <stdint.h>

// Line integrals of a beam of E energies behind M materials, for P pixels:
// out[p] = -log(sum_e weight[e] exp(-sum_m mu[m][e] length[m][p])).
// length (M, P), mu (M, E), weight (E), sum 1. Sums are scaled by their largest term, so that no
// thickness underflows. NaN travels.
void spider_beam_signal(const float *length, int64_t P, int32_t M, const float *mu,
                        const float *weight, int32_t E, float *out);

#endif

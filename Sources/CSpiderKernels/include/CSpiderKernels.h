#ifndef SPIDER_KERNELS_H
#define SPIDER_KERNELS_H

// Loops that need more than SwiftPM's baseline instruction set. Every function is plain C that the
// compiler vectorises; on x86-64 it is compiled for AVX-512, AVX2 and the baseline, and the loader
// picks. The tests hold each against a plain reference in Swift, or against its adjoint and known values.
//
// One header a family: layers.h for the networks, projector.h for the rays, hull.h for culling.

#include "hull.h"
#include "layers.h"
#include "projector.h"

#endif

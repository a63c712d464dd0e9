#ifndef SPIDER_KERNELS_H
#define SPIDER_KERNELS_H

// Loops that need more than SwiftPM's baseline instruction set. Every function is plain C that the
// compiler vectorises; on x86-64 it is compiled for AVX-512, AVX2 and the baseline, and the loader
// picks. The tests hold each against a plain reference in Swift, or against its adjoint and known values.
//
// One header a family: layers.h for the networks, columns.h for convolutions by columns, winograd.h
// for those with kernels of 3x3 and 3x3x3, direct.h for two shapes where columns cost most, decoder.h for the decoder in use, hull.h for culling, morphology.h
// for masks, elements.h for what is done to each number, projector.h for the rays, physics.h for X-ray beams; instructions.h says what the
// processor can do, pages.h asks for large pages of memory.

#include "columns.h"
#include "decoder.h"
#include "direct.h"
#include "elements.h"
#include "hull.h"
#include "instructions.h"
#include "layers.h"
#include "morphology.h"
#include "pages.h"
#include "physics.h"
#include "projector.h"
#include "winograd.h"

#endif

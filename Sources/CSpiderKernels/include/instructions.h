#ifndef SPIDER_INSTRUCTIONS_H
#define SPIDER_INSTRUCTIONS_H

#include <stdint.h>

// Kernels that are compiled several times and pick at run time take a `level`: which instruction set
// to use. Results of different levels differ in rounding, never between runs on one machine.
enum {
  SPIDER_LEVEL_BASELINE = 0,  // what every processor of the architecture has: SSE2 on x86-64
  SPIDER_LEVEL_AVX2 = 1,      // x86-64-v3: 256-bit vectors and fused multiply-add
  SPIDER_LEVEL_AVX512 = 2     // x86-64-v4: 512-bit vectors
};

/// The highest level that this processor has.
int32_t spider_instruction_level(void);

/// Whether it multiplies numbers of the format bfloat16 (AVX512-BF16).
int32_t spider_has_bfloat16(void);

#endif

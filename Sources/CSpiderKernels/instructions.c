#include "instructions.h"

int32_t spider_instruction_level(void) {
#if defined(__x86_64__) && defined(__clang__)
  if (__builtin_cpu_supports("x86-64-v4")) return SPIDER_LEVEL_AVX512;
  if (__builtin_cpu_supports("x86-64-v3")) return SPIDER_LEVEL_AVX2;
#endif
  return SPIDER_LEVEL_BASELINE;
}

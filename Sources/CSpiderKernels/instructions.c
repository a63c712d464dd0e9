#include "instructions.h"

int32_t spider_instruction_level(void) {
#if defined(__x86_64__) && defined(__clang__)
  if (__builtin_cpu_supports("x86-64-v4")) return SPIDER_LEVEL_AVX512;
  if (__builtin_cpu_supports("x86-64-v3")) return SPIDER_LEVEL_AVX2;
#endif
  return SPIDER_LEVEL_BASELINE;
}

int32_t spider_has_bfloat16(void) {
#if defined(__x86_64__) && defined(__clang__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return 0;
#endif
}

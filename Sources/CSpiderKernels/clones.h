#ifndef SPIDER_CLONES_H
#define SPIDER_CLONES_H

// Run-time dispatch. CLONES: dense arithmetic, up to AVX-512. GATHER_CLONES: loops that read from
// scattered places, where AVX2 beats AVX-512 on the machines we measured.
#if defined(__x86_64__) && defined(__clang__)
#define CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define GATHER_CLONES __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define CLONES
#define GATHER_CLONES
#endif

#endif

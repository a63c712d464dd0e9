#ifndef SPIDER_CLONES_H
#define SPIDER_CLONES_H

// Run-time dispatch. CLONES: dense arithmetic, up to AVX-512. GATHER_CLONES: loops that read from
// scattered places, where AVX2 beats AVX-512 on the machines we measured. Under ThreadSanitizer there is
// one version: the functions that choose run before the sanitizer is there, and it ends the program.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ONE_VERSION
#endif
#endif
#if defined(__x86_64__) && defined(__clang__) && !defined(ONE_VERSION)
#define CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define GATHER_CLONES __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define CLONES
#define GATHER_CLONES
#endif

#endif

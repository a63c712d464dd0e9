#include "pages.h"

#if defined(__linux__)

#include <sys/mman.h>
#include <unistd.h>

#define LEAST_BYTES (INT64_C(4) << 20)

void spider_prefer_large_pages(void *memory, int64_t bytes) {
  const long page = sysconf(_SC_PAGESIZE);
  if (page <= 0 || bytes < LEAST_BYTES) return;
  // Whole pages within the memory. A system that refuses leaves the small ones.
  const uintptr_t first = ((uintptr_t)memory + (uintptr_t)page - 1) / (uintptr_t)page * (uintptr_t)page;
  const uintptr_t last = ((uintptr_t)memory + (uintptr_t)bytes) / (uintptr_t)page * (uintptr_t)page;
  (void)madvise((void *)first, last - first, MADV_HUGEPAGE);
}

#else

void spider_prefer_large_pages(void *memory, int64_t bytes) {
  (void)memory;
  (void)bytes;
}

#endif

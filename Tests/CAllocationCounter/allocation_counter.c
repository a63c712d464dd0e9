// A program that defines malloc and its relatives is served by them in place of the C library's, in
// all its libraries. These count and pass on to the C library's own, which glibc offers under names of
// their own.
#include "include/allocation_counter.h"

#include <stdlib.h>

#if defined(__GLIBC__) && defined(__clang__)
#if !__has_feature(thread_sanitizer) && !__has_feature(address_sanitizer)
#define CAN_COUNT 1  // sanitizers have an allocator of their own
#endif
#endif

#ifdef CAN_COUNT
#include <errno.h>
#include <stddef.h>

void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

static _Thread_local int counting;
static _Thread_local allocations seen;

static void note(size_t size) {
  if (!counting) return;
  seen.count += 1;
  seen.bytes += (int64_t)size;
  if (seen.largest < (int64_t)size) seen.largest = (int64_t)size;
}

void* malloc(size_t size) {
  note(size);
  return __libc_malloc(size);
}

void* calloc(size_t n, size_t size) {
  note(n * size);
  return __libc_calloc(n, size);
}

void* realloc(void* old, size_t size) {
  note(size);
  return __libc_realloc(old, size);
}

void* memalign(size_t alignment, size_t size) {
  note(size);
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void** result, size_t alignment, size_t size) {
  void* made = memalign(alignment, size);
  if (!made) return ENOMEM;
  *result = made;
  return 0;
}

int allocations_can_be_counted(void) { return 1; }

void allocations_start(void) {
  seen = (allocations){0, 0, 0};
  counting = 1;
}

allocations allocations_stop(void) {
  counting = 0;
  return seen;
}
#else
int allocations_can_be_counted(void) { return 0; }
void allocations_start(void) {}
allocations allocations_stop(void) { return (allocations){0, 0, 0}; }
#endif

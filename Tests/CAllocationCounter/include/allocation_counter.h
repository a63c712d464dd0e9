// Counts what one thread asks the C library's allocator for, whatever the others do meanwhile.
#pragma once
#include <stdint.h>

typedef struct {
  int64_t count;    // allocations
  int64_t bytes;    // of all of them together
  int64_t largest;  // bytes of the largest
} allocations;

// Whether this platform can count: glibc only.
int allocations_can_be_counted(void);

// Starts counting this thread's, from nothing.
void allocations_start(void);

// Stops counting and says what was asked for since the start.
allocations allocations_stop(void);

// What Spider uses of MPI. The names of communicators and types in mpi.h are macros with casts, which
// Swift does not import: each use has a function here. MPI's own handler ends the job on errors.
#ifndef SPIDER_MPI_H
#define SPIDER_MPI_H

#include <mpi.h>
#include <stdint.h>

// Begins. One thread of the process, that which calls this, may call the others; 0: it may not.
static inline int spider_mpi_begin(void) {
  int provided = MPI_THREAD_SINGLE;
  MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
  return provided >= MPI_THREAD_FUNNELED;
}

static inline int spider_mpi_rank(void) {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

static inline int spider_mpi_size(void) {
  int size = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return size;
}

// Counts are int in MPI: longer sums go in parts.
enum { SPIDER_MPI_PART = 1 << 28 };

// Puts the sums over all processes in the place of this one's numbers.
static inline void spider_mpi_sum_floats(float *numbers, int64_t count) {
  for (int64_t done = 0; done < count; done += SPIDER_MPI_PART) {
    int64_t left = count - done;
    MPI_Allreduce(
      MPI_IN_PLACE, numbers + done, (int)(left < SPIDER_MPI_PART ? left : SPIDER_MPI_PART),
      MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
  }
}

static inline void spider_mpi_sum_doubles(double *numbers, int64_t count) {
  for (int64_t done = 0; done < count; done += SPIDER_MPI_PART) {
    int64_t left = count - done;
    MPI_Allreduce(
      MPI_IN_PLACE, numbers + done, (int)(left < SPIDER_MPI_PART ? left : SPIDER_MPI_PART),
      MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  }
}

// Waits until all processes are here.
static inline void spider_mpi_wait(void) { MPI_Barrier(MPI_COMM_WORLD); }

// Ends; all processes must.
static inline void spider_mpi_end(void) { MPI_Finalize(); }

// Ends all processes of the job, whatever they are at.
static inline void spider_mpi_abort(int status) { MPI_Abort(MPI_COMM_WORLD, status); }

// Seconds since some moment.
static inline double spider_mpi_seconds(void) { return MPI_Wtime(); }

#endif

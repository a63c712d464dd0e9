import CMPI
import SpiderTraining
import Synchronization

/// All processes of an MPI job, as training adds up over them.
///
/// MPI is to be called on the thread that began it: trainings run on that of `main`, and so do their sums.
final class MPICommunicator: Communicator {
  /// The costs of the sums so far.
  struct Costs {
    /// Sums of single precision: the gradients, and the state at checkpoints.
    var sums = 0
    /// Seconds of those, from when all processes have begun them.
    var summing = 0.0
    /// Seconds until all were there.
    var waiting = 0.0
    /// Bytes of the largest sum: the gradient.
    var largest = 0
  }

  let rank: Int
  let size: Int
  private let measured = Mutex(Costs())

  /// What the sums have cost this process so far.
  var costs: Costs { measured.withLock { $0 } }

  /// Begins; nil where this MPI knows no threads.
  init?() {
    guard spider_mpi_begin() != 0 else { return nil }
    rank = Int(spider_mpi_rank())
    size = Int(spider_mpi_size())
  }

  func sum(_ numbers: inout MutableSpan<Double>) {
    let begun = spider_mpi_seconds()
    unsafe numbers.withUnsafeMutableBufferPointer {
      unsafe spider_mpi_sum_doubles($0.baseAddress, Int64($0.count))
    }
    // Few numbers: what takes time is that others are not here yet.
    measured.withLock { $0.waiting += spider_mpi_seconds() - begun }
  }

  func sum(_ numbers: inout MutableSpan<Float>) {
    let begun = spider_mpi_seconds()
    spider_mpi_wait()
    let met = spider_mpi_seconds()
    unsafe numbers.withUnsafeMutableBufferPointer {
      unsafe spider_mpi_sum_floats($0.baseAddress, Int64($0.count))
    }
    let (ended, bytes) = (spider_mpi_seconds(), 4 * numbers.count)
    measured.withLock { costs in
      costs.sums += 1
      costs.waiting += met - begun
      costs.summing += ended - met
      costs.largest = max(costs.largest, bytes)
    }
  }

  /// Ends; all processes must.
  func end() { spider_mpi_end() }

  /// Ends all processes of the job, whatever they are at.
  func abort(_ status: Int32) { spider_mpi_abort(status) }
}

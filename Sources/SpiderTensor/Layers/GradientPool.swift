import SpiderSupport

/// Where a backward pass adds up the gradients of the parameters: one arena that all workers share.
///
/// No two threads write the same number. Most parameters have one writer at a time: a layer splits its
/// work so, or brings the sums of its workers together itself. Those that all workers add to while
/// they carry points through the decoder are small; of these each worker but the first has sums of its
/// own, and `sum` adds them up in the order of the workers.
package final class GradientPool: Sendable {
  /// The layout of the parameters.
  package let layout: ParameterLayout
  private let shared: FloatSlice
  private let others: [FloatSlice]

  /// How many workers have sums of their own: the most a backward pass may use, whatever is set
  /// meanwhile.
  package var workerCount: Int { others.count + 1 }

  /// Zeros for every worker there is now.
  package init(_ layout: ParameterLayout) {
    self.layout = layout
    shared = .scratch(layout.count)
    others = (1..<Parallel.workerCount).map { _ in .scratch(layout.perWorkerCount) }
    zero()
  }

  /// The gradient of a parameter that has one writer at a time.
  package func slice(_ parameter: Parameter) -> FloatSlice {
    shared.part(parameter.offset, parameter.count)
  }

  /// The gradient of a parameter as one worker adds it up.
  package func slice(_ parameter: Parameter, worker: Int) -> FloatSlice {
    precondition(worker < workerCount, "worker \(worker) of \(workerCount)")
    guard worker > 0 else { return slice(parameter) }
    guard let offset = parameter.perWorkerOffset else {
      preconditionFailure("'\(parameter.name)' has no sums for each worker")
    }
    return others[worker - 1].part(offset, parameter.count)
  }

  /// Sets all gradients to zero.
  package func zero() {
    Parallel.forEachWorker(splitting: layout.count) { _, range in
      shared.part(range.lowerBound, range.count).fill(0)
    }
    for other in others { other.fill(0) }
  }

  /// Adds all workers' gradients up, in the order of the workers, and returns the sum, which stays
  /// valid until the pool is used again. To be called once after a pass.
  package func sum() -> FloatSlice {
    for parameter in layout.parameters {
      guard let offset = parameter.perWorkerOffset else { continue }
      for other in others {
        Elements.add(other.part(offset, parameter.count), to: slice(parameter))
      }
    }
    return shared
  }
}

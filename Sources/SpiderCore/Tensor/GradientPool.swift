/// Where a backward pass adds up the gradients of the parameters: one arena a worker, so that no two
/// threads write the same number, and a sum in fixed order at the end.
public final class GradientPool: Sendable {
  /// The layout of the parameters.
  public let layout: ParameterLayout
  private let arenas: [FloatSlice]

  /// How many workers have an arena: the most a backward pass may use, whatever is set meanwhile.
  public var workerCount: Int { arenas.count }

  /// Zeros for every worker there is now.
  public init(_ layout: ParameterLayout) {
    self.layout = layout
    arenas = (0..<Parallel.workerCount).map { _ in
      let arena = FloatSlice.scratch(layout.count)
      arena.fill(0)
      return arena
    }
  }

  /// The gradient of one parameter as one worker adds it up.
  public func slice(_ parameter: Parameter, worker: Int) -> FloatSlice {
    precondition(worker < arenas.count, "worker \(worker) of \(arenas.count)")
    return arenas[worker].part(parameter.offset, parameter.count)
  }

  /// Sets all gradients to zero.
  public func zero() {
    Parallel.forEach(arenas.count) { arenas[$0].fill(0) }
  }

  /// Adds all workers' gradients up, in the order of the workers, and returns the sum, which stays
  /// valid until the pool is used again.
  public func sum() -> FloatSlice {
    let total = arenas[0]
    Parallel.forEachWorker(splitting: layout.count) { _, range in
      for other in arenas.dropFirst() {
        Kernels.add(
          other.part(range.lowerBound, range.count), to: total.part(range.lowerBound, range.count))
      }
    }
    return total
  }
}

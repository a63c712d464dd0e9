import Dispatch
import Foundation
import SpiderTraining
import Synchronization

/// Stops a training run, with a checkpoint, when a signal asks for it: SIGUSR1, which `mpirun` passes on
/// and schedulers can send ahead of the end of their time, SIGINT or SIGTERM. It is enough that one process
/// is asked.
final class StopSignals {
  /// The handle to run with.
  let control = TrainingControl()
  private let caught = Caught()
  private var sources: [any DispatchSourceSignal] = []

  private final class Caught: Sendable {
    let number = Atomic<Int32>(0)
  }

  /// The first signal that came; nil: none.
  var first: Int32? {
    let number = caught.number.load(ordering: .acquiring)
    return number == 0 ? nil : number
  }

  /// Watches from now on.
  init() {
    let queue = DispatchQueue(label: "spider-mpi.signals")
    for number in [SIGUSR1, SIGINT, SIGTERM] {
      _ = signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { [control, caught] in
        _ = caught.number.compareExchange(
          expected: 0, desired: number, ordering: .acquiringAndReleasing)
        control.stop()
      }
      source.resume()
      sources.append(source)
    }
  }
}

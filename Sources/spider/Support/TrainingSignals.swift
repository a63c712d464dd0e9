import Dispatch
import Foundation
import SpiderTraining
import Synchronization

/// Stops a training run when the user or the system asks the process to end: the step it is in is
/// finished, and a checkpoint written. Asked twice, the process ends at once.
final class TrainingSignals {
  /// The handle to run with.
  let control = TrainingControl()
  private let caught = Caught()
  private var sources: [any DispatchSourceSignal] = []

  /// The first signal that came.
  private final class Caught: Sendable {
    let number = Atomic<Int32>(0)
  }

  /// The signal that has come; nil: none.
  var signal: Int32? {
    let number = caught.number.load(ordering: .acquiring)
    return number == 0 ? nil : number
  }

  /// The exit status of a process that a signal has ended, as shells have it.
  static func status(of signal: Int32) -> Int32 { 128 + signal }

  /// Watches from now on.
  init() {
    let queue = DispatchQueue(label: "spider.signals")
    for number in [SIGINT, SIGTERM] {
      // The source is told of it only when nobody else acts on it.
      _ = Foundation.signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { [control, caught] in
        let (isFirst, _) = caught.number.compareExchange(
          expected: 0, desired: number, ordering: .acquiringAndReleasing)
        guard isFirst else { _exit(Self.status(of: number)) }
        Console.say(
          "asked to stop: the step is finished and a checkpoint written (again: ends at once)")
        control.stop()
      }
      source.resume()
      sources.append(source)
    }
  }
}

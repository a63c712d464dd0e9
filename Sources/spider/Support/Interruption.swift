import Foundation
import SpiderIO

/// What becomes of unfinished files when the program is told to end.
enum Interruption {
  /// Makes Ctrl-C (SIGINT) and SIGTERM remove hidden files before the program ends, with 128 and the
  /// signal's number as exit status, as shells have it; and makes the limit of a file's size an error of
  /// the write that meets it. Call first: threads that are there already would take the signals.
  ///
  /// A thread waits for the signals, so that no more than a signal handler's few calls would do is done
  /// in one. Who starts the program with a signal ignored (as shells do behind `&`) has it ignored.
  static func prepare() {
    _ = signal(SIGXFSZ, SIG_IGN)
    var signals = awaited
    _ = unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    Thread.detachNewThread {
      var signals = awaited
      var number: Int32 = 0
      while unsafe sigwait(&signals, &number) != 0 {}
      UnfinishedFiles.removeAll {
        // A shell's prompt belongs on a line of its own, not behind the progress.
        if Console.isTerminal { Console.show("\n") }
        _exit(128 + number)
      }
    }
  }

  private static var awaited: sigset_t {
    var signals = sigset_t()
    _ = unsafe sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] { _ = unsafe sigaddset(&signals, number) }
    return signals
  }
}

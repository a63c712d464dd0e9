import Foundation
import SpiderIO

/// What becomes of unfinished files when the program is told to end.
enum Interruption {
  /// Where the signal handler writes the number of the signal to: the one thing that it may do. Set once,
  /// before there is a handler.
  nonisolated(unsafe) private static var wire: Int32 = -1

  /// Makes Ctrl-C (SIGINT) and SIGTERM remove hidden files before the program ends, with 128 and the
  /// signal's number as exit status, as shells have it; and makes the limit of a file's size an error of
  /// the write that meets it.
  ///
  /// A thread waits for what the handler writes, and does the rest. Who starts the program with a signal
  /// ignored (as shells do behind `&`) has it ignored.
  static func prepare() {
    _ = signal(SIGXFSZ, SIG_IGN)
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { return }
    unsafe wire = ends[1]
    let end = ends[0]
    Thread.detachNewThread {
      var number: UInt8 = 0
      while unsafe read(end, &number, 1) != 1 {}
      UnfinishedFiles.removeAll {
        // A shell's prompt belongs on a line of its own, not behind the progress.
        if Console.isTerminal { Console.show("\n") }
        _exit(128 + Int32(number))
      }
    }
    // Who started the program may have blocked what it is to be told by.
    var told = sigset_t()
    _ = unsafe sigemptyset(&told)
    for number in [SIGINT, SIGTERM] { _ = unsafe sigaddset(&told, number) }
    _ = unsafe pthread_sigmask(SIG_UNBLOCK, &told, nil)
    for number in [SIGINT, SIGTERM] where !isIgnored(number) {
      signal(number) { number in
        var byte = UInt8(truncatingIfNeeded: number)
        _ = unsafe write(Interruption.wire, &byte, 1)
      }
    }
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard unsafe sigaction(number, nil, &action) == 0 else { return false }
    // SIG_IGN is the address 1.
    return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }
}

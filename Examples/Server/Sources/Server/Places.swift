import NIOHTTP1
import Synchronization

/// The places of requests that are read, wait, are worked on or answered. Memory is bounded because a
/// request has its body read only when it has one.
final class Places: Sendable {
  private let free: Mutex<Int>

  init(_ count: Int) { free = Mutex(count) }

  /// Takes a place if there is one.
  func take() -> Bool {
    free.withLock { count in
      guard count > 0 else { return false }
      count -= 1
      return true
    }
  }

  func giveBack() { free.withLock { $0 += 1 } }
}

/// Whether somebody still waits for the answer.
final class Interest: Sendable {
  private let isLost = Mutex(false)

  func lose() { isLost.withLock { $0 = true } }

  /// - Throws: `CancellationError` once nobody waits.
  func check() throws {
    if isLost.withLock({ $0 }) { throw CancellationError() }
  }
}

/// Why a request gets no reconstruction.
struct Refusal: Error {
  let status: HTTPResponseStatus
  let text: String

  init(_ status: HTTPResponseStatus, _ text: String) {
    self.status = status
    self.text = text
  }
}

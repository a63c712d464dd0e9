import Foundation

/// The right to train in a folder, of one process at a time.
///
/// The system holds the lock, and gives it free when the process ends, however it does: nothing that a
/// dead process left behind keeps anybody out. A file system that has no locks does not keep anybody out
/// either.
final class RunLock {
  private let descriptor: Int32
  private let file: URL

  /// Takes the lock of a run; the folder must be there.
  ///
  /// - Throws: ``TrainingError/runLocked(_:)`` when another process, or another run in this one, has it.
  init(_ folder: RunFolder) throws(TrainingError) {
    file = folder.url.appendingPathComponent(".lock")
    while true {
      let descriptor = unsafe open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else {
        // What cannot be written to will be said by whoever writes there.
        self.descriptor = -1
        return
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        let isTaken = errno == EWOULDBLOCK
        close(descriptor)
        guard !isTaken else { throw .runLocked(folder.url) }
        self.descriptor = -1
        return
      }
      // Whoever had it may have taken the file away between the two calls.
      if Self.isSame(descriptor, file) {
        self.descriptor = descriptor
        return
      }
      close(descriptor)
    }
  }

  /// Whether a process has the lock of a run now; takes nothing.
  static func isHeld(_ folder: RunFolder) -> Bool {
    let file = folder.url.appendingPathComponent(".lock")
    let descriptor = unsafe open(file.path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  private static func isSame(_ descriptor: Int32, _ file: URL) -> Bool {
    var (open, named) = (stat(), stat())
    let found = unsafe (fstat(descriptor, &open), stat(file.path, &named))
    return found == (0, 0) && open.st_ino == named.st_ino && open.st_dev == named.st_dev
  }

  deinit {
    guard descriptor >= 0 else { return }
    _ = unsafe unlink(file.path)
    close(descriptor)
  }
}

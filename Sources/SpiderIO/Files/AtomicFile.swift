import Foundation
import Synchronization

/// A file that appears whole or not at all.
///
/// Bytes go to a hidden file in the same folder, whose name has the same ending; ``commit()`` brings
/// them to the disk and gives the file its name in one step. When that never happens, the hidden file
/// is removed and whatever had the name keeps it. A process that is told to end removes them all
/// (``UnfinishedFiles``); one that is killed cannot: the next file of the same name does. All of Spider's
/// writers use it.
package final class AtomicFile {
  /// The final path.
  package let destination: URL
  /// The path of its bytes until then.
  let temporary: URL
  /// The open file; -1 once it is closed.
  private(set) var descriptor: Int32
  private let target: URL
  private let overwrite: Bool

  private static let serial = Atomic<Int>(0)

  /// Starts a file.
  ///
  /// - Parameters:
  ///   - destination: its path; a symbolic link is followed, so that the link stays.
  ///   - overwrite: whether a file of that name may be replaced.
  ///   - createFolders: whether missing folders above it are made.
  /// - Throws: ``FileError`` when the name is taken, the folder is missing or cannot be written in.
  package init(_ destination: URL, overwrite: Bool, createFolders: Bool = false) throws(FileError) {
    let target = destination.resolvingSymlinksInPath()
    let folder = target.deletingLastPathComponent()
    let manager = FileManager.default
    var isFolder: ObjCBool = false
    if createFolders {
      do {
        try manager.createDirectory(at: folder, withIntermediateDirectories: true)
      } catch {
        throw .notWritable(destination, reason: "its folder cannot be made")
      }
    }
    guard unsafe manager.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue
    else { throw .noFolder(destination) }
    if let found = try? manager.attributesOfItem(atPath: target.path) {
      // Renaming over a device or a folder would destroy it.
      guard found[.type] as? FileAttributeType == .typeRegular else { throw .notAFile(destination) }
      guard overwrite else { throw .exists(destination) }
    }
    self.destination = destination
    self.target = target
    self.overwrite = overwrite
    Self.removeLeftovers(of: target)
    (temporary, descriptor) = try Self.openBeside(target, for: destination)
  }

  /// Removes hidden files of a destination whose processes are gone.
  private static func removeLeftovers(of target: URL) {
    let folder = target.deletingLastPathComponent()
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where name.hasPrefix(".spider-") {
      // .spider-PROCESS-SERIAL-ENDING, the ending with dashes of its own.
      let parts = name.split(separator: "-", maxSplits: 3, omittingEmptySubsequences: false)
      guard parts.count == 4, let process = Int32(parts[1]), process > 0,
        parts[3] == ending(of: target), kill(process, 0) != 0, errno == ESRCH
      else { continue }
      _ = unsafe unlink(folder.appendingPathComponent(name).path)
    }
  }

  /// The part of the destination's name in the hidden file's: short enough for any file system.
  private static func ending(of target: URL) -> Substring { target.lastPathComponent.suffix(60) }

  /// Opens a new hidden file beside another. The process and a serial number make its name its own;
  /// one left behind by an earlier process of that number is stepped over.
  private static func openBeside(
    _ target: URL, for destination: URL
  ) throws(FileError) -> (URL, Int32) {
    let process = ProcessInfo.processInfo.processIdentifier
    for _ in 0..<1000 {
      let serial = Self.serial.wrappingAdd(1, ordering: .relaxed).oldValue
      let file = target.deletingLastPathComponent()
        .appendingPathComponent(".spider-\(process)-\(serial)-\(ending(of: target))")
      var (descriptor, reason): (Int32, Int32) = (-1, 0)
      UnfinishedFiles.make {
        descriptor = unsafe open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        reason = errno
        return descriptor >= 0 ? file.path : nil
      }
      if descriptor >= 0 { return (file, descriptor) }
      guard reason == EEXIST else {
        throw .notWritable(destination, reason: systemReason(reason))
      }
    }
    throw .notWritable(destination, reason: systemReason(EEXIST))
  }

  deinit {
    guard descriptor >= 0 else { return }
    _ = close(descriptor)
    remove()
  }

  private func remove() {
    UnfinishedFiles.end(temporary.path) { _ = unsafe unlink(temporary.path) }
  }

  /// Adds bytes at the end.
  ///
  /// - Throws: ``FileError/notWritable(_:reason:)``, for example on a full disk.
  package func append(_ data: Data) throws(FileError) {
    precondition(descriptor >= 0, "bytes for a file that is already finished")
    var rest = data[...]
    while !rest.isEmpty {
      let written = writeBytes(rest, to: descriptor)
      if written < 0 {
        if errno == EINTR { continue }
        throw .notWritable(destination, reason: systemReason(errno))
      }
      rest = rest.dropFirst(written)
    }
  }

  /// Brings the bytes to the disk and gives the file its name.
  ///
  /// - Throws: ``FileError`` when the disk is full, or when somebody else took the name meanwhile.
  package func commit() throws(FileError) {
    precondition(descriptor >= 0, "a file that is already finished")
    let synced = fsync(descriptor) == 0
    let closed = close(descriptor) == 0
    let reason = systemReason(errno)
    descriptor = -1
    guard synced, closed else {
      remove()
      throw .notWritable(destination, reason: reason)
    }
    try UnfinishedFiles.end(temporary.path) { () throws(FileError) in
      do throws(FileError) {
        try giveName()
      } catch {
        _ = unsafe unlink(temporary.path)
        throw error
      }
    }
    syncFolder()
    FinishedFiles.add(destination)
  }

  private func giveName() throws(FileError) {
    if !overwrite {
      // A hard link, unlike a rename, never replaces a file that appeared since the first look.
      if unsafe link(temporary.path, target.path) == 0 {
        _ = unsafe unlink(temporary.path)
        return
      }
      // Some file systems have no hard links; there the first look has to do.
      if errno == EEXIST || FileManager.default.fileExists(atPath: target.path) {
        throw .exists(destination)
      }
    }
    guard unsafe rename(temporary.path, target.path) == 0 else {
      throw .notWritable(destination, reason: systemReason(errno))
    }
  }

  /// The new name itself must survive a power cut; file systems that cannot do this are left alone.
  private func syncFolder() {
    let folder = unsafe open(target.deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
    guard folder >= 0 else { return }
    _ = fsync(folder)
    _ = close(folder)
  }

  /// Writes a whole file at once.
  ///
  /// - Throws: ``FileError`` as the steps do; then nothing has changed.
  package static func write(
    _ data: Data, to url: URL, overwrite: Bool, createFolders: Bool = false
  ) throws(FileError) {
    let file = try AtomicFile(url, overwrite: overwrite, createFolders: createFolders)
    try file.append(data)
    try file.commit()
  }
}

/// The system's words for an error number.
func systemReason(_ number: Int32) -> String {
  NSError(domain: NSPOSIXErrorDomain, code: Int(number)).localizedDescription
}

private func writeBytes(_ bytes: Data, to descriptor: Int32) -> Int {
  unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
}

/// The hidden files and folders of this process that have not got their names yet: what must be gone when
/// it ends, however it ends.
///
/// Their making and their naming happen under one lock, so that none of them can be missed.
package enum UnfinishedFiles {
  private static let paths = Mutex<Set<String>>([])

  /// Makes one; `make` answers its path, and nil when there is none.
  package static func make<Failure: Error>(
    _ make: () throws(Failure) -> String?
  ) throws(Failure) {
    try paths.withLock { (paths) throws(Failure) in
      if let path = try make() { paths.insert(path) }
    }
  }

  /// Names or removes one; `end` answers what came of it. It is forgotten in any case.
  package static func end<Answer: Sendable, Failure: Error>(
    _ path: String, _ end: () throws(Failure) -> Answer
  ) throws(Failure) -> Answer {
    try paths.withLock { (paths) throws(Failure) in
      paths.remove(path)
      return try end()
    }
  }

  /// Removes all of them and ends the process; from the first of them on, no other is made or named.
  package static func removeAll(andEnd end: () -> Never) -> Never {
    paths.withLock { paths in
      for path in paths { try? FileManager.default.removeItem(atPath: path) }
      end()
    }
  }
}

/// The files that this process has given their names, in order: what a command that fails behind some of
/// them can say is there.
package enum FinishedFiles {
  private static let paths = Mutex<[String]>([])
  /// Nobody reads a longer list.
  private static let most = 1000

  /// Notes a file; one that is replaced again and again is noted once.
  static func add(_ url: URL) {
    paths.withLock { paths in
      if paths.count < most, !paths.contains(url.path) { paths.append(url.path) }
    }
  }

  /// Those that are there still: what was written into a folder that got another name since is not.
  package static var present: [String] {
    paths.withLock { $0 }.filter { FileManager.default.fileExists(atPath: $0) }
  }
}

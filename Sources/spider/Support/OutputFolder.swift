import Foundation
import SpiderIO

/// A folder that a command writes to, made when it is not there.
struct OutputFolder {
  let url: URL

  /// A folder that is there from now on.
  init(_ path: String) throws {
    try self.init(planned: path)
    try create()
  }

  /// A folder that is made later, when there is something to put into it. That this will be possible
  /// is looked at now.
  init(planned path: String) throws {
    url = URL(fileURLWithPath: path, isDirectory: true)
    var place = url.standardizedFileURL
    while !FileManager.default.fileExists(atPath: place.path), place.path != "/" {
      place.deleteLastPathComponent()
    }
    guard place.isFolder else {
      throw FileError.notWritable(url, reason: "\(place.path) is not a folder")
    }
    guard FileManager.default.isWritableFile(atPath: place.path) else {
      throw FileError.notWritable(url, reason: "\(place.path) is not writable")
    }
  }

  /// Makes the folder unless it is there.
  func create() throws {
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw FileError.notWritable(url, reason: error.localizedDescription)
    }
  }

  func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  /// Makes sure, before any work is done, that a folder can be made, or is there and empty. What lies in a folder is
  /// never replaced.
  static func checkNew(_ folder: URL) throws {
    let parent = folder.deletingLastPathComponent()
    guard FileManager.default.fileExists(atPath: parent.path) else {
      throw FileError.noFolder(folder)
    }
    guard FileManager.default.isWritableFile(atPath: parent.path) else {
      throw FileError.notWritable(folder, reason: "its folder is not writable")
    }
    guard FileManager.default.fileExists(atPath: folder.path) else { return }
    guard folder.isFolder else {
      throw CommandFailure(
        "\(folder.path): this is a file where a folder is to be made; name another")
    }
    let content = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    guard let count = content?.count else {
      throw FileError.unreadable(folder, reason: "permission denied")
    }
    guard count == 0 else {
      throw CommandFailure(
        "\(folder.path): this folder is not empty (\(count) \(count == 1 ? "file" : "files")), and a series needs "
          + "one of its own; name a new folder, or empty this one")
    }
  }

  /// Refuses before any work is done, not after it.
  static func refuseExisting(_ files: [URL], overwrite: Bool) throws {
    for file in files where FileManager.default.fileExists(atPath: file.path) {
      guard !file.isFolder else { throw FileError.notAFile(file) }
      guard overwrite else { throw FileError.exists(file) }
    }
  }

  /// Makes sure, before any work is done, that files can be written where they are wanted, and that none of them is
  /// one that is read.
  static func checkTargets(_ files: [URL], reading inputs: [URL] = [], overwrite: Bool) throws {
    var seen = Set<String>()
    let read = Set(inputs.map { $0.resolvingSymlinksInPath().standardizedFileURL.path })
    for file in files {
      guard !read.contains(file.resolvingSymlinksInPath().standardizedFileURL.path) else {
        throw CommandFailure("\(file.path): it is an input; name another file to write")
      }
      guard seen.insert(file.standardizedFileURL.path).inserted else {
        throw CommandFailure("\(file.path): two outputs have this name; give each its own")
      }
      let folder = file.deletingLastPathComponent()
      guard FileManager.default.fileExists(atPath: folder.path) else {
        throw FileError.noFolder(file)
      }
      guard FileManager.default.isWritableFile(atPath: folder.path) else {
        throw FileError.notWritable(file, reason: "its folder is not writable")
      }
    }
    try refuseExisting(files, overwrite: overwrite)
  }
}

extension URL {
  /// The file's name without its endings: "head" of "head.nii.gz".
  var stem: String {
    var name = lastPathComponent
    for ending in [
      ".gz", ".nii", ".hdr", ".img", ".png", ".jpeg", ".jpg", ".tiff", ".tif", ".json", ".dcm",
      ".safetensors",
    ] where name.hasSuffix(ending) {
      name.removeLast(ending.count)
    }
    return name
  }
}

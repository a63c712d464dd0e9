import Foundation
import SpiderIO
import SpiderTestSupport
import Testing

@Suite struct AtomicFileTests {
  private let old = Data("old".utf8)
  private let new = Data("new".utf8)

  @Test func theFileAppearsOnCommitAndNotBefore() throws {
    let folder = try TemporaryFolder()
    let url = folder["a.nii.gz"]
    let file = try AtomicFile(url, overwrite: false)
    try file.append(new)
    let names = try folder.names()
    #expect(names.count == 1 && names.first?.hasPrefix(".") == true)
    #expect(names.first?.hasSuffix(".nii.gz") == true, "other programs go by the ending")
    try file.append(new)
    try file.commit()
    #expect(try folder.names() == ["a.nii.gz"])
    #expect(try Data(contentsOf: url) == new + new)
  }

  @Test func anUnfinishedFileLeavesNothing() throws {
    let folder = try TemporaryFolder()
    try old.write(to: folder["a"])
    do {
      let file = try AtomicFile(folder["a"], overwrite: true)
      try file.append(new)
    }
    #expect(try folder.names() == ["a"])
    #expect(try Data(contentsOf: folder["a"]) == old)
  }

  /// A process that was killed left its hidden file; those of others stay.
  @Test func leftoversOfDeadProcessesAreRemoved() throws {
    let folder = try TemporaryFolder()
    // No process has a number beyond 2^22 (Linux) or 99999 (macOS).
    let dead = ".spider-999999999-3-a-b.nii"
    let kept = [
      ".spider-\(ProcessInfo.processInfo.processIdentifier)-99999-a-b.nii",
      ".spider-999999999-3-b.nii", ".spider-999999999-a-b.nii", ".spider-x-3-a-b.nii",
    ]
    for name in kept + [dead] { try old.write(to: folder[name]) }
    try AtomicFile.write(new, to: folder["a-b.nii"], overwrite: false)
    #expect(try Set(folder.names()) == Set(kept + ["a-b.nii"]))
    #expect(try Data(contentsOf: folder["a-b.nii"]) == new)
  }

  @Test func anExistingFileIsKeptUnlessAskedOtherwise() throws {
    let folder = try TemporaryFolder()
    let url = folder["a"]
    try old.write(to: url)
    #expect(throws: FileError.exists(url)) {
      try AtomicFile.write(new, to: url, overwrite: false)
    }
    #expect(try Data(contentsOf: url) == old)
    try AtomicFile.write(new, to: url, overwrite: true)
    #expect(try Data(contentsOf: url) == new)
    #expect(try folder.names() == ["a"])
  }

  @Test func aFileThatAppearsMeanwhileIsKept() throws {
    let folder = try TemporaryFolder()
    let file = try AtomicFile(folder["a"], overwrite: false)
    try file.append(new)
    try old.write(to: folder["a"])
    #expect(throws: FileError.exists(folder["a"])) { try file.commit() }
    #expect(try Data(contentsOf: folder["a"]) == old)
    #expect(try folder.names() == ["a"])
  }

  @Test func foldersAreMadeOnlyWhenAsked() throws {
    let folder = try TemporaryFolder()
    let url = folder["x"].appendingPathComponent("y/a")
    #expect(throws: FileError.noFolder(url)) {
      try AtomicFile.write(new, to: url, overwrite: false)
    }
    try AtomicFile.write(new, to: url, overwrite: false, createFolders: true)
    #expect(try Data(contentsOf: url) == new)
  }

  @Test func onlyRegularFilesAreReplaced() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileError.notAFile(folder.url)) {
      try AtomicFile.write(new, to: folder.url, overwrite: true)
    }
    let null = URL(fileURLWithPath: "/dev/null")
    #expect(throws: FileError.notAFile(null)) {
      try AtomicFile.write(new, to: null, overwrite: true)
    }
  }

  @Test func aLinkStaysALink() throws {
    let folder = try TemporaryFolder()
    try old.write(to: folder["a"])
    try FileManager.default.createSymbolicLink(at: folder["b"], withDestinationURL: folder["a"])
    try AtomicFile.write(new, to: folder["b"], overwrite: true)
    #expect(try Data(contentsOf: folder["a"]) == new)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder["b"].path) != "")
  }

  @Test func errorsNameFileFaultAndRemedy() {
    let url = URL(fileURLWithPath: "/data/head.nii")
    let text = "\(FileError.truncated(url, expected: 400, found: 200))"
    #expect(text.hasPrefix("/data/head.nii: "))
    #expect(text.contains("200 of at least 400 bytes"))
    #expect(text.contains("again"))
    #expect(FileError.exists(url).localizedDescription.contains("already there"))
  }
}

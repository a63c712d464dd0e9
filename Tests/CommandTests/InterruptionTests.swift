import Foundation
import SpiderTestSupport
import Testing

/// However the program ends, it leaves no hidden files behind.
@Suite struct InterruptionTests {
  private func hidden(in folder: TemporaryFolder) throws -> [String] {
    try folder.names().filter { $0.hasPrefix(".spider-") }
  }

  /// A voxel count that keeps even a tiny network busy for long enough to be met at work.
  private func longWork(_ scene: Scene) throws -> [String] {
    try scene.makeRadiographs(.pa, .left)
    return [
      "reconstruct", "--view", scene.path("head_pa.nii.gz"), "--view",
      scene.path("head_left.nii.gz"), "--model", scene.model, "--size", "512", "--out",
      scene.path("ct.nii.gz"), "--labels", scene.path("labels.nii.gz"), "--threads", "1",
    ]
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func aSignalLeavesNothing(_ signal: Int32, _ status: Int32) throws {
    let scene = try Scene()
    let arguments = try longWork(scene)
    let before = try scene.folder.names()
    let run = try SpiderProgram.signal(signal, arguments) {
      // Both files have been begun.
      (try? hidden(in: scene.folder).count) == 2
    }
    #expect(run.reason == .exit && run.status == status, "\(run)")
    #expect(try scene.folder.names() == before)
  }

  /// The limit of a file's size (ulimit -f) is an error like a full disk.
  @Test func aFileBeyondTheLimitIsAnError() throws {
    let scene = try Scene()
    try scene.makeRadiographs(.pa, .left)
    let before = try scene.folder.names()
    let run = try SpiderProgram.run(
      [
        "reconstruct", "--view", scene.path("head_pa.nii.gz"), "--view",
        scene.path("head_left.nii.gz"), "--model", scene.model, "--size", "40", "--out",
        scene.path("ct.nii"),
      ], fileLimit: 64)
    #expect(run.status == 1)
    #expect(run.errors.lowercased().contains("file too large"), "\(run.errors)")
    #expect(try scene.folder.names() == before)
  }

  /// Of several files the first may be there, and the others not: the words say which.
  @Test func filesWrittenBeforeAnErrorAreNamed() throws {
    let scene = try Scene()
    let run = try SpiderProgram.run(
      ["phantom", "--size", "24", "--picture", "--out", scene.path("heads")], fileLimit: 64)
    #expect(run.status == 1)
    let words = try #require(
      run.errors.split(separator: "\n").first { $0.contains("written before") })
    #expect(words.contains("phantom-1.nii.gz") && words.contains("phantom-1_labels.nii.gz"))
    #expect(!words.contains("phantom-1.png"))
    let left = try FileManager.default.contentsOfDirectory(atPath: scene.path("heads"))
    #expect(left.sorted() == ["phantom-1.nii.gz", "phantom-1_labels.nii.gz"])
  }
}

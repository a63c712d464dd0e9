import Foundation
import SpiderPretrained
import Testing

@Suite struct PretrainedTests {
  @Test func findsTheResourcesOfThisBuild() throws {
    let card = try String(contentsOf: Pretrained.modelCard, encoding: .utf8)
    #expect(card.hasPrefix("# Model card"))
  }

  @Test func looksBesideTheProgramBeforeTheSources() throws {
    let first = try #require(Pretrained.folders.first)
    let program = try #require(Bundle.main.executableURL).resolvingSymlinksInPath()
    #expect(
      first.path == program.deletingLastPathComponent().path
        + "/Spider_SpiderPretrained.resources/Resources")
    #expect(Pretrained.folders.last?.path.hasSuffix("Sources/SpiderPretrained/Resources") == true)
  }

  @Test func takesTheFirstFolderThatHasTheFile() throws {
    let root = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: root) }
    let folders = ["a", "b", "c"].map { root.appendingPathComponent($0, isDirectory: true) }
    for folder in folders.dropFirst() {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data("x".utf8).write(to: folder.appendingPathComponent("model.safetensors"))
    }
    let found = try Pretrained.locate("model.safetensors", among: folders)
    #expect(found.path == folders[1].appendingPathComponent("model.safetensors").path)
  }

  @Test func aMissingModelIsAnErrorThatSaysWhatToDo() throws {
    let root = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: root) }
    // A folder of the model's name is not the model.
    try FileManager.default.createDirectory(
      at: root.appendingPathComponent("model.safetensors"), withIntermediateDirectories: true)
    let error = #expect(throws: PretrainedError.self) {
      try Pretrained.locate("model.safetensors", among: [root])
    }
    let text = try #require(error).description
    #expect(text.contains("model.safetensors") && text.contains("give another model file"))
    #expect(text.contains(root.path))
  }

  private func temporaryFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("spider-pretrained-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }
}

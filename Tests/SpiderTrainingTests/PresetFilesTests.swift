import Foundation
import SpiderTraining
import Testing

/// The PyTorch twin reads its presets, and with them all defaults, from files beside it: they say what
/// ours say.
@Suite struct PresetFilesTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Benchmarks/peers/presets", isDirectory: true)

  /// Where a preset was changed on purpose, `SPIDER_WRITE_PRESETS=1 swift test --filter PresetFilesTests`
  /// writes its file anew.
  @Test(arguments: Preset.allCases) func theTwinsPresetsAreOurs(_ preset: Preset) throws {
    let file = Self.folder.appendingPathComponent("\(preset.rawValue).yaml")
    let text = try preset.configuration.yaml()
    if ProcessInfo.processInfo.environment["SPIDER_WRITE_PRESETS"] != nil {
      try Data(text.utf8).write(to: file)
    }
    let found = try String(contentsOf: file, encoding: .utf8)
    #expect(found == text, "\(file.lastPathComponent) is not what Preset.\(preset) says")
  }

  @Test func thereIsNoOther() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(files.sorted() == Preset.allCases.map { "\($0.rawValue).yaml" }.sorted())
  }
}

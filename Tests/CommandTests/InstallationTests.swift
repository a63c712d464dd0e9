import Foundation
import SpiderTestSupport
import Testing

/// `Scripts/install`, which `make install` calls: what it lays down works after the whole prefix is moved, and
/// goes again.
@Suite struct InstallationTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private func run(_ program: URL, _ arguments: [String]) throws -> (status: Int32, output: String)
  {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = program
    process.arguments = arguments
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  @Test func whatIsInstalledMayBeMovedAndRemoved() throws {
    let folder = try TemporaryFolder()
    let tests = try #require(Bundle.main.executableURL).resolvingSymlinksInPath()
    let built = tests.deletingLastPathComponent().appendingPathComponent("spider").path
    let install = Self.root.appendingPathComponent("Scripts/install")
    let prefix = folder["first place"].path
    #expect(try run(install, [built, prefix]).status == 0)
    let moved = folder["second place"]
    try FileManager.default.moveItem(atPath: prefix, toPath: moved.path)
    let program = moved.appendingPathComponent("bin/spider")
    let doctor = try run(program, ["doctor", "--json"])
    #expect(doctor.status == 0)
    let weights = moved.appendingPathComponent("share/spider/Spider_SpiderPretrained.resources")
    #expect(doctor.output.contains(weights.path), "\(doctor.output)")
    for name in [
      "share/man/man1/spider.1", "share/man/man1/spider-reconstruct.1",
      "share/bash-completion/completions/spider", "share/zsh/site-functions/_spider",
      "share/fish/vendor_completions.d/spider.fish",
    ] {
      let text = try String(contentsOf: moved.appendingPathComponent(name), encoding: .utf8)
      #expect(text.contains("reconstruct"), "\(name)")
    }
    // Other programs' files stay.
    let other = moved.appendingPathComponent("bin/other")
    try Data().write(to: other)
    #expect(try run(install, ["--remove", moved.path]).status == 0)
    let files = FileManager.default.enumerator(
      at: moved, includingPropertiesForKeys: [.isRegularFileKey])
    let left = (files?.allObjects as? [URL] ?? []).filter { !$0.hasDirectoryPath }
    #expect(left.map(\.lastPathComponent) == ["other"])
    #expect(try run(install, [built, "relative"]).status == 1)
  }
}

import Foundation
import SpiderTestSupport
import Testing

/// Work that is shared out among processes, by commands alone.
@Suite struct ShardCommandTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func succeed(_ arguments: [String]) throws -> SpiderProgram.Run {
    let run = try SpiderProgram.run(arguments + ["--threads", "1"])
    try #require(run.status == 0, "\(arguments): \(run.errors)")
    return run
  }

  /// Three shards into one folder, merged; and the evaluation of it in three parts, merged: what one process makes.
  @Test func sharedOutAndMerged() throws {
    let heads = folder["heads"].path
    _ = try succeed(["phantom", "--count", "4", "--size", "16", "--out", heads])
    let prepare =
      ["prepare"] + [3, 1, 4, 2].map { "\(heads)/phantom-\($0).nii.gz" }
      + [
        "--labels", heads, "--phantom", "--isocenter", "0,0,0", "--size", "16", "--split",
        "test=phantom-3",
      ]
    _ = try succeed(prepare + ["--out", folder["one"].path])
    for number in 1...3 {
      let run = try succeed(prepare + ["--shard", "\(number)/3", "--out", folder["parts"].path])
      #expect(run.errors.contains("shard \(number)/3: \(number == 1 ? 2 : 1) of 4 cases"))
    }
    _ = try succeed(["prepare", "--merge", folder["parts"].path, "--out", folder["data"].path])
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder["one"].path).sorted()
    #expect(
      try FileManager.default.subpathsOfDirectory(atPath: folder["data"].path).sorted() == names)
    for name in names where name.contains(".") {
      #expect(
        try Data(contentsOf: folder["one/\(name)"]) == Data(contentsOf: folder["data/\(name)"]),
        "\(name)")
    }

    let evaluate = [
      "evaluate", "--model", "two-view", "--data", folder["data"].path, "--split", "train",
      "--size", "8", "--json",
    ]
    let files = try (1...4).map { number in
      let run = try succeed(evaluate + ["--shard", "\(number)/4"])
      #expect(run.errors.contains("has no case") == (number == 4), "\(run.errors)")
      let file = folder["part-\(number).json"]
      try Data(run.output.utf8).write(to: file)
      return file.path
    }
    let whole = try succeed(evaluate)
    let merged = try succeed(["evaluate", "--json", "--merge"] + files)
    #expect(merged.output == whole.output)
    let table = try succeed(["evaluate", "--merge"] + files)
    #expect(table.output == (try succeed(Array(evaluate.dropLast()))).output)
    let few = try SpiderProgram.run(["evaluate", "--merge"] + files.dropLast())
    #expect(few.status == 1 && few.errors.contains("1 is missing: 4/4"), "\(few.errors)")
    let place = try SpiderProgram.run("evaluate", "--merge", files[0], folder.url.path)
    #expect(place.status == 1 && place.errors.contains("it is a folder"), "\(place.errors)")
    let none = try SpiderProgram.run("evaluate", "--merge", folder["data/dataset.json"].path)
    #expect(none.status == 1 && none.errors.contains("--shard i/n --json"), "\(none.errors)")
  }

  @Test(arguments: [
    (["prepare", "a.nii", "--out", "d", "--shard", "0/3"], "count from 1 to 3"),
    (["prepare", "a.nii", "--out", "d", "--shard", "a/b"], "write 1/8"),
    (["prepare", "a.nii", "--out", "d", "--merge", "p"], "--merge joins"),
    (["prepare", "--out", "d", "--merge", "p", "--shard", "1/2"], "--merge joins"),
    (["prepare", "--out", "d"], "at least one CT"),
    (["evaluate", "--model", "head", "--data", "d", "--shard", "4/3", "--json"], "count from 1"),
    (["evaluate", "--model", "head", "--data", "d", "--shard", "1/3"], "give --json"),
    (["evaluate", "--merge", "a.json", "--model", "head"], "--merge joins"),
    (["evaluate", "--reference", "a", "--candidate", "b", "--shard", "1/2"], "--shard"),
  ])
  func misuseIsToldByWord(_ arguments: [String], _ words: String) throws {
    let run = try SpiderProgram.run(arguments)
    #expect(run.status == 64 && run.errors.contains(words), "\(run.errors)")
  }
}

import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderDataSet
import SpiderIO
import SpiderPhantom
import SpiderTestSupport
import Testing

/// A preparation that is shared out: merged, its shards are what one preparation makes, to the bit.
@Suite struct ShardTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  // MARK: Parts

  @Test func partsAreDisjointAndEven() throws {
    let names = (0..<23).map { "case-\($0)" }.shuffled()
    for count in [1, 2, 3, 7, 23, 40] {
      let parts = try (1...count).map { try Shard($0, of: count).part(of: names) }
      #expect(parts.flatMap(\.self).sorted() == names.sorted(), "\(count)")
      let sizes = parts.map(\.count)
      #expect(sizes[0] - sizes[count - 1] <= 1 && sizes == sizes.sorted(by: >), "\(sizes)")
    }
    // By name, whatever the order, and round and round.
    #expect(try Shard(2, of: 3).part(of: ["e", "a", "d", "c", "b"]) == ["b", "e"])
  }

  @Test(arguments: [
    "0/3", "4/3", "a/b", "1/0", "-1/3", "+1/3", "3", "1/2/3", "", "/", "1/", " 1/3", "1/1000000",
    "1/99999999999999999999", "1.5/3", "٣/٤",
  ])
  func whatIsNoShardIsRefusedWithARemedy(_ text: String) {
    #expect {
      try Shard(text)
    } throws: { error in
      "\(error)".contains("'\(text)'") && "\(error)".contains("write 1/8")
        || "\(error)".contains("shards count from 1")
        || "\(error)".contains("100000")
    }
    #expect(throws: ShardError.self) {
      try JSONDecoder().decode(Shard.self, from: Data(#"{"number": 4, "count": 3}"#.utf8))
    }
  }

  // MARK: Preparing

  private static let size = 16
  private static let side = 128.0

  /// Five heads in files, with labels, in an order that is not that of their names.
  private func scans(
    test: String = "b", labels: Bool = true
  ) throws -> [DataSetPreparation.Scan] {
    try ["d", "a", "e", "b", "c"].enumerated().map { number, name in
      let (ct, map) = (folder["\(name).nii"], folder["\(name)_labels.nii"])
      if !FileManager.default.fileExists(atPath: ct.path) {
        let head = HeadPhantom(seed: UInt64(number + 1)).render(on: .canonical(size: Self.size))
        // Of half the size: the preparation works at millimetres, and has an eighth of them.
        let grid = VoxelGrid.canonical(size: Self.size, side: Self.side)
        try NIfTI.write(Volume(grid: grid, values: head.ct.values), to: ct, datatype: .int16)
        try NIfTI.write(LabelVolume(grid: grid, values: head.labels.values), to: map)
      }
      return DataSetPreparation.Scan(
        ct: ct, labels: labels ? map : nil, name: name, split: name == test ? .test : .train)
    }
  }

  private func preparation(turned: Bool = false) -> DataSetPreparation {
    var preparation = DataSetPreparation(
      HeadPreparation(
        size: Self.size, fieldOfView: Self.side, isocenter: .point(Vector3(0, 0, turned ? 1 : 0))))
    preparation.isReal = false
    return preparation
  }

  private func prepare(
    _ number: Int, of count: Int, _ scans: [DataSetPreparation.Scan], into name: String = "parts",
    turned: Bool = false, report: (DataSetPreparation.Event) -> Void = { _ in }
  ) throws -> DataSet {
    try preparation(turned: turned).add(
      Shard(number, of: count), of: scans, to: folder[name],
      attachments: { scan, _, _ in ["note.txt": Data("of \(scan.name)".utf8)] }, report: report)
  }

  private func whole(_ scans: [DataSetPreparation.Scan], into name: String = "whole") throws {
    _ = try preparation().add(
      scans, to: folder[name],
      attachments: { scan, _, _ in ["note.txt": Data("of \(scan.name)".utf8)] })
  }

  /// Every file below a folder, by its path there.
  private func files(_ name: String) throws -> [String: Data] {
    let root = folder[name]
    var files: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: root.path) {
      let file = root.appendingPathComponent(path)
      var isFolder: ObjCBool = false
      _ = unsafe FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder)
      if !isFolder.boolValue { files[path] = try Data(contentsOf: file) }
    }
    return files
  }

  /// Whether it is refused with these words, and no option of a command.
  private func refused(
    _ words: String..., sourceLocation: SourceLocation = #_sourceLocation, body: () throws -> Void
  ) {
    guard case .failure(let error) = Result(catching: body) else {
      Issue.record("nothing was thrown", sourceLocation: sourceLocation)
      return
    }
    for word in words {
      #expect("\(error)".contains(word), "\(error)", sourceLocation: sourceLocation)
    }
    #expect(!"\(error)".contains("--"), "\(error)", sourceLocation: sourceLocation)
  }

  @Test func threeShardsMergedAreOnePreparationToTheBit() throws {
    let scans = try scans()
    try whole(scans)
    // In any order, one of them into a folder of its own.
    #expect(try prepare(3, of: 3, scans).index.cases.map(\.id) == ["c"])
    #expect(try prepare(1, of: 3, scans).index.cases.map(\.id) == ["a", "d"])
    #expect(try prepare(2, of: 3, scans, into: "own").index.cases.map(\.id) == ["b", "e"])
    let merged = try DataSet.merging([folder["own"], folder["parts"]], into: folder["merged"])
    #expect(merged.index.cases.map(\.id) == ["d", "a", "e", "b", "c"])
    #expect(merged.entries(.test).map(\.id) == ["b"])
    let (expected, found) = (try files("whole"), try files("merged"))
    #expect(expected.count == 5 * 5 + 1 && found == expected)
    // Once more changes nothing, and neither does what was stopped half-way.
    try FileManager.default.removeItem(at: folder["merged"])
    try FileManager.default.createDirectory(
      at: folder["merged"], withIntermediateDirectories: true)
    var index = merged.index
    index.cases = Array(index.cases.prefix(2))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try encoder.encode(index).write(to: folder["merged/dataset.json"])
    for name in ["d", "a"] {
      try FileManager.default.copyItem(at: folder["whole/\(name)"], to: folder["merged/\(name)"])
    }
    _ = try DataSet.merging([folder["own"], folder["parts"]], into: folder["merged"])
    #expect(try files("merged") == expected)
  }

  /// Where there are more shards than scans, and where the others share a folder with the whole.
  @Test func emptyShardsAreShards() throws {
    let scans = try Array(scans().prefix(2))
    try whole(scans)
    for number in 1...3 { _ = try prepare(number, of: 3, scans, into: "data") }
    #expect(try prepare(3, of: 3, scans, into: "data").index.cases.isEmpty)
    let merged = try DataSet.merging([folder["data"]], into: folder["data"])
    #expect(merged.index.cases.map(\.id) == ["d", "a"])
    let (expected, found) = (try files("whole"), try files("data"))
    #expect(found.filter { !$0.key.hasPrefix("shard-") } == expected)
    #expect(try DataSet(open: folder["data"]).index == merged.index)
  }

  /// A shard that was stopped goes on with what it lacks, and with nothing else.
  @Test func aShardThatWasStoppedGoesOn() throws {
    let scans = try scans()
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      _ = try preparation().add(
        Shard(1, of: 2), of: scans, to: folder["parts"],
        attachments: { scan, _, _ in
          if scan.name == "c" { throw Stop() }
          return ["note.txt": Data("of \(scan.name)".utf8)]
        })
    }
    _ = try prepare(2, of: 2, scans)
    refused("shard-1-of-2", "not finished", "'c'", "made anew") {
      _ = try DataSet.merging([folder["parts"]], into: folder["merged"])
    }
    #expect(!FileManager.default.fileExists(atPath: folder["merged"].path))
    var made: [String] = []
    _ = try prepare(1, of: 2, scans) { if $0.stage == .added { made.append($0.scan.name) } }
    #expect(made == ["c", "e"])
    try whole(scans)
    _ = try DataSet.merging([folder["parts"]], into: folder["merged"])
    #expect(try files("merged") == files("whole"))
  }

  /// Files that were lost or damaged since are made anew by the same call, and the others are left alone.
  @Test func aShardMakesLostAndDamagedCasesAnew() throws {
    let scans = try scans()
    try whole(scans)
    for number in 1...2 { _ = try prepare(number, of: 2, scans) }
    try FileManager.default.removeItem(at: folder["parts/shard-1-of-2/c/ct.nii.gz"])
    try Data("of x".utf8).write(to: folder["parts/shard-1-of-2/e/note.txt"])
    // What is not there is found before anything is copied.
    refused("shard-1-of-2/c/ct.nii.gz", "no such file", "prepare its shard again") {
      _ = try DataSet.merging([folder["parts"]], into: folder["merged"])
    }
    #expect(!FileManager.default.fileExists(atPath: folder["merged"].path))
    let summary = try #require(ShardsSummary(folder["parts"]))
    let facts = Dictionary(uniqueKeysWithValues: summary.facts.map { ($0.name, $0.value) })
    #expect(facts["shard 1/2"] == "2 of 3 cases; case 'c': there is no such file")
    #expect(facts["shard 2/2"] == "2 of 2 cases")
    #expect(facts["merging"]?.contains("made anew") ?? false)
    var made: [String: [String]] = [:]
    _ = try prepare(1, of: 2, scans) { if $0.stage == .read { made[$0.scan.name] = $0.notes } }
    #expect(made.keys.sorted() == ["c", "e"])
    #expect(made["c"]?.first?.contains("ct.nii.gz: there is no such file") ?? false)
    #expect(made["e"]?.first?.contains("note.txt") ?? false)
    _ = try DataSet.merging([folder["parts"]], into: folder["merged"])
    #expect(try files("merged") == files("whole"))
    #expect(
      try #require(ShardsSummary(folder["parts"])).facts.last?.value == "all are there and finished"
    )
    #expect(ShardsSummary(folder["whole"]) == nil)
  }

  // MARK: What does not belong together

  @Test func whatDoesNotBelongTogetherIsRefused() throws {
    let scans = try Array(scans().suffix(2))  // b, c
    _ = try prepare(1, of: 2, scans, into: "one")
    func merge(_ name: String) throws {
      _ = try DataSet.merging([folder["one"], folder[name]], into: folder["merged"])
    }
    refused("one of 2 shards, of which 1 is missing: 2/2", "name its folder") {
      _ = try DataSet.merging([folder["one"]], into: folder["merged"])
    }
    refused("is shard 1/2, and so is", "name each shard once") { try merge("one") }
    _ = try prepare(2, of: 3, scans, into: "three")
    refused("three/shard-2-of-3", "3 shards, not 2") { try merge("three") }
    _ = try prepare(2, of: 2, scans, into: "turned", turned: true)
    refused("turned/shard-2-of-2", "the isocentre 0.0,0.0,1.0 mm, not") { try merge("turned") }
    let other = try Array(self.scans(test: "c").suffix(2))
    _ = try prepare(2, of: 2, other, into: "split")
    refused("split/shard-2-of-2", "'b'", "'train'", "'test'") { try merge("split") }
    _ = try prepare(2, of: 2, Array(self.scans()[2...]), into: "more")
    refused("more/shard-2-of-2", "the scan 'e', which is not here") { try merge("more") }
    // Another CT of the same name, on the disk of another machine.
    let b = folder["b.nii"]
    let content = try Data(contentsOf: b)
    try (content + Data(count: 16)).write(to: b)
    _ = try prepare(2, of: 2, scans, into: "another")
    try content.write(to: b)
    refused("another/shard-2-of-2", "another CT called 'b'", "the same CTs") {
      try merge("another")
    }
    try FileManager.default.createDirectory(
      at: folder["empty"], withIntermediateDirectories: true)
    refused("empty: it holds no shard") { try merge("empty") }
    refused("lies in a shard") {
      _ = try prepare(2, of: 2, scans, into: "two")
      _ = try DataSet.merging(
        [folder["one"], folder["two"]], into: folder["one/shard-1-of-2/merged"])
    }
    refused("elsewhere: there is no such file") { try merge("elsewhere") }
    #expect(!FileManager.default.fileExists(atPath: folder["merged"].path))
    // The same folder is not begun anew with other settings.
    refused("one/shard-1-of-2/shard.json", "isocentre", "another folder") {
      _ = try prepare(1, of: 2, scans, into: "one", turned: true)
    }
  }

  @Test func damageAndForeignCasesAreFound() throws {
    let scans = try Array(scans().suffix(2))
    for number in 1...2 { _ = try prepare(number, of: 2, scans) }
    let file = folder["parts/shard-2-of-2/c/note.txt"]
    try Data("of x".utf8).write(to: file)
    refused("shard-2-of-2/c/note.txt", "checksum", "prepare its shard again") {
      _ = try DataSet.merging([folder["parts"]], into: folder["merged"])
    }
    // A case that another shard has, too.
    _ = try preparation().add(scans, to: folder["parts/shard-2-of-2"].appendingPathComponent("x"))
    try FileManager.default.removeItem(at: folder["parts/shard-2-of-2/dataset.json"])
    try FileManager.default.copyItem(
      at: folder["parts/shard-2-of-2/x/dataset.json"],
      to: folder["parts/shard-2-of-2/dataset.json"])
    refused("shard-2-of-2", "'b'", "not one of shard 2/2") {
      _ = try DataSet.merging([folder["parts"]], into: folder["merged"])
    }
    let index = folder["parts/shard-2-of-2/dataset.json"]
    try Data(contentsOf: index).prefix(100).write(to: index)
    refused("shard-2-of-2/dataset.json", "remove", "prepare shard 2/2 again") {
      _ = try DataSet.merging([folder["parts"]], into: folder["merged"])
    }
    refused("shard-2-of-2/dataset.json", "remove", "prepare shard 2/2 again") {
      _ = try prepare(2, of: 2, scans)
    }
    for text in ["", "{", #"{"schema": "spider.shard/1", "scans": []}"#] {
      try Data(text.utf8).write(to: folder["parts/shard-1-of-2/shard.json"])
      refused("shard-1-of-2/shard.json", "remove", "prepare this shard again") {
        _ = try DataSet.merging([folder["parts"]], into: folder["merged"])
      }
      refused("shard-1-of-2/shard.json", "remove", "prepare this shard again") {
        _ = try prepare(1, of: 2, scans)
      }
    }
    // Without it the cases of other CTs would pass for these.
    try FileManager.default.removeItem(at: folder["parts/shard-1-of-2/shard.json"])
    refused("shard-1-of-2/shard.json", "missing", "remove", "prepare this shard again") {
      _ = try prepare(1, of: 2, scans)
    }
  }

  /// Found before the work, in one preparation as in shards, where each would see its own part only.
  @Test func scansOfOnePatientServeOneSplit() throws {
    var scans = try scans()
    for number in scans.indices where ["a", "b"].contains(scans[number].name) {
      scans[number].patient = "anna"
    }
    for shard in 1...3 {
      refused("'anna'", "'train'", "'test'", "a.nii", "b.nii", "one split") {
        _ = try prepare(shard, of: 3, scans)
      }
    }
    refused("'anna'", "one split") { try whole(scans) }
    #expect(!FileManager.default.fileExists(atPath: folder["parts"].path))
  }
}

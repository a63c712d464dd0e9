import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderDataSet
import SpiderIO
import SpiderPhantom
import SpiderTestSupport
import SpiderTraining
import Testing

@Suite struct DataSetTests {
  /// A folder of its own, gone with the test.
  private final class Folder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    deinit { try? FileManager.default.removeItem(at: url) }
  }

  private let folder = Folder()
  private var url: URL { folder.url }

  /// A head off the origin, the lowest slices outside its scan, all HU lowered by so much.
  private static func prepared(darker: Float = 0) -> PreparedHead {
    let phantom = HeadPhantom(seed: 5).render(on: .canonical(size: 32))
    let grid = VoxelGrid(
      nx: 32, ny: 32, nz: 29,
      affine: Affine(scale: Vector3(8, 8, 8), translation: Vector3(-114, -104, -70)))
    let preparation = HeadPreparation(size: 32, isocenter: .point(Vector3(10, 20, 30)))
    do {
      return try preparation.prepare(
        Volume(
          grid: grid, values: phantom.ct.values.dropFirst(3072).map { max(-1000, $0 - darker) }),
        labels: LabelVolume(grid: grid, values: Array(phantom.labels.values.dropFirst(3072))))
    } catch {
      preconditionFailure("a phantom cannot be prepared: \(error)")
    }
  }

  private static let head = prepared()

  private func empty() throws -> DataSet {
    try DataSet.extending(url, size: 32, fieldOfView: 256)
  }

  private func filled(_ ids: [String] = ["five"]) throws -> DataSet {
    var dataSet = try empty()
    for id in ids {
      try dataSet.add(
        Self.head, id: id, patient: id, split: .train, isReal: false, overwrite: false)
    }
    return dataSet
  }

  /// CT numbers are stored whole.
  private func stored(_ head: PreparedHead) -> [Float] {
    head.ct.values.map { $0.rounded() }
  }

  private func words(_ body: () throws -> Void) -> String {
    do {
      try body()
    } catch {
      return "\(error)"
    }
    Issue.record("nothing was thrown")
    return ""
  }

  // MARK: Reading and writing

  @Test func whatWasPutInComesOut() throws {
    _ = try filled()
    let dataSet = try DataSet(open: url)
    let entry = try #require(dataSet.entries(.train).first)
    let (ct, labels) = try dataSet.load(entry)
    // The isocentre has become the origin.
    #expect(ct.grid == .canonical(size: 32) && labels.grid == ct.grid)
    #expect(ct.values == stored(Self.head) && labels.values == Self.head.labels.values)
    #expect(Set(entry.checksums.keys) == ["ct.nii.gz", "labels.nii.gz", "scan.nii.gz"])
    let scan = try NIfTI.readLabels(url.appendingPathComponent("five/scan.nii.gz"))
    #expect(scan.values.map { $0 == 0 } == labels.values.map { $0 == LabelScheme.outsideScan })
    // The case exists, and so does the grid.
    #expect(throws: FileError.exists(url.appendingPathComponent("five", isDirectory: true))) {
      _ = try filled()
    }
    #expect(throws: FileError.self) { try DataSet.extending(url, size: 64, fieldOfView: 256) }
  }

  /// Opening looks at no case: 500 of them may be listed without a single file.
  @Test func openingReadsTheIndexOnly() throws {
    let dataSet = try filled()
    var index = dataSet.index
    let entry = try #require(index.cases.first)
    index.cases = (0..<500).map { number in
      var copy = entry
      (copy.id, copy.patient) = ("case-\(number)", "patient-\(number)")
      copy.split = number % 10 == 0 ? .val : .train
      return copy
    }
    try JSONEncoder().encode(index).write(to: url.appendingPathComponent("dataset.json"))
    let opened = try DataSet(open: url)
    #expect(opened.entries(.train).count == 450)
    let library = CaseLibrary(opened, .train)
    #expect(library.count == 450 && library.bytesKept == 0)
    let missing = url.appendingPathComponent("case-7", isDirectory: true)
      .appendingPathComponent("ct.nii.gz")
    #expect(throws: FileError.missing(missing)) { try opened.load(opened.index.cases[7]) }
  }

  @Test func attachmentsAreKeptAndChecked() throws {
    var dataSet = try empty()
    try dataSet.add(
      Self.head, id: "a", patient: "a", split: .test, isReal: true, overwrite: false,
      attachments: ["sheet.png": Data([1, 2, 3])])
    let entry = try #require(dataSet.entries(.test).first)
    #expect(dataSet.damage(of: entry, thoroughly: true) == nil)
    let file = url.appendingPathComponent("a/sheet.png")
    try Data([1, 2, 4]).write(to: file)
    #expect(dataSet.damage(of: entry, thoroughly: false) == nil)
    #expect(dataSet.damage(of: entry, thoroughly: true)?.url.path == file.path)
  }

  // MARK: Patients and splits

  @Test func aPatientServesOneSplit() throws {
    var dataSet = try empty()
    func add(_ id: String, _ patient: String, _ split: DataSetIndex.Split) throws {
      try dataSet.add(
        Self.head, id: id, patient: patient, split: split, isReal: true, overwrite: true)
    }
    try add("a1", "a", .train)
    try add("a2", "a", .train)
    let fault = words { try add("a3", "a", .test) }
    for word in ["dataset.json", "'a'", "'train'", "'a1'", "'a3'", "'test'"] {
      #expect(fault.contains(word), "\(fault)")
    }
    #expect(try DataSet(open: url).index.cases.map(\.id) == ["a1", "a2"])
    // The only scan of a patient may change sides.
    try add("b1", "b", .val)
    try add("b1", "b", .test)
    // An index that divides a patient, by whatever hand, is refused.
    var index = dataSet.index
    index.cases[1].split = .test
    try JSONEncoder().encode(index).write(to: url.appendingPathComponent("dataset.json"))
    let refusal = words { _ = try DataSet(open: url) }
    #expect(refusal.contains("'a1' into train, 'a2' into test"), "\(refusal)")
  }

  // MARK: Damage

  enum Damage: CaseIterable {
    case missing, halfWritten, bitRot, foreign, wrongGrid, contradiction
  }

  @Test(arguments: Damage.allCases) func aDamagedCaseIsNamedOrSkipped(_ damage: Damage) throws {
    var dataSet = try filled(["one", "two", "three"])
    let file = url.appendingPathComponent("two/labels.nii.gz")
    switch damage {
    case .missing: try FileManager.default.removeItem(at: file)
    case .halfWritten: try Data(contentsOf: file).dropLast(100).write(to: file)
    case .bitRot:
      var bytes = try Data(contentsOf: file)
      bytes[bytes.count / 2] ^= 4
      try bytes.write(to: file)
    case .foreign:
      try NIfTI.write(
        LabelVolume(grid: Self.head.labels.grid, repeating: 1), to: file, overwrite: true)
    case .wrongGrid, .contradiction:
      // What was prepared wrongly in the first place has the right checksum.
      var labels = LabelVolume(grid: Self.head.labels.grid, repeating: 1)
      if damage == .wrongGrid {
        labels = LabelVolume(grid: .canonical(size: 32, center: Vector3(11, 20, 30)), repeating: 1)
      }
      dataSet = try filledAnew(labels)
    }
    let entry = try #require(dataSet.index.cases.first { $0.id == "two" })
    let fault = words { _ = try dataSet.load(entry) }
    #expect(fault.contains("/two/"), "\(fault)")
    let library = CaseLibrary(dataSet, .train)
    let named = words { _ = try library.patient(1) }
    #expect(named.contains("'two'") && named.contains("leave damaged cases out"), "\(named)")
    // Whatever can be seen without unpacking is found beforehand, and the case left out when asked.
    guard damage != .wrongGrid, damage != .contradiction else { return }
    let (rest, skipped) = try dataSet.checked([.train], skippingDamaged: true)
    #expect(rest.index.cases.map(\.id) == ["one", "three"])
    #expect(skipped.map(\.entry.id) == ["two"] && skipped[0].fault.url.path == file.path)
    guard damage == .missing || damage == .halfWritten || damage == .foreign else { return }
    let refusal = words { _ = try dataSet.checked([.train], skippingDamaged: false) }
    #expect(refusal.contains("'two'") && refusal.contains("leave damaged cases out"), "\(refusal)")
    #expect(try dataSet.checked([.val], skippingDamaged: false).skipped.isEmpty)
  }

  /// Whoever changes a prepared CT may put its checksum right, and still is told.
  @Test(arguments: [Float.nan, .infinity])
  func aPreparedCTHoldsNumbers(_ value: Float) throws {
    _ = try filled(["one", "two", "three"])
    var ct = Self.head.ct
    ct.values[77] = 12345.5
    // The writer refuses what is no number: it is put into the bytes, which the reader tells by content.
    let plain = url.appendingPathComponent("plain.nii")
    try NIfTI.write(ct, to: plain, overwrite: true)
    var bytes = try Data(contentsOf: plain)
    let mark = withUnsafeBytes(of: Float(12345.5)) { Data($0) }
    let place = try #require(bytes.range(of: mark))
    bytes.replaceSubrange(place, with: withUnsafeBytes(of: value) { Data($0) })
    let dataSet = try filledAnew("ct.nii.gz") { try bytes.write(to: $0) }
    let entry = try #require(dataSet.index.cases.first { $0.id == "two" })
    let fault = words { _ = try dataSet.load(entry) }
    #expect(fault.contains("/two/ct.nii.gz") && fault.contains("1 of its voxels"), "\(fault)")
  }

  /// A data set whose second case holds other labels, checksum and all.
  private func filledAnew(_ labels: LabelVolume) throws -> DataSet {
    try filledAnew("labels.nii.gz") { try NIfTI.write(labels, to: $0, overwrite: true) }
  }

  private func filledAnew(_ name: String, _ write: (URL) throws -> Void) throws -> DataSet {
    let dataSet = try DataSet(open: url)
    let file = url.appendingPathComponent("two/\(name)")
    try write(file)
    var index = dataSet.index
    let data = try Data(contentsOf: file)
    index.cases[1].checksums[name] = Checksum.of(data)
    index.cases[1].bytes?[name] = data.count
    try JSONEncoder().encode(index).write(to: url.appendingPathComponent("dataset.json"))
    return try DataSet(open: url)
  }

  @Test func theSummaryTellsWhatIsWrong() throws {
    let dataSet = try filled(["one", "two"])
    try FileManager.default.removeItem(at: url.appendingPathComponent("two/ct.nii.gz"))
    try FileManager.default.createDirectory(
      at: url.appendingPathComponent("notes"), withIntermediateDirectories: true)
    let facts = DataSetSummary(dataSet).facts
    #expect(facts.contains { $0.name == "damaged" && $0.value.contains("two/ct.nii.gz") })
    #expect(facts.contains { $0.value.contains("'notes'") })
    let object =
      try JSONSerialization.jsonObject(
        with: JSONEncoder().encode(SummaryBox(DataSetSummary(dataSet)))) as? [String: Any]
    #expect((object?["damaged"] as? [[String: String]])?.first?["id"] == "two")
    #expect(object?["field_of_view_mm"] as? Double == 256)
  }

  private struct SummaryBox: Encodable {
    let summary: DataSetSummary
    init(_ summary: DataSetSummary) { self.summary = summary }
    func encode(to encoder: any Encoder) throws { try summary.encode(to: encoder) }
  }

  // MARK: Versions

  @Test func anIndexThatIsNoneIsRefused() throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    #expect(throws: FileError.self) { try DataSet(open: url) }
    for text in [
      "", "[]", "{\"schema\": \"spider.dataset/1\"}", "{\"schema\": \"somebody/1\"}",
      "{\"schema\": \"spider.dataset/0\"}",
    ] {
      try text.write(
        to: url.appendingPathComponent("dataset.json"), atomically: true, encoding: .utf8)
      #expect(throws: FileError.self) { try DataSet(open: url) }
    }
  }

  /// Schema 1 knew no scan masks, no sizes and no varying distance: it is read, and becomes one of
  /// schema 2 when a case is added.
  @Test func anOlderVersionIsReadAndANewerOneRefused() throws {
    _ = try filled(["old"])
    let file = url.appendingPathComponent("dataset.json")
    var object = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    object["schema"] = "spider.dataset/1"
    var geometry = try #require(object["geometry"] as? [String: Any])
    geometry["sad_share"] = nil
    object["geometry"] = geometry
    var cases = try #require(object["cases"] as? [[String: Any]])
    cases[0]["bytes"] = nil
    var checksums = try #require(cases[0]["checksums"] as? [String: String])
    checksums["scan.nii.gz"] = nil
    cases[0]["checksums"] = checksums
    object["cases"] = cases
    try JSONSerialization.data(withJSONObject: object).write(to: file)
    for name in ["scan.nii.gz", "case.json"] {
      try FileManager.default.removeItem(at: url.appendingPathComponent("old/\(name)"))
    }
    var dataSet = try empty()
    #expect(dataSet.index.geometry.sourceDistance == 0)
    #expect(try dataSet.load(dataSet.index.cases[0]).ct.values == stored(Self.head))
    try dataSet.add(
      Self.head, id: "new", patient: "new", split: .val, isReal: true, overwrite: false)
    let written = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    #expect(written["schema"] as? String == "spider.dataset/2")

    // The words come before any other fault of an index that this program cannot know.
    try #"{"schema": "spider.dataset/3", "cases": 7}"#.write(
      to: file, atomically: true, encoding: .utf8)
    let refusal = words { _ = try DataSet(open: url) }
    for word in ["dataset.json", "spider.dataset/3", "spider.dataset/2", "newer version of Spider"]
    {
      #expect(refusal.contains(word), "\(refusal)")
    }
  }

  // MARK: A preparation that is killed

  /// What a preparation leaves that is killed at any of its moments, is read as what it was before, and
  /// the next one goes on.
  @Test func aKilledPreparationLeavesAReadableDataSet() throws {
    _ = try filled(["one"])
    let before = try DataSet(open: url).index
    // Killed while it wrote the case: a hidden folder of a process that is gone.
    let hidden = url.appendingPathComponent(".spider-case-99999999-two")
    try FileManager.default.createDirectory(at: hidden, withIntermediateDirectories: true)
    try Data([1]).write(to: hidden.appendingPathComponent("ct.nii.gz"))
    #expect(try DataSet(open: url).index == before)
    // Killed between naming the folder and naming it in the index.
    let other = DataSetTests()
    _ = try other.filled(["two"])
    try FileManager.default.moveItem(
      at: other.url.appendingPathComponent("two"), to: url.appendingPathComponent("two"))
    #expect(try DataSet(open: url).index == before)
    #expect(DataSetSummary(try DataSet(open: url)).facts.contains { $0.value.contains("'two'") })

    _ = try filled(["two"])
    #expect(!FileManager.default.fileExists(atPath: hidden.path))
    let after = try DataSet(open: url)
    #expect(after.index.cases.map(\.id) == ["one", "two"] && after.foreignFolders.isEmpty)
    for entry in after.index.cases { _ = try after.load(entry) }
  }

  /// A case that is replaced stays until the index names the new one.
  @Test func aReplacedCaseIsWholeAtAnyMoment() throws {
    var dataSet = try filled(["one"])
    let old = try DataSet(open: url)
    let darker = Self.prepared(darker: 7)
    let backup = DataSetTests()
    try FileManager.default.copyItem(at: url, to: backup.url)
    try dataSet.add(
      darker, id: "one", patient: "one", split: .train, isReal: false, overwrite: true)
    #expect(try DataSet(open: url).load(dataSet.index.cases[0]).ct.values == stored(darker))
    #expect(dataSet.foreignFolders.isEmpty)
    // Killed before the index was written: both folders are there, the old index holds.
    let folders = try FileManager.default.contentsOfDirectory(atPath: url.path)
    let new = try #require(folders.first { $0.hasPrefix("one") })
    #expect(new != "one")
    try FileManager.default.copyItem(
      at: url.appendingPathComponent(new), to: backup.url.appendingPathComponent(new))
    var killed = try backup.empty()
    #expect(try killed.load(old.index.cases[0]).ct.values == stored(Self.head))
    try killed.add(
      darker, id: "one", patient: "one", split: .train, isReal: false, overwrite: true)
    #expect(try killed.load(killed.index.cases[0]).ct.values == stored(darker))
    #expect(killed.foreignFolders.isEmpty)
  }

  /// Nobody's folder is replaced, and nobody's case is lost.
  @Test func strangersAreLeftAlone() throws {
    var (dataSet, second) = (try empty(), try empty())
    let folder = url.appendingPathComponent("mine")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data([1]).write(to: folder.appendingPathComponent("thesis.txt"))
    for overwrite in [false, true] {
      let fault = words {
        try dataSet.add(
          Self.head, id: "mine", patient: "mine", split: .train, isReal: true, overwrite: overwrite)
      }
      #expect(fault.contains("no case of the data set"))
    }
    #expect(try Data(contentsOf: folder.appendingPathComponent("thesis.txt")) == Data([1]))
    // Two programs that add at once: the second finds out.
    try dataSet.add(
      Self.head, id: "a", patient: "a", split: .train, isReal: true, overwrite: false)
    let fault = words {
      try second.add(
        Self.head, id: "b", patient: "b", split: .train, isReal: true, overwrite: false)
    }
    #expect(fault.contains("another program has changed it"))
    #expect(try DataSet(open: url).index.cases.map(\.id) == ["a"])
  }
}

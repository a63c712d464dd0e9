import Foundation
import SpiderCore
import SpiderIO
import SpiderPhantom
import SpiderTestSupport
import SpiderTraining
import Testing

@Suite struct DataSetTests {
  private func folder() -> URL {
    FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  }

  private func filled(_ url: URL) throws -> DataSet {
    var dataSet = try DataSet.extending(url, size: 32, fieldOfView: 256)
    let head = HeadPhantom(seed: 5).render(on: .canonical(size: 64))
    let shifted = VoxelGrid(
      nx: 64, ny: 64, nz: 64,
      affine: Affine(scale: Vector3(4, 4, 4), translation: Vector3(10, 20, 30)))
    let prepared = try HeadPreparation(size: 32).prepare(
      Volume(grid: shifted, values: head.ct.values),
      labels: LabelVolume(grid: shifted, values: head.labels.values))
    try dataSet.add(
      prepared, id: "five", patient: "five", split: .train, isReal: false, overwrite: false)
    return dataSet
  }

  @Test func whatWasPutInComesOut() throws {
    let url = folder()
    defer { try? FileManager.default.removeItem(at: url) }
    _ = try filled(url)
    let dataSet = try DataSet(open: url)
    let entry = try #require(dataSet.entries(.train).first)
    let (ct, labels) = try dataSet.load(entry)
    // The isocentre has become the origin.
    #expect(ct.grid == .canonical(size: 32))
    #expect(labels.grid == ct.grid)
    #expect((ct.values.max() ?? 0) > 800 && ct.values.min() == -1000)
    #expect(Set(labels.values).isSuperset(of: [0, 1, 2, 3, 4, 5, 6]))
    #expect(throws: FileError.self) { _ = try filled(url) }  // the case exists
    #expect(throws: FileError.self) {
      _ = try DataSet.extending(url, size: 64, fieldOfView: 256)  // another grid
    }
  }

  @Test func aDamagedCaseIsNamed() throws {
    let url = folder()
    defer { try? FileManager.default.removeItem(at: url) }
    let dataSet = try filled(url)
    let entry = try #require(dataSet.index.cases.first)
    let file = url.appendingPathComponent("five/labels.nii.gz")
    try NIfTI.write(
      LabelVolume(grid: .canonical(size: 32), repeating: 1), to: file, overwrite: true)
    do {
      _ = try dataSet.load(entry)
      Issue.record("a file that is not the prepared one was read")
    } catch let error as FileError {
      #expect(error.description.contains("five/labels.nii.gz"))
    }
    try FileManager.default.removeItem(at: file)
    #expect(throws: FileError.missing(file)) { try dataSet.load(entry) }
  }

  @Test func anIndexThatIsNoneIsRefused() throws {
    let url = folder()
    defer { try? FileManager.default.removeItem(at: url) }
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    #expect(throws: FileError.self) { try DataSet(open: url) }
    for text in ["", "[]", "{\"schema\": \"spider.dataset/1\"}"] {
      try text.write(
        to: url.appendingPathComponent("dataset.json"), atomically: true, encoding: .utf8)
      #expect(throws: FileError.self) { try DataSet(open: url) }
    }
  }
}

import Foundation
import SpiderCore
import SpiderDICOM
import SpiderIO
import SpiderTestSupport
import Testing

/// CT series that are written read back as the volume that they are of, and say what they are.
@Suite struct SeriesWriterTests {
  private static let provenance = Provenance(
    commit: nil, model: .init(name: "head", sha256: String(repeating: "ab", count: 32)),
    isocenter: .zero, views: [])

  private static func volume(_ affine: Affine) -> Volume {
    let grid = VoxelGrid(nx: 7, ny: 6, nz: 5, affine: affine)
    return Volume(grid: grid, values: randomValues(grid.count, seed: 3, scale: 900))
  }

  @Test(arguments: [
    Affine(scale: Vector3(2, 1.5, 3), translation: Vector3(-11.25, 7, 40)),
    Affine.rotation(angle: 0.3, axis: normalized(Vector3(1, 2, 2))).composed(
      with: Affine(scale: Vector3(1, 1.2, 2), translation: Vector3(3, -4, 5))),
  ]) func seriesReadBack(affine: Affine) throws {
    let folder = try TemporaryFolder()
    let volume = Self.volume(affine)
    try CTSeriesWriter.write(volume, to: folder["ct"], provenance: Self.provenance)
    let loaded = try VolumeSource.load(folder["ct"]).volume
    // The reader keeps the order of the file: patient's left, posterior, head.
    let expected = volume.reoriented(to: loaded.grid.orientation)
    #expect(loaded.values == expected.values.map { $0.rounded() })
    for voxel in [(0, 0, 0), (6, 5, 4), (3, 0, 4)] {
      let (i, j, k) = (Double(voxel.0), Double(voxel.1), Double(voxel.2))
      #expect(length(loaded.grid.worldPoint(i, j, k) - expected.grid.worldPoint(i, j, k)) < 1e-6)
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder["ct"].path).sorted()
    #expect(names == (1...5).map { "slice_000\($0).dcm" })
    #expect(try folder.names() == ["ct"], "nothing hidden is left")
    let text = String(
      decoding: try Data(contentsOf: folder["ct/slice_0001.dcm"]).prefix(2000), as: UTF8.self)
    #expect(text.contains("DERIVED\\SECONDARY\\AXIAL"))
    #expect(text.contains("NOT FOR DIAGNOSIS: Spider \(SpiderRelease.version) head"))
  }

  /// The same work gives the same files, other voxels other UIDs.
  @Test func uidsAreOfTheContent() throws {
    let folder = try TemporaryFolder()
    let affine = Affine(scale: Vector3(1, 1, 1))
    var volume = Self.volume(affine)
    try CTSeriesWriter.write(volume, to: folder["a"], provenance: Self.provenance)
    try CTSeriesWriter.write(volume, to: folder["b"], provenance: Self.provenance)
    volume.values[17] += 1
    try CTSeriesWriter.write(volume, to: folder["c"], provenance: Self.provenance)
    func file(_ name: String) throws -> Data {
      try Data(contentsOf: folder["\(name)/slice_0005.dcm"])
    }
    #expect(try file("a") == file("b"))
    #expect(try file("a") != file("c"), "a slice of another series has its own UID")
  }

  @Test func whatCannotBeASeriesIsRefused() throws {
    let folder = try TemporaryFolder()
    var volume = Self.volume(Affine(scale: Vector3(1, 1, 1)))
    let sheared = Self.volume(
      Affine(
        columns: (Vector3(1, 0, 0), Vector3(0.2, 1, 0), Vector3(0, 0, 1)), translation: .zero))
    #expect(throws: FileError.self) {
      try CTSeriesWriter.write(sheared, to: folder["a"], provenance: Self.provenance)
    }
    try FileManager.default.createDirectory(at: folder["b"], withIntermediateDirectories: false)
    try Data().write(to: folder["b/other"])
    #expect(throws: FileError.exists(folder["b"])) {
      try CTSeriesWriter.write(volume, to: folder["b"], provenance: Self.provenance)
    }
    volume.values[0] = 40000
    #expect(throws: FileError.self) {
      try CTSeriesWriter.write(volume, to: folder["c"], provenance: Self.provenance)
    }
    #expect(try folder.names() == ["b"])
  }
}

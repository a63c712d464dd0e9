import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

/// Files written here, against nibabel's reading of them: Resources/make_nibabel_readings.py.
@Suite struct NIfTIInteroperabilityTests {
  struct Reading: Decodable {
    let file: String
    let kind: String
    let datatype: String
    let shape: [Int]
    let spacing: [Double]
    let units: String
    let affine: [[Double]]
    let qform: [[Double]]?
    let codes: [Int]
    let orientation: String
    let values: [Double]
    let bytes: Data
  }

  /// A file and what was meant to be in it.
  private struct Sample {
    let name: String
    let datatype: String
    let grid: VoxelGrid
    let values: [Double]
    let write: (URL) throws -> Void
  }

  private func grid(_ affine: Affine) -> VoxelGrid {
    VoxelGrid(nx: 2, ny: 3, nz: 4, affine: affine)
  }

  private func samples() -> [Sample] {
    let oblique = grid(
      Affine.rotation(angle: 0.5, axis: Vector3(0, 0.6, 0.8)).composed(
        with: Affine(scale: Vector3(0.5, 1.25, 2), translation: Vector3(-3, 7.5, 11))))
    let real = Volume(grid: oblique, values: (0..<24).map { Float($0) * 17.375 - 200.25 })
    // Left, posterior, superior: mirrored twice; and once, which qform says by its qfac.
    let mirrored = grid(
      Affine(scale: Vector3(-0.75, -1, 3), translation: Vector3(100, 120.5, -300)))
    let whole = Volume(grid: mirrored, values: (0..<24).map { Float($0 * 170 - 1024) })
    let leftHanded = grid(Affine(scale: Vector3(-1, 2, 1.5), translation: Vector3(4, 5, 6)))
    let labels = LabelVolume(grid: leftHanded, values: (0..<24).map { UInt8($0 * 11) })
    let sheared = grid(
      Affine(
        columns: (Vector3(1, 0, 0), Vector3(0.5, 1, 0), Vector3(0, 0.25, 2)),
        translation: Vector3(1, 2, 3)))
    let skewed = Volume(grid: sheared, values: (0..<24).map { Float(-$0) })
    return [
      Sample(
        name: "oblique.nii", datatype: "float32", grid: oblique,
        values: real.values.map(Double.init)
      ) { try NIfTI.write(real, to: $0, overwrite: true) },
      Sample(
        name: "mirrored.nii", datatype: "int16", grid: mirrored,
        values: whole.values.map(Double.init)
      ) { try NIfTI.write(whole, to: $0, datatype: .int16, overwrite: true) },
      Sample(
        name: "labels.nii", datatype: "uint8", grid: leftHanded,
        values: labels.values.map(Double.init)
      ) { try NIfTI.write(labels, to: $0, overwrite: true) },
      Sample(
        name: "sheared.nii", datatype: "float32", grid: sheared,
        values: skewed.values.map(Double.init)
      ) { try NIfTI.write(skewed, to: $0, overwrite: true) },
    ]
  }

  private func readings() throws -> [String: Reading] {
    let url = try #require(
      Bundle.module.url(forResource: "Resources/nibabel_readings", withExtension: "json"))
    let list = try JSONDecoder().decode([Reading].self, from: Data(contentsOf: url))
    return Dictionary(uniqueKeysWithValues: list.map { ($0.file, $0) })
  }

  @Test func nibabelReadsWhatWasWritten() throws {
    let temporary = try TemporaryFolder()
    // Where the script that asks nibabel finds them.
    let kept = ProcessInfo.processInfo.environment["SPIDER_KEEP_SAMPLES"]
    let folder = kept.map { URL(fileURLWithPath: $0) } ?? temporary.url
    for sample in samples() { try sample.write(folder.appendingPathComponent(sample.name)) }

    let readings = try readings()
    #expect(Set(readings.keys) == Set(samples().map(\.name)))
    for sample in samples() {
      let name = sample.name
      let reading = try #require(readings[name])
      let written = try Data(contentsOf: folder.appendingPathComponent(name))
      #expect(written == reading.bytes, "\(name) is no longer the file that nibabel read")

      let grid = sample.grid
      #expect(reading.kind == "Nifti1Image" && reading.units == "mm", "\(name)")
      #expect(reading.datatype == sample.datatype, "\(name)")
      #expect(reading.shape == [grid.nx, grid.ny, grid.nz], "\(name)")
      #expect(reading.values == sample.values, "\(name)")
      #expect(reading.orientation == grid.orientation.description, "\(name)")
      // Single precision of numbers up to 300.
      let expected = grid.affine.rows.flatMap { $0 }
      expectClose(reading.affine.flatMap { $0 }, expected, atol: 2e-5, "affine of \(name)")
      let isSheared = grid.shear > 1e-3
      #expect(reading.codes == (isSheared ? [0, 1] : [1, 1]), "\(name)")
      #expect((reading.qform == nil) == isSheared, "\(name)")
      if let qform = reading.qform {
        expectClose(qform.flatMap { $0 }, expected, atol: 2e-5, "qform of \(name)")
      }
      let spacing = grid.spacing
      expectClose(reading.spacing, [spacing.x, spacing.y, spacing.z], atol: 1e-6, "\(name)")
    }
  }
}

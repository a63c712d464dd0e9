import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

/// Volumes written slab by slab: the files of the whole volumes, or none.
@Suite struct NIfTIWriterTests {
  private let grid = VoxelGrid(
    nx: 13, ny: 11, nz: 9,
    affine: Affine(scale: Vector3(-0.5, 1.25, 2), translation: Vector3(3, -7.5, 11)))
  private var volume: Volume {
    Volume(grid: grid, values: randomValues(grid.count, seed: 1, scale: 500))
  }
  private var labels: LabelVolume {
    LabelVolume(grid: grid, values: (0..<grid.count).map { UInt8($0 * 7 % 251) })
  }
  /// Slices of the slabs: even ones, single ones, all at once, and pieces that end within a slice.
  private static let pieces = [2 * 143, 143, 9 * 143, 100]

  @Test(arguments: ["nii", "nii.gz"], pieces)
  func slabsMakeTheFileOfTheVolume(ending: String, piece: Int) throws {
    let folder = try TemporaryFolder()
    for (datatype, stored) in [(NIfTIDatatype.float32, NIfTI.StoredType.float32), (.int16, .int16)]
    {
      let (whole, slabs) = (folder["whole.\(ending)"], folder["slabs.\(ending)"])
      try NIfTI.write(volume, to: whole, datatype: stored, overwrite: true)
      let writer = try NIfTIWriter(slabs, grid: grid, datatype: datatype, overwrite: true)
      for start in stride(from: 0, to: grid.count, by: piece) {
        try writer.append(volume.values[start..<min(start + piece, grid.count)])
      }
      #expect(try folder.names().contains { $0.hasPrefix(".") }, "it is hidden yet")
      try writer.finish()
      try expectSame(whole, slabs)
      #expect(
        try NIfTI.readVolume(slabs).values
          == (datatype == .int16 ? volume.values.map { $0.rounded() } : volume.values))
    }
    let (whole, slabs) = (folder["labels.\(ending)"], folder["parts.\(ending)"])
    try NIfTI.write(labels, to: whole)
    let writer = try NIfTIWriter(slabs, grid: grid, datatype: .uint8, overwrite: false)
    for start in stride(from: 0, to: grid.count, by: piece) {
      try writer.append(labels.values[start..<min(start + piece, grid.count)])
    }
    try writer.finish()
    try expectSame(whole, slabs)
    #expect(try NIfTI.readLabels(slabs).values == labels.values)
    #expect(try folder.names().count == 4)
  }

  /// Byte for byte, compressed or not: what is small is compressed in one go.
  private func expectSame(_ a: URL, _ b: URL) throws {
    let (one, other) = (try Data(contentsOf: a), try Data(contentsOf: b))
    #expect(one == other, "\(b.lastPathComponent) is not \(a.lastPathComponent)")
    #expect(one.count > 352)
    #expect(one.starts(with: [0x1F, 0x8B]) == (a.pathExtension == "gz"))
  }

  /// A writer that is let go leaves nothing, and whatever had its name stays.
  @Test(arguments: ["a.nii", "a.nii.gz"]) func anInterruptedFileIsNone(name: String) throws {
    let folder = try TemporaryFolder()
    do {
      let writer = try NIfTIWriter(folder[name], grid: grid, datatype: .float32, overwrite: false)
      try writer.append(volume.values[..<500])
      #expect(try !folder.names().contains(name) && folder.names().count == 1)
    }
    #expect(try folder.names().isEmpty)
    let old = Data("old".utf8)
    try old.write(to: folder[name])
    do {
      let writer = try NIfTIWriter(folder[name], grid: grid, datatype: .float32, overwrite: true)
      try writer.append(volume.values[...])
    }
    #expect(try folder.names() == [name] && Data(contentsOf: folder[name]) == old)
  }

  /// A value that cannot be stored ends the file.
  @Test func aBadValueIsRefused() throws {
    let folder = try TemporaryFolder()
    do {
      let writer = try NIfTIWriter(
        folder["a.nii.gz"], grid: grid, datatype: .int16, overwrite: false)
      try writer.append([Float](repeating: 1, count: 143)[...])
      for bad in [Float.nan, .infinity, 32767.6, -32769] {
        #expect(throws: FileError.self) { try writer.append([bad][...]) }
      }
    }
    #expect(try folder.names().isEmpty)
  }

  // Voxels come in memory order, so a slab out of order is seen by its size alone: too few or too many
  // in the end. Either is a fault of the program and stops it before a file appears.

  @Test func tooManyVoxelsStopTheProgram() async {
    await #expect(processExitsWith: .failure) {
      let url = FileManager.default.temporaryDirectory.appendingPathComponent(
        "spider-\(UUID().uuidString).nii")
      let grid = VoxelGrid(nx: 2, ny: 2, nz: 2, affine: .identity)
      let writer = try NIfTIWriter(url, grid: grid, datatype: .float32, overwrite: false)
      try writer.append([Float](repeating: 0, count: 8)[...])
      try writer.append(([0] as [Float])[...])
    }
  }

  @Test func tooFewVoxelsStopTheProgram() async {
    await #expect(processExitsWith: .failure) {
      let url = FileManager.default.temporaryDirectory.appendingPathComponent(
        "spider-\(UUID().uuidString).nii.gz")
      let grid = VoxelGrid(nx: 2, ny: 2, nz: 2, affine: .identity)
      let writer = try NIfTIWriter(url, grid: grid, datatype: .uint8, overwrite: false)
      try writer.append([UInt8](repeating: 0, count: 7)[...])
      try writer.finish()
    }
  }
}

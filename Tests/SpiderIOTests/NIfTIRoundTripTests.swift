import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

@Suite struct NIfTIRoundTripTests {
  /// A volume whose every voxel says where it is in the world.
  private func volume(_ orientation: Orientation = .ras, oblique: Bool = false) -> Volume {
    let turn =
      oblique
      ? Affine.rotation(angle: 0.3, axis: normalized(Vector3(1, 2, 3))) : Affine.identity
    let affine = turn.composed(
      with: Affine(scale: Vector3(0.5, 1.25, 2), translation: Vector3(-3, 7.5, 11)))
    let grid = VoxelGrid(nx: 4, ny: 5, nz: 6, affine: affine)
    let values = (0..<grid.count).map { Float($0 * 17 % 997) - 500.25 }
    return Volume(grid: grid, values: values).reoriented(to: orientation)
  }

  private func expectEqual(_ a: VoxelGrid, _ b: VoxelGrid) {
    #expect(a.shape == b.shape)
    // The file holds single precision: 2^-24 of numbers up to 12.
    expectClose(
      a.affine.rows.flatMap { $0 }, b.affine.rows.flatMap { $0 }, atol: 1e-6, "affine")
  }

  @Test(arguments: Orientation.all)
  func everyOrientationComesBack(_ orientation: Orientation) throws {
    let folder = try TemporaryFolder()
    let volume = volume(orientation)
    #expect(volume.grid.orientation == orientation)
    try NIfTI.write(volume, to: folder["a.nii"])
    let back = try NIfTI.readVolume(folder["a.nii"])
    expectEqual(back.grid, volume.grid)
    #expect(back.values == volume.values)
    #expect(back.reoriented(to: .ras).values == self.volume().values)
  }

  @Test(arguments: ["a.nii", "a.nii.gz", "A.NII.GZ"])
  func obliqueVolumesAndLabelsComeBack(_ name: String) throws {
    let folder = try TemporaryFolder()
    let volume = volume(oblique: true)
    try NIfTI.write(volume, to: folder[name])
    let back = try NIfTI.load(folder[name])
    expectEqual(back.volume.grid, volume.grid)
    #expect(back.volume.values == volume.values)
    #expect(back.notes.isEmpty && back.nonFiniteCount == 0)
    let isGzip = try Data(contentsOf: folder[name]).starts(with: [0x1F, 0x8B])
    #expect(isGzip == name.lowercased().hasSuffix(".gz"))

    let labels = LabelVolume(grid: volume.grid, values: (0..<120).map { UInt8($0 * 2 + 16) })
    try NIfTI.write(labels, to: folder[name], overwrite: true)
    let labelsBack = try NIfTI.readLabels(folder[name])
    expectEqual(labelsBack.grid, labels.grid)
    #expect(labelsBack.values == labels.values)
    #expect(try NIfTI.summary(of: folder[name]).datatype == "uint8")
  }

  @Test func integersAreRounded() throws {
    let folder = try TemporaryFolder()
    let volume = volume()
    try NIfTI.write(volume, to: folder["a.nii.gz"], datatype: .int16)
    let back = try NIfTI.readVolume(folder["a.nii.gz"])
    #expect(back.values == volume.values.map { $0.rounded() })
  }

  @Test func shearIsKept() throws {
    let folder = try TemporaryFolder()
    let affine = Affine(
      columns: (Vector3(1, 0, 0), Vector3(0.5, 1, 0), Vector3(0, 0.25, 2)),
      translation: Vector3(1, 2, 3))
    let volume = Volume(grid: VoxelGrid(nx: 2, ny: 3, nz: 4, affine: affine), repeating: 5)
    try NIfTI.write(volume, to: folder["a.nii"])
    #expect(try NIfTI.readVolume(folder["a.nii"]).grid.affine == affine)
    let bytes = try [UInt8](Data(contentsOf: folder["a.nii"]))
    #expect(bytes[252...255] == [0, 0, 1, 0], "a quaternion cannot hold shear: no qform")
    #expect(try NIfTI.summary(of: folder["a.nii"]).notes.contains { $0.contains("sheared") })
  }

  /// The bytes of a file, field by field, so that other programs go on reading what we write.
  @Test func writtenBytesAreThoseOfTheStandard() throws {
    let folder = try TemporaryFolder()
    let grid = VoxelGrid(
      nx: 2, ny: 3, nz: 4,
      affine: Affine(scale: Vector3(-0.5, -1, 2), translation: Vector3(10, 20, -30)))
    try NIfTI.write(
      Volume(grid: grid, values: (0..<24).map { Float($0) }), to: folder["a.nii"],
      datatype: .int16)
    let bytes = try [UInt8](Data(contentsOf: folder["a.nii"]))
    #expect(bytes.count == 352 + 48)
    func int16(_ offset: Int) -> Int16 { Int16(bytes[offset]) | Int16(bytes[offset + 1]) << 8 }
    func real(_ offset: Int) -> Float {
      Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[offset + $1]) << (8 * $1) })
    }
    #expect(Array(bytes[0..<4]) == [0x5C, 1, 0, 0], "sizeof_hdr 348, little-endian")
    #expect((0..<8).map { int16(40 + 2 * $0) } == [3, 2, 3, 4, 1, 1, 1, 1], "dim")
    #expect(int16(70) == 4 && int16(72) == 16, "datatype, bitpix")
    // det < 0 would need qfac -1; two flipped axes are a half turn.
    #expect((0..<4).map { real(76 + 4 * $0) } == [1, 0.5, 1, 2], "qfac, pixdim")
    #expect(
      real(108) == 352 && real(112) == 1 && real(116) == 0, "vox_offset, scl_slope, scl_inter")
    #expect(bytes[123] == 2, "mm")
    #expect(int16(252) == 1 && int16(254) == 1, "qform_code and sform_code: scanner")
    expectClose((0..<6).map { real(256 + 4 * $0) }, [0, 0, 1, 10, 20, -30], atol: 1e-6, "qform")
    #expect(
      (0..<12).map { real(280 + 4 * $0) } == [-0.5, 0, 0, 10, 0, -1, 0, 20, 0, 0, 2, -30], "sform")
    #expect(Array(bytes[344..<352]) == Array("n+1".utf8) + [0, 0, 0, 0, 0], "magic, no extensions")
    #expect((0..<24).map { int16(352 + 2 * $0) } == (0..<24).map { Int16($0) }, "voxels")
  }

  @Test func equalVolumesGiveEqualFiles() throws {
    let folder = try TemporaryFolder()
    try NIfTI.write(volume(), to: folder["a.nii.gz"])
    try NIfTI.write(volume(), to: folder["b.nii.gz"])
    #expect(try Data(contentsOf: folder["a.nii.gz"]) == Data(contentsOf: folder["b.nii.gz"]))
  }

  @Test func slabsMakeTheSameFile() throws {
    let folder = try TemporaryFolder()
    let volume = volume()
    try NIfTI.write(volume, to: folder["a.nii"])
    let writer = try NIfTIWriter(
      folder["b.nii"], grid: volume.grid, datatype: .float32, overwrite: false)
    for start in stride(from: 0, to: 120, by: 7) {
      try writer.append(volume.values[start..<min(start + 7, 120)])
    }
    try writer.finish()
    #expect(try Data(contentsOf: folder["a.nii"]) == Data(contentsOf: folder["b.nii"]))
  }

  @Test func whatTheFormatCannotHoldIsRefused() throws {
    let folder = try TemporaryFolder()
    var volume = volume()
    volume.values[7] = 40000
    func refused(_ body: () throws -> Void) {
      #expect {
        try body()
      } throws: {
        if case FileError.notStorable = $0 { true } else { false }
      }
    }
    refused { try NIfTI.write(volume, to: folder["a.nii"], datatype: .int16) }
    volume.values[7] = .nan
    refused { try NIfTI.write(volume, to: folder["a.nii"]) }
    refused { try NIfTI.write(self.volume(), to: folder["a.mha"]) }
    let long = VoxelGrid(nx: 40000, ny: 1, nz: 1, affine: .identity)
    refused { try NIfTI.write(Volume(grid: long, repeating: 0), to: folder["a.nii"]) }
    #expect(try folder.names().isEmpty, "nothing is left behind")
  }
}

import Foundation
import SpiderCore
import SpiderDICOM
import SpiderIO
import SpiderTestSupport
import Testing

/// Slices become the volume that they are of: in the same world as SimpleITK's, to a hundredth of a
/// millimetre and to the HU.
@Suite struct DICOMVolumeTests {
  private func check(_ loaded: LoadedVolume, _ truth: Truth) throws {
    let grid = loaded.volume.grid
    let columns = try truth.columns()
    for (found, expected) in zip(
      [grid.affine.columns.0, grid.affine.columns.1, grid.affine.columns.2], columns)
    {
      #expect(length(found - expected) < 1e-4, "\(truth.name): \(found), expected \(expected)")
    }
    #expect(length(grid.affine.translation - (try truth.vector("origin"))) < 1e-4)
    #expect(loaded.volume.values == (try truth.numbers("values")).map { Float($0) })
  }

  @Test(arguments: [
    "straight", "implicit_signed", "oblique", "coronal", "tilt", "steps", "enhanced.dcm",
    "enhanced_rle.dcm", "enhanced_jpeg_ls.dcm",
  ])
  func seriesLieWhereTheirPositionsSay(_ name: String) throws {
    let truth = try Truth("ct/\(name)")
    let loaded = try VolumeSource.load(truth.url)
    let grid = loaded.volume.grid
    #expect([grid.nx, grid.ny, grid.nz] == (try truth.numbers("shape")).map { Int($0) })
    try check(loaded, truth)
  }

  @Test(arguments: ["straight", "implicit_signed", "oblique", "coronal"])
  func simpleITKReadsTheSame(_ name: String) throws {
    let truth = try Truth("ct/\(name)")
    try check(VolumeSource.load(truth.url), truth.part("simpleitk"))
  }

  @Test func theShearOfATiltedGantryIsKept() throws {
    let truth = try Truth("ct/tilt")
    let loaded = try VolumeSource.load(truth.url)
    expectClose(loaded.volume.grid.shear, try truth.number("shear"), atol: 1e-6)
    #expect(loaded.notes.contains { $0.contains("sheared by 15.0 degrees") })
  }

  @Test func varyingSpacingIsInterpolatedAndSaid() throws {
    let truth = try Truth("ct/two_spacings")
    let loaded = try VolumeSource.load(truth.url)
    // The truth is linear from slice to slice, and stays so.
    try check(loaded, truth)
    #expect(loaded.notes.contains { $0.contains("1 to 2 mm apart: interpolated to 14 slices") })
  }

  /// Version stores keep files as links into a pool, and series as links to folders.
  @Test func linksStandForWhatTheyLeadTo() throws {
    let truth = try Truth("ct/straight")
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("links-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = folder.appendingPathComponent("files")
    try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: truth.url.path) {
      try FileManager.default.createSymbolicLink(
        at: files.appendingPathComponent(name),
        withDestinationURL: truth.url.appendingPathComponent(name))
    }
    let link = folder.appendingPathComponent("series")
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: files)
    try check(VolumeSource.load(files), truth)
    try check(VolumeSource.load(link), truth)
  }

  @Test func gapsAndDoublesAreNamed() throws {
    let missing = Truth.message { try VolumeSource.load(Truth.file("ct/missing")) }
    #expect(missing.contains("03_2.dcm and 06_4.dcm are 5 mm apart instead of 2.5"), "\(missing)")
    let doubled = Truth.message { try VolumeSource.load(Truth.file("ct/doubled")) }
    #expect(doubled.contains("10_3.dcm and again.dcm"), "\(doubled)")
  }

  @Test func severalSeriesAreListedAndChosen() throws {
    let folder = Truth.file("ct/two_series")
    #expect(
      throws: DICOMError.severalSeries(
        folder,
        [
          "1: CT, 'HEAD 5.0', 3 slices of 16 x 14, 1.2.826.0.1.3680043.10.1234.2.1",
          "2: CT, 'BONE', 3 slices of 16 x 14, 1.2.826.0.1.3680043.10.1234.2.2",
        ],
        uids: [
          "1.2.826.0.1.3680043.10.1234.2.1", "1.2.826.0.1.3680043.10.1234.2.2",
        ])
    ) { try VolumeSource.load(folder) }
    let first = try VolumeSource.load(folder, series: "1")
    let second = try VolumeSource.load(folder, series: "1.2.826.0.1.3680043.10.1234.2.2")
    expectClose(first.volume.grid.spacing.z, 2.5, atol: 1e-6)
    expectClose(second.volume.grid.spacing.z, 1.5, atol: 1e-6)
    #expect(first.notes.contains { $0.contains("1 localizer") })
    #expect(Truth.message { try VolumeSource.load(folder, series: "7") }.contains("no series '7'"))
  }

  @Test func acquisitionsThatLieOnOneAnotherAreSeries() throws {
    let folder = Truth.file("ct/two_acquisitions")
    #expect(Truth.message { try VolumeSource.load(folder) }.contains("2 CT series"))
    #expect(try VolumeSource.load(folder, series: "2").volume.grid.nz == 3)
  }

  @Test func paddingNeverBecomesTissue() throws {
    let loaded = try VolumeSource.load(Truth.file("ct/padding"))
    let volume = loaded.volume
    for i in 0..<16 {
      // 2000 HU is stated as padding; -2000 is below air anyway and keeps its number.
      #expect(volume[i, 0, 1] == -3024)
      #expect(volume[i, 1, 1] == -2000)
    }
    #expect(loaded.notes.contains { $0.contains("48 voxels are padding") })
  }

  @Test func whatIsNoVolumeIsSaid() throws {
    let slice = Truth.message { try VolumeSource.load(Truth.file("ct/straight/00_0.dcm")) }
    #expect(slice.contains("one slice of a DICOM CT series, not a CT volume"), "\(slice)")
    let xray = Truth.message { try VolumeSource.load(Truth.file("geometry/pa.dcm")) }
    #expect(xray.contains("modality DX") && xray.contains("dcm2niix"), "\(xray)")
    let ct = Truth.message { try Truth.xray("ct/enhanced.dcm") }
    #expect(ct.contains("modality 'CT', not an X-ray image"), "\(ct)")
    let xrays = Truth.message { try VolumeSource.load(Truth.file("geometry")) }
    #expect(xrays.contains("the folder holds DICOM files:"), "\(xrays)")
    let folder = try TemporaryFolder()
    #expect(Truth.message { try VolumeSource.load(folder.url) }.contains("no DICOM files"))
  }

  @Test func niftiIsReadAsBefore() throws {
    let folder = try TemporaryFolder()
    let volume = Volume(grid: .canonical(size: 4), repeating: 7)
    try NIfTI.write(volume, to: folder["v.nii.gz"])
    #expect(try VolumeSource.load(folder["v.nii.gz"]).volume.values == volume.values)
  }
}

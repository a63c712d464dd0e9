import Foundation
import SpiderCore
import SpiderDRR
import SpiderIO
import SpiderPhantom
import SpiderPretrained
import SpiderTestSupport
import Testing

/// The library and the command are one product: the same X-rays give the same bits, also where a collimator
/// left borders, and whether they come as NIfTI or as a picture with its sidecar.
@Suite struct BorderedXrayTests {
  private let folder: TemporaryFolder

  /// A head and its X-rays, collimated by the command.
  init() throws {
    folder = try TemporaryFolder()
    let head = HeadPhantom(seed: 11).render(on: .canonical(size: 64))
    try NIfTI.write(head.ct, to: folder["head.nii.gz"], datatype: .int16)
  }

  private func makeXrays(_ options: String...) throws {
    let run = try SpiderProgram.run(
      [
        "drr", folder["head.nii.gz"].path, "--isocenter", "0,0,0", "--out", folder.url.path,
        "--overwrite",
      ] + options)
    try #require(run.status == 0, "\(run.errors)")
  }

  /// The command's volume and the library's, of the images with an ending; on the default grid where no
  /// size is asked for.
  private func expectSameBits(
    _ ending: String, size: Int? = nil, options: [String] = [], grid: VoxelGrid? = nil
  ) throws {
    let images = ["pa", "left"].map { folder["head_\($0).\(ending)"] }
    let run = try SpiderProgram.run(
      [
        "reconstruct", "--view", images[0].path, "--view", images[1].path, "--out",
        folder["ct.nii.gz"].path, "--labels", folder["labels.nii.gz"].path, "--overwrite",
      ] + (size.map { ["--size", "\($0)"] } ?? []) + options)
    try #require(run.status == 0, "\(run.errors)")
    let radiographs = try images.map { try RadiographFile.read(image: $0).radiograph }
    let result = try Spider.reconstruct(
      radiographs, on: grid ?? size.map { .canonical(size: $0) })
    try NIfTI.write(result.ct, to: folder["own.nii.gz"], datatype: .int16, overwrite: true)
    let (stored, command) = (
      try NIfTI.readVolume(folder["own.nii.gz"]), try NIfTI.readVolume(folder["ct.nii.gz"])
    )
    #expect(stored.grid == command.grid && stored.values == command.values, "\(ending)")
    #expect(try NIfTI.readLabels(folder["labels.nii.gz"]).values == result.labels.values)
  }

  /// Borders that files state, as NaN or in the sidecar.
  @Test func statedBorders() throws {
    try makeXrays("--collimate", "20,15,10,20")
    try expectSameBits("nii.gz")
    try expectSameBits("png", size: 32)
  }

  /// A region, for which the whole is refined.
  @Test func regions() throws {
    try makeXrays()
    let corners = (Vector3(-20, -30, -10), Vector3(20, 30, 10))
    try expectSameBits(
      "nii.gz", options: ["--region", "-20,-30,-10,20,30,10", "--spacing", "1"],
      grid: VoxelGrid(nx: 40, ny: 60, nz: 20, boxFrom: corners.0, to: corners.1))
  }

  /// The sidecar masks just what NaN masks, straight and turned.
  @Test(arguments: [[], ["--collimator-turn", "7"]]) func sidecarsMaskWhatNaNMasks(
    _ turn: [String]
  ) throws {
    let run = try SpiderProgram.run(
      [
        "drr", folder["head.nii.gz"].path, "--isocenter", "0,0,0", "--out", folder.url.path,
        "--collimate", "30,22,10,30",
      ] + turn)
    try #require(run.status == 0, "\(run.errors)")
    for view in ["pa", "left"] {
      let image = try RadiographFile.read(image: folder["head_\(view).nii.gz"])
      let picture = try RadiographFile.read(image: folder["head_\(view).png"])
      let mask = try #require(image.radiograph.mask)
      #expect(mask.contains(true) && mask.contains(false))
      #expect(picture.radiograph.mask == mask)
      #expect(picture.notes.contains { $0.contains("beyond the open field") })
    }
  }

  /// Borders that nobody states: bright, as blades leave them, in a picture whose sidecar says nothing.
  @Test func bordersToBeFound() throws {
    try makeXrays()
    for view in ["pa", "left"] {
      let file = folder["head_\(view).png"]
      let picture = try RadiographFile.read(image: file).radiograph
      let (columns, rows) = (picture.geometry.columns, picture.geometry.rows)
      let greys = picture.values.indices.map { index -> UInt16 in
        let (column, row) = (index % columns, index / columns)
        let isHidden =
          column < 24 || column >= columns - 20 || row < 16 || row >= rows - 30
        return isHidden ? 65_535 : UInt16(picture.values[index] * 60_000)
      }
      try PNG.writeGrey16(greys, width: columns, height: rows, to: file, overwrite: true)
      let masked = PreparedViews.masked([try RadiographFile.read(image: file).radiograph])
      #expect(masked.notes.contains { $0.text.contains("collimated borders") })
    }
    try expectSameBits("png", size: 32)
  }
}

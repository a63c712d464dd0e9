import Foundation
import SpiderCore
import SpiderDRR
import SpiderIO
import SpiderPhantom
import SpiderTestSupport
import Testing

/// A folder with a small head, its X-rays and a model that has learned nothing: enough for every
/// command to run in a moment.
struct Scene {
  let folder: TemporaryFolder
  var ct: String { folder["head.nii.gz"].path }
  var labels: String { folder["head_labels.nii.gz"].path }
  var model: String { folder["model.safetensors"].path }

  init() throws {
    folder = try TemporaryFolder()
    let head = HeadPhantom(seed: 7).render(on: .canonical(size: 32))
    try NIfTI.write(head.ct, to: folder["head.nii.gz"], datatype: .int16)
    try NIfTI.write(head.labels, to: folder["head_labels.nii.gz"])
    try ModelFile.write(Self.tinyModel(), to: folder["model.safetensors"])
  }

  /// A network of a few thousand random numbers that reads 32 x 32 pixels of both views.
  static func tinyModel() -> SpiderModel {
    SpiderModel(
      ModelDescription(
        architecture: SpiderArchitecture(
          encoderWidths: [4, 8], featuresPerView: 8, code: .fourier(octaves: 2),
          hiddenWidths: [16, 16]),
        setup: ViewSetup(pixelSize: SIMD2(14.4, 14.4), columns: 32, rows: 32)),
      seed: 5)
  }

  /// A data set of the head twice, as 'head' to train and 'other' to test, of 24 voxels a side. Preparing is the dearest
  /// thing that commands do to small heads, so it is done once.
  private static let prepared = Result {
    let scene = try Scene()
    try FileManager.default.copyItem(atPath: scene.ct, toPath: scene.path("other.nii.gz"))
    let run = try SpiderProgram.run(
      "prepare", scene.ct, scene.path("other.nii.gz"), "--phantom", "--isocenter", "0,0,0",
      "--size", "24", "--split", "test=other", "--out", scene.path("data"))
    try #require(run.status == 0, "\(run.errors)")
    return scene.folder
  }

  /// Puts the data set into the scene's folder; its path.
  func makeDataSet() throws -> String {
    try FileManager.default.copyItem(at: Self.prepared.get()["data"], to: folder["data"])
    return path("data")
  }

  /// Makes the X-rays head_<view> of the given views, 32 x 32 pixels.
  func makeRadiographs(_ views: NamedView...) throws {
    let head = try NIfTI.readVolume(folder["head.nii.gz"])
    for view in views {
      let setup = ViewSetup(pixelSize: SIMD2(14.4, 14.4), columns: 32, rows: 32)
      let radiograph = DigitalRadiograph().make(ct: head, geometry: try setup.geometry(of: view))
      try RadiographFile.write(radiograph, to: folder["head_\(view).nii.gz"])
      try GeometrySidecar(geometry: radiograph.geometry).write(to: folder["head_\(view).json"])
    }
  }

  /// Writes a volume whose last voxel is no number: an uncompressed file ends in it.
  func writeWithHole(_ volume: Volume, to name: String) throws {
    try NIfTI.write(volume, to: folder[name], datatype: .float32)
    let file = try FileHandle(forWritingTo: folder[name])
    try file.seek(toOffset: file.seekToEnd() - 4)
    try file.write(contentsOf: Data([0, 0, 0xC0, 0x7F]))
    try file.close()
  }

  /// The path of a file in the folder.
  func path(_ name: String) -> String { folder[name].path }
}

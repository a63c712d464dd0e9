// Reconstructs a sample head from two X-rays and compares it with the truth.
//
//   ReconstructHead [CT.nii.gz] [FOLDER]
//
// Without a CT it takes a procedural head. The X-rays are synthesised from the CT, so the truth is
// known; with X-rays of your own, read them with RadiographFile and leave out the comparison.

import Foundation
import SpiderEvaluation
import SpiderAnatomy
import SpiderCore
import SpiderDRR
import SpiderIO
import SpiderPhantom
import SpiderPretrained
import SpiderReport

func main() throws {
  let arguments = Array(CommandLine.arguments.dropFirst())
  let folder = URL(fileURLWithPath: arguments.count > 1 ? arguments[1] : "output")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)

  // 1. A head: HU on any grid, placed in the patient's world (RAS+ mm).
  let ct: Volume
  let isocenter: Vector3
  if let path = arguments.first {
    ct = try NIfTI.readVolume(URL(fileURLWithPath: path))
    isocenter = HeadFinder().locate(in: ct).isocenter
  } else {
    ct = HeadPhantom(seed: 2026).render(on: .canonical(size: 128)).ct
    isocenter = .zero
  }

  // 2. Its two X-rays: source behind the patient, and left lateral.
  let geometries = try [NamedView.pa, .left].map {
    try ViewSetup().geometry(of: $0, isocenter: isocenter)
  }
  let radiographs = DigitalRadiograph().make(ct: ct, geometries: geometries)

  // 3. The reconstruction, on a grid of our choice.
  let reconstructor = try Reconstructor.pretrained()
  let grid = VoxelGrid.canonical(size: 128, center: isocenter)
  let result = try reconstructor.reconstruct(radiographs, on: grid)
  result.summary.warnings.forEach { print("warning: \($0)") }

  // 4. Files to look at, and figures to believe.
  try NIfTI.write(
    result.ct, to: folder.appendingPathComponent("ct.nii.gz"), datatype: .int16, overwrite: true)
  try NIfTI.write(
    result.labels, to: folder.appendingPathComponent("labels.nii.gz"), overwrite: true)
  let slices = SliceFigure(columns: [
    .init(title: "truth", volume: ct), .init(title: "result", volume: result.ct),
    .init(title: "anatomy", volume: result.ct, labels: result.labels),
  ])
  try slices.render().writePNG(to: folder.appendingPathComponent("slices.png"), overwrite: true)

  let metrics = VolumeMetrics.evaluate(
    id: "sample", candidate: result.ct, reference: ct, candidateLabels: result.labels,
    surfaces: false)
  func text(_ value: Double?) -> String { value.map { String(format: "%.2f", $0) } ?? "-" }
  print("PSNR \(text(metrics.psnr)) dB, SSIM \(text(metrics.ssim))")
  print("Dice of bone (300 HU and more): \(text(metrics.dice["bone_hu"] ?? nil))")
  print(
    String(
      format: "answered in %.2f s", result.summary.encodeSeconds + result.summary.decodeSeconds))
  print("look at \(folder.appendingPathComponent("slices.png").path)")
}

do {
  try main()
} catch {
  FileHandle.standardError.write(Data("ReconstructHead: \(error)\n".utf8))
  exit(1)
}

// A box around a jaw joint at 0.3 mm, from two X-rays of the whole head: what the same weights answer there, beside
// the whole head's volume and the truth.
//
//   ZoomIntoAJoint [SEED] [FOLDER]

import Foundation
import SpiderCore
import SpiderDRR
import SpiderIO
import SpiderPhantom
import SpiderPretrained
import SpiderReport

func zoom(seed: UInt64, into folder: URL) throws {
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

  // 1. A phantom head, its X-rays, and where its right jaw joint is.
  let head = HeadPhantom(seed: seed, options: .intact)
  let whole = VoxelGrid.canonical(size: 128)
  let radiographs = DigitalRadiograph().make(
    ct: head.render(on: whole).ct,
    geometries: try [NamedView.pa, .left].map { try ViewSetup().geometry(of: $0) })
  guard let joint = head.landmarks.first(where: { $0.name == "condylion_right" }) else {
    throw CocoaError(.featureUnsupported)
  }

  // 2. Two grids over the same world: the head at 2 mm, and 100^3 voxels of 0.3 mm about the joint.
  let half = Vector3(15, 15, 15)
  let box = VoxelGrid(
    nx: 100, ny: 100, nz: 100, boxFrom: joint.point - half, to: joint.point + half)
  let reconstructor = try Reconstructor.pretrained()
  let coarse = try reconstructor.reconstruct(radiographs, on: whole)
  let started = Date()
  let fine = try reconstructor.reconstruct(radiographs, on: box)
  print(String(format: "the box: %.2f s", Date().timeIntervalSince(started)))

  // 3. The truth in the box, which a phantom knows on any grid.
  let truth = head.render(on: box)
  var figure = SliceFigure(
    columns: [
      .init(title: "truth 0.3 mm", volume: truth.ct),
      .init(title: "result 2 mm", volume: coarse.ct),
      .init(title: "result 0.3 mm", volume: fine.ct),
      .init(title: "its labels", volume: fine.ct, labels: fine.labels),
    ], region: WorldBox(around: box))
  figure.panelSize = 150
  try figure.render().writePNG(to: file("joint.png"), overwrite: true)
  try NIfTI.write(fine.ct, to: file("joint.nii.gz"), datatype: .int16, overwrite: true)
  try NIfTI.write(fine.labels, to: file("joint_labels.nii.gz"), overwrite: true)

  // 4. How much of it is new: the mean difference in the box from the 2 mm volume, and from the truth.
  func meanDifference(_ a: Volume, _ b: Volume) -> Float {
    zip(a.values, b.values).reduce(0) { $0 + abs($1.0 - $1.1) } / Float(a.values.count)
  }
  let interpolated = coarse.ct.resampled(onto: box, outside: -1000)
  for (name, a, b) in [
    ("0.3 mm from 2 mm interpolated", fine.ct, interpolated),
    ("0.3 mm from the truth", fine.ct, truth.ct),
    ("2 mm interpolated from the truth", interpolated, truth.ct),
  ] {
    print("\(name): \(meanDifference(a, b).rounded()) HU in the mean")
  }
  print("look at \(file("joint.png").path)")
}

do {
  let arguments = CommandLine.arguments.dropFirst()
  try zoom(
    seed: arguments.first.flatMap(UInt64.init) ?? 7,
    into: URL(fileURLWithPath: arguments.dropFirst().first ?? "output/joint"))
} catch {
  FileHandle.standardError.write(Data("ZoomIntoAJoint: \(error)\n".utf8))
  exit(1)
}

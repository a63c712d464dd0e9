// Ten things that Spider does, in a few lines each. Pictures and volumes go to output/ten-things.

import Foundation
import SpiderCore
import SpiderDRR
import SpiderEvaluation
import SpiderIO
import SpiderPhantom
import SpiderPretrained
import SpiderReport

func tenThings(in folder: URL) throws {
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  func file(_ name: String) -> URL { folder.appendingPathComponent(name) }
  func text(_ value: Double?) -> String { value.map { String(format: "%.2f", $0) } ?? "-" }

  // 1. A phantom head with exact labels; any seed is another head, any grid the same head.
  let phantom = HeadPhantom(seed: 7, options: .intact)
  let truth = phantom.render(on: VoxelGrid.canonical(size: 128))
  print("1. a phantom of \(truth.ct.grid.count) voxels, \(phantom.landmarks.count) landmarks")

  // 2. Its X-rays: line integrals, source behind the patient and left lateral.
  let geometries = try [NamedView.pa, .left].map { try ViewSetup().geometry(of: $0) }
  let radiographs = DigitalRadiograph().make(ct: truth.ct, geometries: geometries)
  print("2. X-rays, the source \(geometries[0].sourceToAxis ?? 0) mm from the axis")

  // 3. A film of the same head: tube, scatter, quantum noise, tone curve.
  var physics = RadiographPhysics()
  physics.tube = XRayTube(kilovolts: 75)
  physics.scatter = Scatter(ratio: 0.5)
  physics.photons = 100_000
  physics.tone = ToneCurve(gamma: 0.8)
  let film = DigitalRadiograph(chain: try XRayChain(physics))
    .make(ct: truth.ct, geometry: geometries[1])
  try RadiographFigure(panels: [.init(title: "75 kV", radiograph: film)]).render()
    .writePNG(to: file("film.png"), overwrite: true)
  print("3. a film: film.png")

  // 4. A CT and its anatomy from the two X-rays.
  let reconstructor = try Reconstructor.pretrained()
  let grid = VoxelGrid.canonical(size: 128)
  let result = try reconstructor.reconstruct(radiographs, on: grid)
  result.summary.warnings.forEach { print("   warning: \($0)") }
  print("4. \(result.summary.points) points, \(result.summary.pointsCulled) of them known for air")

  // 5. The CT number at one point of the world: a grid of one voxel.
  let point = Vector3(0, 10, 40)
  let voxel = VoxelGrid(
    nx: 1, ny: 1, nz: 1, affine: Affine(scale: Vector3(1, 1, 1), translation: point))
  let answer = try reconstructor.reconstruct(radiographs, on: voxel)
  print("5. \(answer.ct[0, 0, 0]) HU at x 0, y 10, z 40 mm")

  // 6. How near that is to the truth, the convention of each figure stated in Docs/Conventions.md.
  let metrics = VolumeMetrics.evaluate(
    id: "phantom 7", candidate: result.ct, reference: truth.ct, candidateLabels: result.labels,
    referenceLabels: truth.labels, surfaces: false)
  print("6. PSNR in the body \(text(metrics.psnrBody)) dB")
  print("6. Dice of bone \(text(metrics.dice["bone"] ?? nil))")

  // 7. Volumes of the anatomy, in millilitres.
  let spacing = result.labels.grid.spacing
  for (value, name) in LabelScheme.head.classes.enumerated().dropFirst() {
    let voxels = result.labels.values.filter { Int($0) == value }.count
    let millilitres = Double(voxels) * spacing.x * spacing.y * spacing.z / 1000
    print("7. \(name): \(millilitres.rounded()) ml")
  }

  // 8. A box of 30 mm around the right jaw joint, at 0.3 mm, from the same weights.
  guard let joint = phantom.landmarks.first(where: { $0.name == "condylion_right" }) else { return }
  let half = Vector3(15, 15, 15)
  let box = VoxelGrid(
    nx: 100, ny: 100, nz: 100, boxFrom: joint.point - half, to: joint.point + half)
  let zoomed = try reconstructor.reconstruct(radiographs, on: box)
  print("8. the joint at \(zoomed.ct.grid.spacing.x) mm: finer voxels, no finer knowledge")

  // 9. Files that any viewer opens in the right place.
  try NIfTI.write(result.ct, to: file("ct.nii.gz"), datatype: .int16, overwrite: true)
  try NIfTI.write(result.labels, to: file("labels.nii.gz"), overwrite: true)
  try NIfTI.write(zoomed.ct, to: file("joint.nii.gz"), datatype: .int16, overwrite: true)
  try SliceFigure(columns: [
    .init(title: "Truth", volume: truth.ct), .init(title: "From two X-rays", volume: result.ct),
    .init(title: "Anatomy", volume: result.ct, labels: result.labels),
  ]).render().writePNG(to: file("slices.png"), overwrite: true)
  print("9. \(folder.path)")

  // 10. Does the volume agree with the X-rays that it came from? 1 at best.
  for (view, seen) in zip(["pa", "left"], Reprojection.views(of: result.ct, radiographs)) {
    print("10. \(view): agreement \(text(seen.agreement)); below 0.8 something is wrong")
  }
}

do {
  try tenThings(in: URL(fileURLWithPath: "output/ten-things"))
} catch {
  FileHandle.standardError.write(Data("TenThings: \(error)\n".utf8))
  exit(1)
}

// Synthesises training pairs: procedural heads, each with its labels and X-rays from random angles.
//
//   MakeTrainingPairs [COUNT] [FOLDER]
//
// Every pair is a folder: ct.nii.gz (HU), labels.nii.gz, and view-<n>.nii.gz with the geometry beside
// it, view-<n>.json. Any reconstruction method can learn from them, in any language.

import Foundation
import SpiderCore
import SpiderDRR
import SpiderIO
import SpiderPhantom

func main() throws {
  let arguments = Array(CommandLine.arguments.dropFirst())
  let count = arguments.first.flatMap(Int.init) ?? 4
  let root = URL(fileURLWithPath: arguments.count > 1 ? arguments[1] : "output/pairs")
  let grid = VoxelGrid.canonical(size: 96)
  let setup = ViewSetup(pixelSize: SIMD2(4.8, 4.8), columns: 96, rows: 96)
  var random = SeededGenerator(seed: 1)

  for index in 0..<max(1, count) {
    let folder = root.appendingPathComponent("pair-\(index)", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let head = HeadPhantom(seed: UInt64(index)).render(on: grid)
    try NIfTI.write(
      head.ct, to: folder.appendingPathComponent("ct.nii.gz"), datatype: .int16, overwrite: true)
    try NIfTI.write(
      head.labels, to: folder.appendingPathComponent("labels.nii.gz"), overwrite: true)

    // Two views a right angle apart, the first anywhere within 15 degrees of straight behind.
    let first = 180 + random.uniform(in: -15...15)
    for (view, degrees) in [first, first + 90].enumerated() {
      let geometry = try setup.geometry(of: .gantry(degrees: degrees))
      let radiograph = DigitalRadiograph().make(ct: head.ct, geometry: geometry)
      let image = folder.appendingPathComponent("view-\(view).nii.gz")
      try RadiographFile.write(radiograph, to: image, overwrite: true)
      try GeometrySidecar(geometry: geometry, intensity: .absolute)
        .write(to: GeometrySidecar.url(beside: image), overwrite: true)
    }
    print("pair \(index + 1) of \(max(1, count)): \(folder.path)")
  }
}

do {
  try main()
} catch {
  FileHandle.standardError.write(Data("MakeTrainingPairs: \(error)\n".utf8))
  exit(1)
}

import Foundation
import SpiderCore
import SpiderIO

/// Writes what a peer needs to do the same work on the same numbers, and our answers to compare with.
struct PeerFiles {
  let folder: URL

  /// - `N64.safetensors` ...: the networks.
  /// - `head.safetensors`: the X-rays as images (2, 1, H, W); of all voxels of the 128^3 volume the points
  ///   (P, 3), the pixels (V, P, 2), and 1 for those that culling keeps (P).
  /// - `N64-culling-on.safetensors` ...: intensity (P) in window units and class (P) of all voxels.
  /// - `batch.safetensors`: a training batch.
  /// - `pa.nii.gz`, `left.nii.gz`: the X-rays as files.
  func write() throws {
    let head = try BenchmarkHead()
    let grid = VoxelGrid.canonical(size: 128)
    for network in BenchmarkNetwork.all {
      try ModelFile.write(network.model, to: url("\(network.name).safetensors"), overwrite: true)
      for (name, culling) in [("off", false), ("on", true)] {
        let result = try Reconstructor(model: network.model).reconstruct(
          head.radiographs, on: grid,
          options: ReconstructionOptions(
            culling: culling, bfloat16: false, borders: .asStated))
        try write(
          "\(network.name)-culling-\(name)",
          [
            ("intensity", [grid.count], result.ct.values.map(CTWindow.standard.normalize)),
            ("classes", [grid.count], result.labels.values.map(Float.init)),
          ])
      }
    }
    let places = head.places(
      of: (0..<grid.count).map {
        let voxel = grid.voxel(at: $0)
        return grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
      })
    // The hull depends on the X-rays and on the sizes of the model, not on its numbers.
    let model = BenchmarkNetwork(width: 64, code: .paper).model.description
    let hull = VisualHull(
      head.radiographs, model: model, isocenter: .zero,
      tolerance: ReconstructionOptions().poseTolerance)
    var keep = [Float](repeating: 0, count: grid.count)
    for voxel in hull.prepared(for: grid).keep(slices: 0..<grid.nz) { keep[Int(voxel)] = 1 }
    try write(
      "head",
      [
        ("images", [2, 1, 128, 128], try head.images().values),
        ("points", [grid.count, 3], places.points), ("pixels", [2, grid.count, 2], places.pixels),
        ("keep", [grid.count], keep),
      ])
    let inputs = try TrainingInputs()
    try write(
      "batch",
      [
        ("images", inputs.batch.images.shape, inputs.batch.images.values),
        ("points", inputs.batch.points.shape, inputs.batch.points.values),
        ("pixels", inputs.batch.pixels.shape, inputs.batch.pixels.values),
        ("intensity", inputs.batch.intensity.shape, inputs.batch.intensity.values),
        ("labels", inputs.batch.intensity.shape, inputs.labels),
      ])
    for (name, radiograph) in zip(["pa", "left"], head.radiographs) {
      let image = url("\(name).nii.gz")
      try RadiographFile.write(radiograph, to: image, overwrite: true)
      try GeometrySidecar(geometry: radiograph.geometry).write(
        to: GeometrySidecar.url(beside: image), overwrite: true)
    }
  }

  private func url(_ name: String) -> URL { folder.appendingPathComponent(name) }

  private func write(_ name: String, _ tensors: [(String, [Int], [Float])]) throws {
    try SafetensorsFile(
      tensors: tensors.map { NamedTensor(name: $0.0, shape: $0.1, values: $0.2) }
    ).write(to: url("\(name).safetensors"), precision: .float32, overwrite: true)
  }
}

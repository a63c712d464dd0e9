import SpiderCore
import SpiderSupport
import SpiderTensor

/// The batch of the benchmarks: two phantom heads, 8,192 points each, all of them labelled.
struct TrainingInputs {
  let batch: TrainingBatch
  /// The labels once more, as numbers that a file can hold.
  var labels: [Float] { batch.labels.map(Float.init) }

  init(pointsPerPatient: Int = 8192) throws {
    var (images, points, pixels, intensity) = ([Float](), [Float](), [Float](), [Float]())
    var labels: [UInt8] = []
    for seed: UInt64 in [4000, 4001] {
      let head = try BenchmarkHead(seed: seed)
      let grid = head.truth.ct.grid
      var random = SeededGenerator(seed: seed)
      let voxels = (0..<pointsPerPatient).map { _ in random.index(below: grid.count) }
      let places = head.places(
        of: voxels.map {
          let voxel = grid.voxel(at: $0)
          return grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
        })
      images += try head.images().values
      points += places.points
      pixels += places.pixels
      intensity += voxels.map { CTWindow.standard.normalize(head.truth.ct.values[$0]) }
      labels += voxels.map { head.truth.labels.values[$0] }
    }
    batch = TrainingBatch(
      images: Tensor([4, 1, 128, 128], images), points: Tensor([2, pointsPerPatient, 3], points),
      pixels: Tensor([2, 2, pointsPerPatient, 2], pixels),
      intensity: Tensor([2, pointsPerPatient], intensity), labels: labels)
  }
}

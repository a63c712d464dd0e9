import SpiderCore
import SpiderDRR
import SpiderPhantom
import SpiderSupport
import SpiderTensor

/// The patient of the benchmarks: a phantom head, and its two X-rays in the default geometry.
struct BenchmarkHead: Sendable {
  let truth: (ct: Volume, labels: LabelVolume)
  let radiographs: [Radiograph]

  init(seed: UInt64 = 4000) throws {
    truth = HeadPhantom(seed: seed).render()
    let ct = truth.ct
    radiographs = DigitalRadiograph().make(
      ct: ct, geometries: try [NamedView.pa, .left].map { try ViewSetup().geometry(of: $0) })
  }

  /// As networks are fed them: (2, 1, 128, 128).
  func images() throws -> Tensor { try NetworkInput.make(radiographs, intensity: .relative) }

  /// Places in the canonical frame (P, 3), and where the views see them (V, P, 2).
  func places(of world: [Vector3]) -> (points: [Float], pixels: [Float]) {
    let side = 256.0
    let points = world.flatMap { [Float($0.x / side), Float($0.y / side), Float($0.z / side)] }
    let pixels = radiographs.flatMap { radiograph in
      let matrix = radiograph.geometry.matrix
      return world.flatMap { point in
        let pixel = matrix.project(point)
        return [Float(pixel.x), Float(pixel.y)]
      }
    }
    return (points, pixels)
  }
}

/// The networks that are timed: fixed sizes, random numbers. N64, N128 and N256 differ in the width of
/// the decoder's hidden layers; each has a variant with the Fourier code instead of the hash code.
struct BenchmarkNetwork: Sendable {
  let name: String
  let model: SpiderModel

  static let widths = [64, 128, 256]

  /// All six.
  static let all: [BenchmarkNetwork] = [PositionalCodeChoice.paper, .fourier(octaves: 6)]
    .flatMap { code in widths.map { BenchmarkNetwork(width: $0, code: code) } }

  init(width: Int, code: PositionalCodeChoice) {
    if case .fourier = code { name = "N\(width)-fourier" } else { name = "N\(width)" }
    let architecture = SpiderArchitecture(
      encoderWidths: [32, 64, 128, 256], featuresPerView: 64, viewCount: 2, pooling: .concatenate,
      code: code, hiddenWidths: [width, width, width])
    model = SpiderModel(ModelDescription(architecture: architecture), seed: UInt64(width))
  }
}

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

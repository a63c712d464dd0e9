import SpiderCore
import SpiderSupport
import SpiderTensor
import SpiderTestSupport

/// A network with random numbers, random feature maps and a geometry, for tests of the decoder; and the
/// plain way to its answers.
struct DecoderCase: Sendable, CustomStringConvertible {
  var pooling = ViewPooling.concatenate
  var views = 2
  var featuresPerView = 5
  var code = PositionalCodeChoice.fourier(octaves: 2)
  var hidden = [20, 50]
  var classes = 7
  /// Smaller pixels make a smaller detector, which the frame projects beyond.
  var pixel = 14.4

  /// A hash code small enough for tests: two dense levels and two hashed ones.
  static let smallHash = PositionalCodeChoice.hash(
    levels: 4, features: 8, tableBits: 10, coarsest: 3, finest: 24)

  var description: String {
    "\(views) views, \(pooling), \(featuresPerView) features, \(code), \(hidden), \(classes) classes, "
      + "pixels of \(pixel) mm"
  }

  let height = 24
  let width = 32
  let isocenter = Vector3(3, -7, 11)

  func model() -> SpiderModel {
    let description = ModelDescription(
      architecture: SpiderArchitecture(
        encoderWidths: [4], featuresPerView: featuresPerView, viewCount: views, pooling: pooling,
        code: code, hiddenWidths: hidden, classes: classes))
    var model = SpiderModel(description, seed: 5)
    for (index, parameter) in model.network.layout.parameters.enumerated() {
      if parameter.name.hasSuffix("bias") {
        model.parameters.set(
          parameter, randomValues(parameter.count, seed: UInt64(index), scale: 0.3))
      }
      // The first numbers of a table are tiny: an error in them would not show.
      if parameter.name.hasSuffix("table") {
        model.parameters.set(
          parameter, model.parameters[parameter].array.map { 50 * $0 })
      }
      // Answers about the middle of the window, so that few are cut off at its ends.
      if parameter.name == "decoder.intensity.bias" { model.parameters.set(parameter, [0.5]) }
      if parameter.name == "decoder.intensity.weight" {
        model.parameters.set(parameter, model.parameters[parameter].array.map { 0.1 * $0 })
      }
    }
    return model
  }

  func features() -> Tensor {
    let shape = [views, height, width, featuresPerView]
    return Tensor(shape, randomValues(shape.reduce(1, *), seed: 77))
  }

  func matrices() throws -> [ProjectionMatrix] {
    let setup = ViewSetup(pixelSize: SIMD2(pixel, pixel), columns: width, rows: height)
    return try [NamedView.pa, .left, .gantry(degrees: 33)].prefix(views).map {
      try setup.geometry(of: $0, isocenter: isocenter).matrix
    }
  }

  func decoder(
    on grid: VoxelGrid, hoisting: Bool = true, bfloat16: Bool = false,
    instructions: InstructionSet = .best, features: Tensor? = nil, model: SpiderModel? = nil
  ) throws -> VolumeDecoder {
    try VolumeDecoder(
      model: model ?? self.model(), features: features ?? self.features(), matrices: matrices(),
      isocenter: isocenter, grid: grid, hoisting: hoisting, bfloat16: bfloat16,
      instructions: instructions)
  }

  /// The answers the plain way, window units clamped to 0 ... 1; nil outside the frame. And the class
  /// scores.
  func plain(
    on grid: VoxelGrid, features: Tensor? = nil
  ) throws -> (intensity: [Float?], scores: [[Float]]) {
    let (model, maps) = (model(), features ?? self.features())
    let matrices = try matrices()
    let block = model.network.makeBlock(grid.count, views: views)
    var inside: [Bool] = []
    for index in 0..<grid.count {
      let voxel = grid.voxel(at: index)
      let world = grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
      let canonical = (world - isocenter) / model.description.fieldOfView
      for axis in 0..<3 { block.points[3 * index + axis] = Float(canonical[axis]) }
      for (view, matrix) in matrices.enumerated() {
        let pixel = matrix.project(world)
        block.pixels[view][2 * index] = Float(pixel.x)
        block.pixels[view][2 * index + 1] = Float(pixel.y)
      }
      inside.append((0..<3).allSatisfy { abs(canonical[$0]) <= 0.5 + 1e-9 })
    }
    model.network.decode(
      block, features: (0..<views).map { maps.entry($0) }, height: height, width: width,
      model.parameters)
    return (
      inside.indices.map { index in
        guard inside[index] else { return nil }
        let value = block.intensity[index]
        return value < 0 ? 0 : value > 1 ? 1 : value
      },
      inside.indices.map { block.logits.part($0 * classes, classes).array }
    )
  }
}

/// Grids of every kind, about the isocentre of the cases.
enum DecoderGrids {
  static let center = Vector3(3, -7, 11)

  /// The frame itself, and long enough lines for lined levels.
  static let canonical = VoxelGrid.canonical(size: 40, center: center)
  /// Reaches beyond the frame on all sides; odd counts, unequal spacing, all axes turned round and
  /// permuted: i runs to the back, j downwards, k to the left.
  static let permuted = VoxelGrid(
    nx: 37, ny: 9, nz: 7,
    affine: Affine(
      columns: (Vector3(0, -8, 0), Vector3(0, 0, -33), Vector3(-44, 0, 0)),
      translation: center + Vector3(130, 150, 140)))
  /// Turned by an odd angle, and partly outside.
  static let oblique = VoxelGrid(
    nx: 29, ny: 11, nz: 6,
    affine: Affine.rotation(angle: 0.4, axis: normalized(Vector3(1, 2, 3))).composed(
      with: Affine(
        scale: Vector3(9, 23, 31), translation: center + Vector3(-130, -110, -70))))

  static let all = [("canonical", canonical), ("permuted", permuted), ("oblique", oblique)]
}

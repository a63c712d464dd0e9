import SpiderSupport
import SpiderTensor

/// Answers for the voxels of a grid: CT numbers and tissue classes, slab by slab. See `Docs/Decoding.md`.
///
/// ```swift
/// let decoder = VolumeDecoder(
///   model: model, features: features, matrices: matrices, isocenter: isocenter, grid: grid)
/// let (hounsfield, labels) = decoder.decode(slices: 0..<16)
/// ```
///
/// The answer for a voxel does not depend on the slab it is asked in, on which others are asked for, nor
/// on how many threads there are: not by a bit.
public struct VolumeDecoder: Sendable {
  /// The voxels.
  public let grid: VoxelGrid
  /// The most points that a worker holds between the layers at a time.
  public static let block = DecoderKernel.block
  private let packed: PackedDecoder
  private let isUncertain: Bool
  private let marginCount: Int

  /// Prepares to answer; packs weights and works out what can be beforehand.
  ///
  /// - Parameters:
  ///   - model: the network, its numbers and its CT window.
  ///   - features: maps of the views: (V, H, W, F).
  ///   - matrices: world to pixel, one a view.
  ///   - isocenter: the middle of the field of view, mm.
  ///   - grid: the voxels, world RAS+ mm.
  ///   - hoisting: whether parts of the first layer may be worked out for pixels, lines and planes
  ///     instead of for points. It changes rounding only.
  ///   - bfloat16: whether inner layers may multiply numbers of 16 bits, where the processor has instructions for them.
  ///   - isUncertain: whether to say how far the CT numbers may be off, by the model's own head.
  ///   - margins: the classes of which to say the margin.
  package init(
    model: SpiderModel, features: Tensor, matrices: [ProjectionMatrix], isocenter: Vector3,
    grid: VoxelGrid, hoisting: Bool = true, bfloat16: Bool = false, isUncertain: Bool = false,
    margins: [UInt8] = []
  ) {
    self.init(
      model: model, features: features, matrices: matrices, isocenter: isocenter, grid: grid,
      hoisting: hoisting, bfloat16: bfloat16, isUncertain: isUncertain, margins: margins,
      instructions: .best)
  }

  /// The same with another variant of the kernels, for tests.
  package init(
    model: SpiderModel, features: Tensor, matrices: [ProjectionMatrix], isocenter: Vector3,
    grid: VoxelGrid, hoisting: Bool, bfloat16: Bool = false, isUncertain: Bool = false,
    margins: [UInt8] = [],
    instructions: InstructionSet
  ) {
    self.grid = grid
    let head = isUncertain ? model.uncertainty : nil
    self.isUncertain = head != nil
    marginCount = margins.count
    packed = PackedDecoder(
      model, features: features, matrices: matrices, isocenter: isocenter, grid: grid,
      points: grid.count, hoisting: hoisting, bfloat16: bfloat16, uncertainty: head,
      margins: margins,
      instructions: instructions)
  }

  /// Multiplications of weights by numbers that are done for a point, on average, after what is worked
  /// out beforehand; twice as many floating-point operations. It counts layers and the lattice's
  /// nodes, not sampling and interpolation: the figure for comparisons with a matrix product.
  public var productsPerPoint: Double { packed.productsPerPoint }

  /// Answers for slices of the grid.
  ///
  /// - Parameters:
  ///   - slices: which slices, k.
  ///   - keeping: the voxels that are asked for, counted from the first of these slices and ascending;
  ///     nil asks for all. The others are air (-1000 HU, label 0).
  /// - Returns: CT numbers and classes of all voxels of the slices. Beyond the field of view they are
  ///   -1000 HU and ``/SpiderImaging/LabelScheme/outsideScan``.
  public func decode(
    slices: Range<Int>, keeping: [UInt32]? = nil
  ) -> (hounsfield: [Float], labels: [UInt8]) {
    let answers = answers(slices: slices, keeping: keeping)
    return (answers.hounsfield, answers.labels)
  }

  /// The same, with all else that was asked for.
  package func answers(slices: Range<Int>, keeping: [UInt32]? = nil) -> DecoderAnswers {
    precondition(
      slices.lowerBound >= 0 && slices.upperBound <= grid.nz, "slices \(slices) of \(grid.nz)")
    let plane = grid.nx * grid.ny
    return DecoderSlab.filled(
      base: slices.lowerBound * plane, count: slices.count * plane, isUncertain: isUncertain,
      marginCount: marginCount
    ) { slab in
      packed.decode(slab.part(0, slab.count, list: keeping))
    }
  }
}

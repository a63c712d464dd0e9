import SpiderSupport
import SpiderTensor

/// What a reconstruction will hold in memory, in bytes, worked out from the sizes of the model and the grid
/// before anything is done. The program itself and what others keep of the slabs are not in it.
public struct MemoryPlan: Sendable, Equatable {
  /// The model's numbers.
  public let parameters: Int
  /// The most that the encoder holds while it reads the X-rays.
  public let encoder: Int
  /// The views' features, and what the decoder works out of them beforehand.
  public let features: Int
  /// One slab, and what is made on the way to it.
  public let slab: Int
  /// The working memory of all workers.
  public let scratch: Int

  /// The largest sum that is held at one time.
  public var peak: Int { parameters + max(encoder, features + slab + scratch) }

  /// Plans a reconstruction. The worker count is that of the options, else the present one.
  public init(
    model: SpiderModel, grid: VoxelGrid, options: ReconstructionOptions = ReconstructionOptions()
  ) {
    let float = MemoryLayout<Float>.stride
    let (setup, network) = (model.description.setup, model.network)
    let architecture = network.architecture
    let pixels = setup.columns * setup.rows
    let images = architecture.viewCount * pixels * float
    parameters = float * network.layout.count

    // The X-rays and their features, beside the block of memory that the U-Net is planned to work in.
    var activations = ActivationLayout()
    _ = network.encoder.plan(
      images: architecture.viewCount, height: setup.rows, width: setup.columns, forTraining: false,
      &activations)
    encoder =
      images * (1 + architecture.featuresPerView)
      + float * (activations.count + activations.scratchCount)

    let first = architecture.hiddenWidths.first ?? 0
    let hoisted = options.hoisting ? first : 0
    features =
      images * (architecture.featuresPerView + hoisted)
      + (grid.nx + grid.ny + grid.nz) * hoisted * float

    // A voxel's answers twice, as they are made and as they are handed on (2 x 5 bytes, labels made as
    // numbers 3 more), 2 as it is stored, its mark and its place in the list of voxels kept, twice
    // (1 + 8).
    let bytesPerVoxel = 24 + (options.uncertainty ? 8 : 0)
    slab =
      grid.nx * grid.ny * min(grid.nz, ReconstructionSlab.thickness(of: grid)) * bytesPerVoxel

    let row =
      network.decoderInputs + architecture.hiddenWidths.reduce(0, +) + architecture.classes + 4
      + 2 * architecture.viewCount
    scratch =
      (options.workers ?? Parallel.workerCount) * VolumeDecoder.block * row * float
  }
}

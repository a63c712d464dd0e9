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

  /// Plans a reconstruction. The worker count is the present one.
  public init(
    model: SpiderModel, grid: VoxelGrid, options: ReconstructionOptions = ReconstructionOptions()
  ) {
    let float = MemoryLayout<Float>.stride
    let (setup, network) = (model.description.setup, model.network)
    let architecture = network.architecture
    let pixels = setup.columns * setup.rows
    let images = architecture.viewCount * pixels * float
    parameters = float * network.layout.count

    // Every result of the U-Net lives until its last one is there. A block of c channels makes 4 c planes
    // (two convolutions, two normalisations); on the way up, the doubled planes from below and the joined
    // ones come first. Each level has a quarter of the pixels of the one above.
    let widths = architecture.encoderWidths
    var planes = Double(architecture.featuresPerView + 1)
    for (level, width) in widths.enumerated() {
      let below = level + 1 < widths.count ? widths[level + 1] : 0
      let down = 4 * width + (level > 0 ? widths[level - 1] : 0)
      let up = below > 0 ? 2 * below + width + 4 * width : 0
      planes += Double(down + up) / Double(1 << (2 * level))
    }
    // Transformed weights of a 3x3 layer take four times the room of the weights; the largest layer has
    // less than all parameters together.
    encoder = Int(planes * Double(images)) + 4 * parameters

    let first = architecture.hiddenWidths.first ?? 0
    let hoisted = options.hoisting ? first : 0
    features =
      images * (architecture.featuresPerView + hoisted)
      + (grid.nx + grid.ny + grid.nz) * hoisted * float

    // A voxel's answers twice, as they are made and as they are handed on (2 x 5 bytes, labels made as
    // numbers 3 more), 2 as it is stored, its mark and its place in the list of voxels kept, twice
    // (1 + 8).
    let bytesPerVoxel = 24
    slab =
      grid.nx * grid.ny * min(grid.nz, ReconstructionSlab.thickness(of: grid)) * bytesPerVoxel

    let row =
      network.decoderInputs + architecture.hiddenWidths.reduce(0, +) + architecture.classes + 4
      + 2 * architecture.viewCount
    scratch = Parallel.workerCount * VolumeDecoder.block * row * float
  }
}

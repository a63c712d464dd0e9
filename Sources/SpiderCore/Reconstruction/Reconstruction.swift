import SpiderSupport
import SpiderTensor

/// How a reconstruction is worked out. What comes out is the same but for rounding (a few HU at most), and for the air
/// about the patient.
public struct ReconstructionOptions: Sendable, Equatable {
  /// Whether points whose rays met no attenuation in some view are taken for air: -1000 HU and background.
  /// See ``VisualHull``.
  public var culling: Bool
  /// Whether parts of the decoder's first layer may be worked out once a pixel instead of once a point.
  public var hoisting: Bool
  /// Whether the decoder's inner layers may multiply numbers of 16 bits (bfloat16) where the processor is faster with
  /// them: of 1,000 CT numbers 999 change by less than 5 HU.
  public var bfloat16: Bool
  /// How far the patient may be from where the radiographs' geometry says, without culling taking any of
  /// him away.
  public var poseTolerance: PoseTolerance
  /// Whether the X-rays are searched for collimated borders, or show what their masks leave.
  public var borders: PreparedViews.Borders
  /// Who looks whether the X-rays are what they should be; nil: nobody does.
  public var inspection: XrayInspection?
  /// Whether to say how far each CT number may be off, too: ``ReconstructedVolume/uncertainty``.
  public var uncertainty = false
  /// The classes of which to hand on the margins, too, 16 at most: ``ReconstructionSlab/margins``. Of a model that tells
  /// no tissues apart nothing comes.
  public var margins: [UInt8] = []
  /// How many threads share the work; nil leaves it to the scope (`Parallel`).
  public var workers: Int?

  /// Everything that saves time is on by default.
  public init(
    culling: Bool = true, hoisting: Bool = true, bfloat16: Bool = true,
    poseTolerance: PoseTolerance = PoseTolerance(), borders: PreparedViews.Borders = .found,
    inspection: XrayInspection? = nil, workers: Int? = nil
  ) {
    self.culling = culling
    self.hoisting = hoisting
    self.bfloat16 = bfloat16
    self.poseTolerance = poseTolerance
    self.borders = borders
    self.inspection = inspection
    self.workers = workers
  }
}

/// A few slices of a reconstruction, as they become known.
public struct ReconstructionSlab: Sendable {
  /// Which slices, k.
  public let slices: Range<Int>
  /// CT numbers in HU of their voxels, in memory order.
  public let hounsfield: [Float]
  /// Tissue classes of the same voxels, ``/SpiderImaging/LabelScheme/outsideScan`` beyond the model's field of
  /// view; nil from a model that tells no tissues apart.
  public let labels: [UInt8]?
  /// How far the CT numbers may be off, HU (``ReconstructedVolume/uncertainty``); nil where nobody asked, or
  /// from a model that does not know.
  public let uncertainty: [Float]?
  /// The margins of the classes that were asked for (``ReconstructionOptions/margins``), those of a voxel side by side:
  /// the class's probability less the largest of the others, -1 to 1; zero is the class's surface. nil where nobody
  /// asked.
  public let margins: [Float]?

  /// Gathers what is known of some slices.
  public init(
    slices: Range<Int>, hounsfield: [Float], labels: [UInt8]? = nil, uncertainty: [Float]? = nil,
    margins: [Float]? = nil
  ) {
    self.slices = slices
    self.hounsfield = hounsfield
    self.labels = labels
    self.uncertainty = uncertainty
    self.margins = margins
  }

  /// About how many voxels are answered before they are handed on: enough to keep all cores busy, few
  /// enough to weigh nothing.
  private static let voxels = 1 << 19

  /// How many slices of a grid make a slab. At least eight slabs a volume, so that progress shows.
  static func thickness(of grid: VoxelGrid) -> Int {
    max(1, min(voxels / (grid.nx * grid.ny), (grid.nz + 7) / 8))
  }

  /// The slices of a grid's slabs, in order.
  static func slices(of grid: VoxelGrid) -> [Range<Int>] {
    let thickness = thickness(of: grid)
    return stride(from: 0, to: grid.nz, by: thickness).map {
      $0..<min($0 + thickness, grid.nz)
    }
  }

  /// Hands on a volume that is there as a whole, slab by slab: for models that make all voxels at once.
  public static func deliver(
    _ ct: Volume, into sink: (ReconstructionSlab) throws -> Void
  ) throws {
    let plane = ct.grid.nx * ct.grid.ny
    for slices in slices(of: ct.grid) {
      let voxels = slices.lowerBound * plane..<slices.upperBound * plane
      try sink(ReconstructionSlab(slices: slices, hounsfield: Array(ct.values[voxels])))
    }
  }
}

/// What a model answers.
public struct ReconstructedVolume: Sendable {
  /// CT numbers in HU on the grid that was asked for.
  public var ct: Volume
  /// Tissue classes on the same grid; nil from a model that tells no tissues apart.
  public var labels: LabelVolume?
  /// Half the width of the interval about each CT number that holds the true one in 90 % of a body's voxels, HU
  /// (``UncertaintyHead``). It is 0 in air that no ray met and beyond the field of view. nil where nobody asked for it
  /// (``ReconstructionOptions/uncertainty``), or from a model that does not know.
  public var uncertainty: Volume?
  /// How it came about.
  public var summary: ReconstructionSummary
}

/// What the reconstructor answers.
public struct Reconstruction: Sendable {
  /// CT numbers in HU on the grid that was asked for.
  public var ct: Volume
  /// Tissue classes on the same grid; `LabelScheme.outsideScan` beyond the model's field of view.
  public var labels: LabelVolume
  /// How far the CT numbers may be off; see ``ReconstructedVolume/uncertainty``.
  public var uncertainty: Volume?
  /// How it came about.
  public var summary: ReconstructionSummary
}

/// How a reconstruction came about: what was done, how long it took, and what the user should know.
public struct ReconstructionSummary: Sendable {
  /// Points asked for, culled ones included.
  public var points: Int
  /// Points taken for air because an X-ray shows nothing there.
  public var pointsCulled = 0
  /// Seconds spent reading the X-rays.
  public var encodeSeconds = 0.0
  /// Seconds spent answering for points, culling included, handing on excluded.
  public var decodeSeconds = 0.0
  /// What the user should know.
  public var warnings: [String] = []

  /// The summary of a reconstruction of so many points, as it begins.
  public init(points: Int) { self.points = points }
}

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
    let images = architecture.mostViews * pixels * float
    parameters = float * network.layout.count

    // The X-rays and their features, beside the block of memory that the U-Net is planned to work in.
    var activations = ActivationLayout()
    _ = network.encoder.plan(
      images: architecture.mostViews, height: setup.rows, width: setup.columns, forTraining: false,
      &activations)
    encoder =
      images * (architecture.imageChannels + architecture.featuresPerView)
      + float * (activations.count + activations.scratchCount)

    let first = architecture.hiddenWidths.first ?? 0
    let hoisted = options.hoisting ? first : 0
    features =
      images * (architecture.featuresPerView + hoisted)
      + (grid.nx + grid.ny + grid.nz) * hoisted * float

    // A voxel's answers twice, as they are made and as they are handed on (2 x 5 bytes, labels made as
    // numbers 3 more), 2 as it is stored, its mark and its place in the list of voxels kept, twice
    // (1 + 8).
    let bytesPerVoxel = 24 + (options.uncertainty ? 8 : 0) + 8 * options.margins.count
    slab =
      grid.nx * grid.ny * min(grid.nz, ReconstructionSlab.thickness(of: grid)) * bytesPerVoxel

    let row =
      network.decoderInputs + architecture.hiddenWidths.reduce(0, +) + architecture.classes + 4
      + 2 * architecture.mostViews
    scratch =
      (options.workers ?? Parallel.workerCount) * VolumeDecoder.block * row * float
  }
}

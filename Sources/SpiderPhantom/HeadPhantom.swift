import Foundation
import SpiderImaging
import SpiderSupport

/// A procedural adult head: CT numbers and exact labels of the head scheme at any place and any
/// resolution, different for every seed.
///
/// The head is a function of world position. Rendering it on two grids shows the same head; edges are
/// softened over one voxel, labels are those of voxel centres. It lies as `spider prepare` puts real
/// heads: the isocentre at the world's origin, crown at z = +116 mm. It is a stand-in for training and
/// tests, drawn to look like a head in X-rays; it is no atlas to measure anatomy on.
public struct HeadPhantom: Sendable {
  /// The ranges of variation.
  public struct Options: Sendable, Equatable {
    /// Largest turn of the head about each axis, degrees.
    public var maximumTurnDegrees: Double
    /// Largest nod, chin towards or away from the chest, degrees. Scanned heads nod more than they turn.
    public var maximumNodDegrees: Double
    /// Largest shift from the canonical place, left-right and front-back, mm. The crown's height stays.
    public var maximumShift: Double
    /// Widest opening of the jaw, degrees.
    public var maximumJawOpeningDegrees: Double
    /// Largest share of teeth that may be missing (wisdom teeth aside).
    public var maximumMissingTeeth: Double
    /// Share of heads with metal crowns or fillings.
    public var metalProbability: Double
    /// Share of heads with dental implants, where teeth are missing.
    public var implantProbability: Double
    /// Share of heads without a tooth of their own.
    public var edentulousProbability: Double
    /// Share of heads with a plate and screws on the lower jaw.
    public var plateProbability: Double
    /// Share of heads with a craniotomy: bone flap with plates, or open.
    public var craniotomyProbability: Double
    /// Share of heads with a broken lower jaw.
    public var fractureProbability: Double
    /// The spaces above the condyles, mm, drawn for each side, within 0.5 to 8. Above 2 mm the condyle sits lower in its
    /// fossa, so that the least distance, which is then to the fossa's walls, grows by about half as much; below 2 mm the
    /// skull comes nearer all around.
    public var jointSpace: ClosedRange<Double>
    /// The widths over which scanners blur edges, mm: 0.8 in thin slices, 7 in thick ones, which are rarer.
    public var scannerBlur: ClosedRange<Double>
    /// How the people are built.
    public var population: HeadPopulation
    /// Everybody's age in years; drawn from the population's where nil.
    public var age: Double?

    /// The population that the shipped weights were trained on. Surgery and injuries are commoner than on
    /// the street, so that a network meets them.
    public init(
      maximumTurnDegrees: Double = 5, maximumNodDegrees: Double = 22, maximumShift: Double = 3,
      maximumJawOpeningDegrees: Double = 12, maximumMissingTeeth: Double = 0.5,
      metalProbability: Double = 0.35, implantProbability: Double = 0.1,
      edentulousProbability: Double = 0.05, plateProbability: Double = 0.05,
      craniotomyProbability: Double = 0.06, fractureProbability: Double = 0.05,
      jointSpace: ClosedRange<Double> = 2...2, scannerBlur: ClosedRange<Double> = 0.8...7,
      population: HeadPopulation = .nominal, age: Double? = nil
    ) {
      self.maximumTurnDegrees = maximumTurnDegrees
      self.maximumNodDegrees = maximumNodDegrees
      self.maximumShift = maximumShift
      self.maximumJawOpeningDegrees = maximumJawOpeningDegrees
      self.maximumMissingTeeth = maximumMissingTeeth
      self.metalProbability = metalProbability
      self.implantProbability = implantProbability
      self.edentulousProbability = edentulousProbability
      self.plateProbability = plateProbability
      self.craniotomyProbability = craniotomyProbability
      self.fractureProbability = fractureProbability
      self.jointSpace = jointSpace
      self.scannerBlur = scannerBlur
      self.population = population
      self.age = age
    }

    /// Heads without metal, surgery or injury, with all teeth but perhaps those of wisdom.
    public static let intact = Options(
      maximumMissingTeeth: 0, metalProbability: 0, implantProbability: 0,
      edentulousProbability: 0, plateProbability: 0, craniotomyProbability: 0,
      fractureProbability: 0)
  }

  /// The seed that made this head.
  public let seed: UInt64
  let anatomy: Anatomy

  /// The head of a seed.
  public init(seed: UInt64, options: Options = Options()) {
    self.seed = seed
    anatomy = Anatomy(seed: seed, options: options)
  }

  /// The canonical field of view with `size`^3 voxels: a 256 mm RAS cube about the isocentre.
  public static func canonicalGrid(size: Int = 128) -> VoxelGrid { .canonical(size: size) }

  /// The CT (HU) and the labels (head scheme) on a grid.
  ///
  /// Slices are shared among the cores; the result does not depend on how many there are.
  public func render(
    on grid: VoxelGrid = HeadPhantom.canonicalGrid()
  ) -> (ct: Volume, labels: LabelVolume) {
    let (ct, parts) = paint(grid)
    return (ct, LabelVolume(grid: grid, values: parts.map(\.label)))
  }

  /// As ``render(on:)``, with the map of finer structures: values of ``HeadStructure``.
  public func renderStructures(
    on grid: VoxelGrid = HeadPhantom.canonicalGrid()
  ) -> (ct: Volume, labels: LabelVolume, structures: LabelVolume) {
    let (ct, parts) = paint(grid)
    return (
      ct, LabelVolume(grid: grid, values: parts.map(\.label)),
      LabelVolume(grid: grid, values: parts.map(\.value))
    )
  }

  private func paint(_ grid: VoxelGrid) -> (ct: Volume, parts: [HeadStructure]) {
    // The side of the cube of a voxel's volume.
    let voxel = Float(Foundation.cbrt(abs(grid.affine.determinant)))
    let slices = Parallel.map(grid.nz) { k in anatomy.slice(k, of: grid, voxel: voxel) }
    return (Volume(grid: grid, values: slices.flatMap(\.values)), slices.flatMap(\.structures))
  }
}

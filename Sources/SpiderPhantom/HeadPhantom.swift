import Foundation
import SpiderCore

/// A procedural adult head: CT numbers and exact labels of the head scheme at any place and any
/// resolution, different for every seed.
///
/// The head is a function of world position. Rendering it on two grids shows the same head; edges are
/// softened over one voxel, labels are those of voxel centres. It lies as `spider prepare` puts real
/// heads: the isocentre at the world's origin, crown at z = +116 mm. It is a stand-in for training and
/// tests, drawn to look like a head in X-rays; it is no atlas to measure anatomy on.
public struct HeadPhantom: Sendable {
  /// What may vary, and how much.
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
    /// Share of heads with metal on some teeth.
    public var metalProbability: Double

    /// The population that the shipped weights were trained on.
    public init(
      maximumTurnDegrees: Double = 5, maximumNodDegrees: Double = 14, maximumShift: Double = 3,
      maximumJawOpeningDegrees: Double = 12, maximumMissingTeeth: Double = 0.4,
      metalProbability: Double = 0.35
    ) {
      self.maximumTurnDegrees = maximumTurnDegrees
      self.maximumNodDegrees = maximumNodDegrees
      self.maximumShift = maximumShift
      self.maximumJawOpeningDegrees = maximumJawOpeningDegrees
      self.maximumMissingTeeth = maximumMissingTeeth
      self.metalProbability = metalProbability
    }
  }

  /// The seed that made this head.
  public let seed: UInt64
  private let anatomy: Anatomy

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
    // The side of the cube of a voxel's volume.
    let voxel = Float(Foundation.cbrt(abs(grid.affine.determinant)))
    let slices = Parallel.map(grid.nz) { k in anatomy.slice(k, of: grid, voxel: voxel) }
    return (
      Volume(grid: grid, values: slices.flatMap(\.values)),
      LabelVolume(grid: grid, values: slices.flatMap(\.labels))
    )
  }
}

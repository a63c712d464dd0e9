import SpiderCore

/// An axis-aligned box of the world, in RAS+ millimetres.
public struct WorldBox: Equatable, Sendable {
  /// The corner with the smallest coordinates.
  public let low: Vector3
  /// The corner with the largest coordinates.
  public let high: Vector3

  /// Builds a box that is not empty.
  public init(low: Vector3, high: Vector3) {
    precondition(all(low .< high), "a box from \(low) to \(high)")
    self.low = low
    self.high = high
  }

  /// The smallest box around a grid, outer faces of the outer voxels included.
  public init(around grid: VoxelGrid) {
    let (low, high) = grid.bounds
    self.init(low: low, high: high)
  }

  /// The middle of the box.
  public var center: Vector3 { (low + high) / 2 }

  /// The side lengths, mm.
  public var size: Vector3 { high - low }
}

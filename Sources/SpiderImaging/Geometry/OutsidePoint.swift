import Foundation

/// A world point that lies outside the box of a volume, with what may have gone wrong.
public struct OutsidePoint: Equatable, Sendable, CustomStringConvertible {
  /// The point, world mm.
  public let point: Vector3
  /// mm from the point to the volume.
  public let distance: Double
  /// The point with x and y negated, when that one lies in the volume: it was stated in LPS.
  public let mirrored: Vector3?

  /// Looks whether a point lies outside the voxels of a grid; nil when it does not.
  public init?(_ point: Vector3, of grid: VoxelGrid) {
    let distance = grid.distance(to: point)
    guard distance > 0 else { return nil }
    self.point = point
    self.distance = distance
    let other = Vector3(-point.x, -point.y, point.z)
    mirrored = grid.distance(to: other) == 0 ? other : nil
  }

  /// Where it lies, and the likely reason: the end of a sentence about it.
  public var description: String {
    func text(_ p: Vector3) -> String { String(format: "(%.5g, %.5g, %.5g)", p.x, p.y, p.z) }
    let place =
      "\(text(point)) lies outside the volume, \(Int(distance.rounded(.up))) mm from it"
    guard let mirrored else {
      return place + "; check its numbers (mm, x to the right, y to the front, z up)"
    }
    return place
      + "; \(text(mirrored)) lies in it: was it stated in LPS, as in DICOM? Here x runs to "
      + "the patient's right and y to the front (RAS)"
  }
}

extension VoxelGrid {
  /// mm from a world point to the voxels of this grid; 0 within them, infinity for what is not finite.
  package func distance(to point: Vector3) -> Double {
    let place = affine.inverse.apply(point)
    guard place.x.isFinite, place.y.isFinite, place.z.isFinite else { return .infinity }
    if contains(index: place) { return 0 }
    let high = Vector3(Double(nx), Double(ny), Double(nz)) - 0.5
    let nearest = place.clamped(lowerBound: Vector3(repeating: -0.5), upperBound: high)
    return length(affine.apply(place) - affine.apply(nearest))
  }
}

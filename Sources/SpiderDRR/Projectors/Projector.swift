import SpiderImaging

/// A discrete X-ray transform A and its transpose A'.
///
/// The two are matched: `<A x, y> = <x, A' y>` up to rounding, for every volume x and image y, so that
/// iterative reconstruction and gradients through the projector are right.
public protocol Projector: Sendable {
  /// The line integrals of a volume along the rays of a geometry.
  ///
  /// Each covers the part of the ray between the source and the pixel (for a parallel beam: before
  /// the pixel); the volume is 0 outside its grid.
  ///
  /// - Parameter attenuation: values per mm. Whatever is not finite makes the same of every ray that
  ///   crosses it, and perhaps of rays that pass within a voxel.
  /// - Returns: value times mm, `rows` x `columns`, row by row.
  func forward(_ attenuation: Volume, _ geometry: ProjectionGeometry) -> [Float]

  /// The line integrals of a volume for several geometries.
  func forward(_ attenuation: Volume, _ geometries: [ProjectionGeometry]) -> [[Float]]

  /// The transpose of ``forward(_:_:)``, applied to an image of `rows` x `columns` values.
  func adjoint(
    _ image: [Float], _ geometry: ProjectionGeometry, onto grid: VoxelGrid
  ) -> Volume
}

extension Projector {
  /// The line integrals of a volume for several geometries, one after the other.
  public func forward(
    _ attenuation: Volume, _ geometries: [ProjectionGeometry]
  ) -> [[Float]] {
    geometries.map { forward(attenuation, $0) }
  }
}

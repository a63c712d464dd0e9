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

  /// The transpose of `forward`, applied to an image of `rows` x `columns` values.
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

/// A projector for many views: it adds adjoints up in place, and reads several views of one volume in
/// the memory order that suits them.
public protocol FastProjector: Projector {
  /// Adds the adjoint of an image to a volume.
  func addAdjoint(_ image: [Float], _ geometry: ProjectionGeometry, to volume: inout Volume)

  /// Whether one call shares its work among all workers.
  var isParallel: Bool { get }
}

extension FastProjector {
  /// The transpose of ``Projector/forward(_:_:)``, applied to an image.
  public func adjoint(
    _ image: [Float], _ geometry: ProjectionGeometry, onto grid: VoxelGrid
  ) -> Volume {
    var sum = Volume(grid: grid, repeating: 0)
    addAdjoint(image, geometry, to: &sum)
    return sum
  }

  /// The line integrals of a volume for several geometries, which share one reordering of it. Needs
  /// memory for a second volume unless the first is in order already; see ``VoxelOrder``.
  public func forward(
    _ attenuation: Volume, _ geometries: [ProjectionGeometry]
  ) -> [[Float]] {
    let order = VoxelOrder(for: geometries, in: attenuation.grid)
    let arranged = attenuation.reordered(order, isParallel: isParallel)
    return geometries.map { forward(arranged, $0) }
  }
}

extension Volume {
  /// Adds the values of another volume of the same grid.
  mutating func add(_ other: Volume) {
    precondition(values.count == other.values.count, "adding volumes of different grids")
    for index in values.indices { values[index] += other.values[index] }
  }
}

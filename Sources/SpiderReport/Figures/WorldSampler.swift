import SpiderCore

/// Reads an image at points of the world; nil outside its voxels.
struct WorldSampler<Voxel> {
  private let image: Image3D<Voxel>
  private let toVoxel: Affine

  init(_ image: Image3D<Voxel>) {
    self.image = image
    toVoxel = image.grid.affine.inverse
  }

  /// The voxel position of a world point, if it is in a voxel: within half a voxel of a centre.
  private func position(of point: Vector3) -> Vector3? {
    let position = toVoxel.apply(point)
    return image.grid.contains(index: position) ? position : nil
  }
}

extension WorldSampler<UInt8> {
  /// The label of the voxel that holds a world point.
  func nearest(to point: Vector3) -> UInt8? { position(of: point).map(image.nearest) }
}

extension WorldSampler<Float> {
  /// The trilinear value at a world point; the outermost half voxel repeats its centre.
  func interpolated(at point: Vector3) -> Float? {
    position(of: point).map { Float(image.trilinear(at: $0)) }
  }
}

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
    let grid = image.grid
    let end = Vector3(Double(grid.nx), Double(grid.ny), Double(grid.nz)) - 0.5
    guard all(position .>= Vector3(repeating: -0.5)), all(position .< end) else { return nil }
    return position
  }

  /// The voxel that holds a world point.
  func nearest(to point: Vector3) -> Voxel? {
    guard let position = position(of: point) else { return nil }
    let rounded = (position + 0.5).rounded(.down)
    return image[Int(rounded.x), Int(rounded.y), Int(rounded.z)]
  }
}

extension WorldSampler<Float> {
  /// The trilinear value at a world point; the outermost half voxel repeats its centre.
  func interpolated(at point: Vector3) -> Float? {
    guard let position = position(of: point) else { return nil }
    let grid = image.grid
    let (i, u) = Self.cell(position.x, count: grid.nx)
    let (j, v) = Self.cell(position.y, count: grid.ny)
    let (k, w) = Self.cell(position.z, count: grid.nz)
    func alongX(_ j: Int, _ k: Int) -> Float {
      let a = image[i, j, k]
      return u == 0 ? a : a + (image[i + 1, j, k] - a) * u
    }
    func alongY(_ k: Int) -> Float {
      let a = alongX(j, k)
      return v == 0 ? a : a + (alongX(j + 1, k) - a) * v
    }
    let a = alongY(k)
    return w == 0 ? a : a + (alongY(k + 1) - a) * w
  }

  /// The voxel below a coordinate and the share of the next one; no next one is read at share 0.
  private static func cell(_ coordinate: Double, count: Int) -> (index: Int, share: Float) {
    let clamped = min(max(coordinate, 0), Double(count - 1))
    let index = min(Int(clamped), max(0, count - 2))
    return (index, Float(clamped - Double(index)))
  }
}

extension VoxelGrid {
  /// The nearest of the positions among voxel centres: the outer half voxels are drawn to the edge.
  fileprivate func clamped(_ position: Vector3) -> Vector3 {
    position.clamped(
      lowerBound: .zero, upperBound: Vector3(Double(nx - 1), Double(ny - 1), Double(nz - 1)))
  }
}

extension Image3D where Voxel == Float {
  /// The trilinear value at a fractional voxel position within the grid; the outer half voxels
  /// continue the value at the edge.
  package func trilinear(at position: Vector3) -> Double {
    let p = grid.clamped(position)
    let i = min(Int(p.x), max(0, grid.nx - 2))
    let j = min(Int(p.y), max(0, grid.ny - 2))
    let k = min(Int(p.z), max(0, grid.nz - 2))
    let f = p - Vector3(Double(i), Double(j), Double(k))
    let stepI = grid.nx > 1 ? 1 : 0
    let stepJ = grid.ny > 1 ? grid.nx : 0
    let stepK = grid.nz > 1 ? grid.nx * grid.ny : 0
    func row(_ index: Int) -> Double {
      let (a, b) = (Double(values[index]), Double(values[index + stepI]))
      return a + (b - a) * f.x
    }
    let start = grid.index(i, j, k)
    let near = row(start) + (row(start + stepJ) - row(start)) * f.y
    let far = row(start + stepK)
    let behind = far + (row(start + stepK + stepJ) - far) * f.y
    return near + (behind - near) * f.z
  }

  /// The same at any position: `outside` where it is in no voxel. This is the plain definition of
  /// `VolumeKernels.sampleVolume`.
  package func trilinear(at position: Vector3, outside: Double) -> Double {
    grid.contains(index: position) ? trilinear(at: position) : outside
  }
}

extension Image3D where Voxel == UInt8 {
  /// The label of the voxel nearest to a fractional voxel position within the grid.
  package func nearest(to position: Vector3) -> UInt8 {
    let p = grid.clamped((position + 0.5).rounded(.down))
    return self[Int(p.x), Int(p.y), Int(p.z)]
  }
}

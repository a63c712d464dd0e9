internal import CSpiderKernels

extension VoxelGrid {
  /// The nearest of the positions among voxel centres: the outer half voxels are drawn to the edge.
  fileprivate func clamped(_ position: Vector3) -> Vector3 {
    position.clamped(
      lowerBound: .zero, upperBound: Vector3(Double(nx - 1), Double(ny - 1), Double(nz - 1)))
  }
}

extension Image3D where Voxel == Float {
  /// The CT number at a point of the world, HU; nil where the point lies in no voxel.
  ///
  /// Trilinear between the centres of the eight voxels around it; in the outer half of an outer voxel it is
  /// that voxel's.
  ///
  /// - Parameter point: world RAS+ mm.
  public func hounsfield(at point: Vector3) -> Float? {
    let position = grid.affine.inverse.apply(point)
    return grid.contains(index: position) ? Float(trilinear(at: position)) : nil
  }

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
  /// The label of the voxel in which a point of the world lies; nil where it lies in none.
  ///
  /// - Parameter point: world RAS+ mm.
  public func label(at point: Vector3) -> UInt8? {
    let position = grid.affine.inverse.apply(point)
    return grid.contains(index: position) ? nearest(to: position) : nil
  }

  /// The label of the voxel nearest to a fractional voxel position within the grid.
  package func nearest(to position: Vector3) -> UInt8 {
    let p = grid.clamped((position + 0.5).rounded(.down))
    return self[Int(p.x), Int(p.y), Int(p.z)]
  }
}

/// The wrappers of the C kernels that sample and warp volumes.
package enum VolumeKernels {
  /// Trilinear values of a volume at fractional voxel positions; `outside` beyond half a voxel from
  /// the border. The plain definition is ``Image3D/trilinear(at:outside:)``.
  package static func sampleVolume(
    _ volume: Volume, at places: [Vector3], outside: Float
  ) -> [Float] {
    let grid = volume.grid
    precondition(
      volume.values.count == grid.count, "\(volume.values.count) values for \(grid.shape) voxels")
    let ijk = coordinates(places)
    var result = [Float](repeating: outside, count: places.count)
    unsafe spider_sample_volume(
      volume.values, Int32(grid.nx), Int32(grid.ny), Int32(grid.nz), ijk,
      Int64(places.count), outside, &result)
    return result
  }

  /// A lattice of `nodes`^3 displacements over the voxels of a grid, its outer nodes on the outer
  /// voxels' centres; trilinear between, the edge's value beyond.
  package struct DisplacementLattice: Sendable {
    /// Nodes along each side.
    package let nodes: Int
    /// Displacements in voxels, [nodes][nodes][nodes][3], x first.
    package let values: [Float]

    /// Takes the displacements of at least two nodes a side.
    package init(nodes: Int, values: [Float]) {
      precondition(
        nodes >= 2 && values.count == 3 * nodes * nodes * nodes,
        "\(values.count) numbers for \(nodes) nodes a side")
      self.nodes = nodes
      self.values = values
    }
  }

  /// Displacements in voxels at fractional voxel positions of a grid.
  package static func displacements(
    _ lattice: DisplacementLattice, _ grid: VoxelGrid, at places: [Vector3]
  ) -> [Vector3] {
    let ijk = coordinates(places)
    var result = [Float](repeating: 0, count: ijk.count)
    unsafe spider_displacement(
      lattice.values, Int32(lattice.nodes), Int32(grid.nx), Int32(grid.ny), Int32(grid.nz), ijk,
      Int64(places.count), &result)
    return places.indices.map {
      Vector3(Double(result[3 * $0]), Double(result[3 * $0 + 1]), Double(result[3 * $0 + 2]))
    }
  }

  /// For every voxel x, the value of a volume at x + d(x) with the displacement d of the lattice; 0
  /// where that is outside. The plain definition is ``displacements(_:_:at:)`` followed by
  /// ``Image3D/trilinear(at:outside:)``.
  package static func warp(_ volume: Volume, _ lattice: DisplacementLattice) -> [Float] {
    let grid = volume.grid
    precondition(
      volume.values.count == grid.count, "\(volume.values.count) values for \(grid.shape) voxels")
    var result = [Float](repeating: 0, count: grid.count)
    unsafe spider_warp_volume(
      volume.values, Int32(grid.nx), Int32(grid.ny), Int32(grid.nz), lattice.values,
      Int32(lattice.nodes), 0, Int32(grid.nz), &result)
    return result
  }

  private static func coordinates(_ places: [Vector3]) -> [Float] {
    places.flatMap { [Float($0.x), Float($0.y), Float($0.z)] }
  }
}

extension Image3D where Voxel == Float {
  /// The mean of each voxel and its neighbours, 27 with it, fewer at the edge of the grid: what is
  /// left of a voxel without its noise.
  package func meanOfNeighbours() -> Volume {
    var image = self
    for (count, stride) in [(grid.nx, 1), (grid.ny, grid.nx), (grid.nz, grid.nx * grid.ny)] {
      image = image.meanAlongAxis(count: count, stride: stride)
    }
    return image
  }

  private func meanAlongAxis(count: Int, stride: Int) -> Volume {
    Volume(grid: grid) { k in
      let plane = grid.nx * grid.ny
      return (k * plane..<(k + 1) * plane).map { index in
        let place = index / stride % count
        var (sum, parts) = (values[index], Float(1))
        if place > 0 {
          sum += values[index - stride]
          parts += 1
        }
        if place + 1 < count {
          sum += values[index + stride]
          parts += 1
        }
        return sum / parts
      }
    }
  }
}

import SpiderImaging

/// Distances between the surfaces of two sets of voxels, mm. A surface is the voxels of a set that
/// have a face neighbour outside it, or lie on the edge of the grid.
public struct SurfaceDistances: Equatable, Sendable {
  /// The larger of the two directed 95th percentiles (linear interpolation between ranks).
  public let hausdorff95: Double
  /// The mean over the points of both surfaces of the distance to the other surface.
  public let averageSymmetric: Double

  /// Measures two sets on one grid; nil when either is empty, or when the grid's axes are not
  /// perpendicular: the distance transform knows spacings only.
  public init?(_ a: Mask, _ b: Mask) {
    precondition(a.grid.shape == b.grid.shape, "sets of \(a.grid.shape) and \(b.grid.shape)")
    guard a.grid.shear <= 1e-3 else { return nil }
    let (surfaceA, surfaceB) = (a.surface, b.surface)
    let cropped = Self.cropped(surfaceA, surfaceB)
    guard let (cropA, cropB) = cropped else { return nil }
    let there = Self.distances(from: cropA, to: cropB)
    let back = Self.distances(from: cropB, to: cropA)
    hausdorff95 = max(Self.percentile95(there), Self.percentile95(back))
    averageSymmetric =
      (there.reduce(0, +) + back.reduce(0, +)) / Double(there.count + back.count)
  }

  /// Distances from each voxel of one set to the other set, ascending.
  private static func distances(from a: Mask, to b: Mask) -> [Double] {
    let squares = DistanceTransform.squared(to: b)
    return a.values.indices.filter { a.values[$0] }.map { Double(squares[$0]).squareRoot() }
      .sorted()
  }

  private static func percentile95(_ sorted: [Double]) -> Double {
    let rank = 0.95 * Double(sorted.count - 1)
    let low = Int(rank)
    let high = min(low + 1, sorted.count - 1)
    return sorted[low] + (sorted[high] - sorted[low]) * (rank - Double(low))
  }

  /// Both sets in the smallest box that holds them; nil when either is empty.
  private static func cropped(_ a: Mask, _ b: Mask) -> (Mask, Mask)? {
    guard !a.isEmpty, !b.isEmpty else { return nil }
    let grid = a.grid
    var (low, high) = (SIMD3(Int.max, .max, .max), SIMD3(Int.min, .min, .min))
    for index in a.values.indices where a.values[index] || b.values[index] {
      let voxel = grid.voxel(at: index)
      low = pointwiseMin(low, voxel)
      high = pointwiseMax(high, voxel)
    }
    let size = high &- low &+ 1
    let box = VoxelGrid(nx: size.x, ny: size.y, nz: size.z, affine: grid.affine)
    let corner = low
    func crop(_ mask: Mask) -> Mask {
      Mask(grid: box) { k in
        (0..<size.y).flatMap { j -> ArraySlice<Bool> in
          let start = grid.index(corner.x, corner.y + j, corner.z + k)
          return mask.values[start..<(start + size.x)]
        }
      }
    }
    return (crop(a), crop(b))
  }
}

extension Image3D where Voxel == Bool {
  /// The voxels that have a face neighbour outside the set, or lie on the edge of the grid.
  package var surface: Mask {
    withValues(
      values.indices.map { index in
        guard values[index] else { return false }
        var inner = 0
        grid.forEachNeighbour(of: index) { inner += values[$0] ? 1 : 0 }
        return inner < 6
      })
  }
}

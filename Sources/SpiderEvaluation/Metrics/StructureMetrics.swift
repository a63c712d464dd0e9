import SpiderAnatomy
import SpiderImaging
import SpiderSupport

/// The sets of voxels that are compared by name: the labels of a scheme, all bone together, and
/// what is bone by its CT number.
struct StructureSets: Sendable {
  let candidate: Volume
  let truth: Volume
  /// The candidate's labels on its grid; nil: none.
  let found: LabelVolume?
  /// The reference's labels on the candidate's grid; nil: none.
  let expected: LabelVolume?
  /// The voxels within the scan.
  let known: Mask
  let scheme: LabelScheme

  /// Fills in Dice and, if asked, the distances of surfaces. A structure that neither has, or
  /// labels that are not there, give null.
  func measure(_ metrics: inout CaseMetrics, surfaces: Bool) {
    let names = scheme.classes + ["bone", "bone_hu"]
    let results = Parallel.map(names.count) { n -> (dice: Double?, surface: SurfaceDistances?) in
      guard let (a, b) = sets(names[n], class: n) else { return (nil, nil) }
      let dice = OverlapMetrics.dice(a.values, b.values)
      return (dice, surfaces ? SurfaceDistances(a, b) : nil)
    }
    for (name, result) in zip(names, results) {
      metrics.dice[name] = .some(result.dice)
      metrics.hd95[name] = .some(result.surface?.hausdorff95)
      metrics.assd[name] = .some(result.surface?.averageSymmetric)
    }
  }

  /// The candidate's and the reference's voxels of one name, of those that count.
  private func sets(_ name: String, class n: Int) -> (Mask, Mask)? {
    if name == "bone_hu" {
      let threshold = AutomaticLabeller.boneThreshold
      return (
        candidate.mask { $0 >= threshold }.intersection(known),
        truth.mask { $0 >= threshold }.intersection(known)
      )
    }
    guard let found, let expected else { return nil }
    let values = n < scheme.count ? [UInt8(n)] : scheme.boneValues
    // Where the reference does not know, there is nothing to compare. A candidate that does not
    // know is a candidate that missed.
    let counted = expected.mask { $0 != LabelScheme.unknown && $0 != LabelScheme.outsideScan }
      .intersection(known)
    return (
      found.mask { values.contains($0) }.intersection(counted),
      expected.mask { values.contains($0) }.intersection(counted)
    )
  }
}

/// Measures of how well two sets of voxels cover each other.
public enum OverlapMetrics {
  /// Dice coefficient 2 |A and B| / (|A| + |B|) over counted voxels; nil when both sets are empty.
  public static func dice(_ a: [Bool], _ b: [Bool], counted: [Bool]? = nil) -> Double? {
    precondition(a.count == b.count, "\(a.count) voxels against \(b.count)")
    var (both, sum) = (0, 0)
    for index in a.indices where counted?[index] ?? true {
      both += a[index] && b[index] ? 1 : 0
      sum += (a[index] ? 1 : 0) + (b[index] ? 1 : 0)
    }
    return sum > 0 ? 2 * Double(both) / Double(sum) : nil
  }
}

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

import Foundation
import SpiderImaging

/// Measures a head whose labels come slice by slice: volumes are counted, and only the mandible is kept, at about a mm.
package struct HeadMeasurer: Sendable {
  /// The area beyond which a structure that meets the border of what is known counts as cut off, mm^2; less is a
  /// stray voxel.
  private static let cutArea = 50.0
  /// The share of a structure that X-rays may fail to show.
  private static let hiddenShare = 0.02

  private let grid: VoxelGrid
  private let coverage: ViewCoverage
  /// Every so many voxels the mandible is kept: about a mm.
  private let kept: SIMD3<Int>
  /// Every so many voxels it is asked whether X-rays show them: about 2 mm.
  private let probed: SIMD3<Int>
  private var counts = [Int](repeating: 0, count: 256)
  /// How many voxels have a face on the border of what is known.
  private var cut = [Int](repeating: 0, count: 256)
  private var probes = [Int](repeating: 0, count: 256)
  private var hidden = [Int](repeating: 0, count: 256)
  private var mandible: [SIMD3<Int>] = []
  private var border: [Vector3] = []
  /// The last slice that came.
  private var previous: [UInt8] = []
  private var nextSlice = 0

  /// Begins with the labels of a grid.
  ///
  /// - Parameter radiographs: the X-rays that the head was made of, if it was: what they do not show is told.
  package init(on grid: VoxelGrid, seenBy radiographs: [Radiograph] = []) {
    self.grid = grid
    coverage = ViewCoverage(radiographs)
    func steps(_ edge: Double) -> SIMD3<Int> {
      let spacing = grid.spacing
      func step(_ size: Double) -> Int { max(1, Int(edge / size + 1e-6)) }
      return SIMD3(step(spacing.x), step(spacing.y), step(spacing.z))
    }
    (kept, probed) = (steps(1), steps(2))
  }

  /// Takes the next slices, whole ones.
  package mutating func add(_ labels: [UInt8]) {
    let plane = grid.nx * grid.ny
    precondition(labels.count % plane == 0, "\(labels.count) labels in slices of \(plane)")
    for start in stride(from: 0, to: labels.count, by: plane) {
      precondition(nextSlice < grid.nz, "more than \(grid.nz) slices")
      add(slice: Array(labels[start..<start + plane]), nextSlice)
      nextSlice += 1
    }
  }

  private mutating func add(slice: [UInt8], _ k: Int) {
    let outside = LabelScheme.outsideScan
    let isEdge = k == 0 || k == grid.nz - 1
    for j in 0..<grid.ny {
      for i in 0..<grid.nx {
        let index = j * grid.nx + i
        let label = slice[index]
        if label == outside {
          // What lies below ends here.
          if k > 0, previous[index] != outside { end(previous[index], SIMD3(i, j, k - 1)) }
          continue
        }
        guard label != HeadLabel.background else { continue }
        let voxel = SIMD3(i, j, k)
        counts[Int(label)] += 1
        let ends =
          isEdge || i == 0 || j == 0 || i == grid.nx - 1 || j == grid.ny - 1
          || slice[index - 1] == outside || slice[index + 1] == outside
          || slice[index - grid.nx] == outside || slice[index + grid.nx] == outside
          || previous[index] == outside
        if ends { end(label, voxel) }
        if label == HeadLabel.mandible, Self.isOne(of: kept, voxel) { mandible.append(voxel) }
        if !coverage.isEmpty, Self.isOne(of: probed, voxel) {
          probes[Int(label)] += 1
          if !coverage.shows(place(voxel)) { hidden[Int(label)] += 1 }
        }
      }
    }
    previous = slice
  }

  /// Whether a voxel is the middle one of a block.
  private static func isOne(of step: SIMD3<Int>, _ voxel: SIMD3<Int>) -> Bool {
    all((voxel % step) .== (step / 2))
  }

  private func place(_ voxel: SIMD3<Int>) -> Vector3 {
    grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
  }

  /// Takes down that nothing is known beyond a voxel.
  private mutating func end(_ label: UInt8, _ voxel: SIMD3<Int>) {
    cut[Int(label)] += 1
    if label == HeadLabel.mandible { border.append(place(voxel)) }
  }

  /// The figures, after the last slice.
  package func measurements() -> HeadMeasurements {
    precondition(nextSlice == grid.nz, "\(nextSlice) of \(grid.nz) slices")
    let voxel = abs(grid.affine.determinant)
    let face = Foundation.pow(voxel, 2.0 / 3)
    var result = HeadMeasurements()
    for figure in HeadMeasurement.allCases {
      func sum(_ numbers: [Int]) -> Double {
        Double(figure.classes.reduce(0) { $0 + numbers[Int($1)] })
      }
      if figure.isVolume, sum(counts) > 0 { result[figure] = sum(counts) * voxel / 1000 }
      if sum(cut) * face > Self.cutArea { result.cutOff.insert(figure) }
      if sum(hidden) > Self.hiddenShare * sum(probes) { result.hidden.insert(figure) }
    }
    result[.intercondylarDistance] = condyles?.distance
    return result
  }

  /// The condyles, in the box about the mandible.
  private var condyles: CondylePair? {
    guard let first = mandible.first else { return nil }
    var (low, high) = (first, first)
    for voxel in mandible {
      low = pointwiseMin(low, voxel)
      high = pointwiseMax(high, voxel)
    }
    let size = (high &- low) / kept &+ 1
    let (a, b, c) = grid.affine.columns
    let box = VoxelGrid(
      nx: size.x, ny: size.y, nz: size.z,
      affine: Affine(
        columns: (a * Double(kept.x), b * Double(kept.y), c * Double(kept.z)),
        translation: place(low)))
    var mask = Mask(grid: box, repeating: false)
    for voxel in mandible {
      let local = (voxel &- low) / kept
      mask.values[box.index(local.x, local.y, local.z)] = true
    }
    return CondylePair(mask, border: border)
  }
}

import Foundation
import SpiderImaging

/// What is known of the errors of an answer before the X-rays are asked: x - x0 = S K z + m y, where z and y are white
/// noise of variance 1.
///
/// The last term is what all soft tissue of one head may be wrong by together. Without it an answer whose soft tissue
/// is too dense throughout loses its bone, of which each voxel is less certain.
package struct RefinementPrior {
  /// S: the standard deviation at each voxel, 1/mm of attenuation; 0 where the answer is certain.
  package let scale: Volume
  /// m: the common error of soft tissue, 1/mm.
  private let common: [Float]
  /// K: a Gaussian whose sum of squares is 1, so that S is the deviation of S K z.
  private let kernel: GridKernel

  /// Of an answer, HU.
  package init(about ct: Volume, law: Attenuation) {
    let slope = Float(law.water / 1000)
    let deviations = PriorScale.deviations(of: ct)
    scale = ct.withValues(deviations.values.map { slope * $0 })
    kernel = .gaussian(deviation: Refinement.smoothness, on: ct.grid)
    common = ct.values.map { PriorScale.softTissue.contains($0) ? slope * PriorScale.common : 0 }
  }

  /// The numbers that ``synthesis(_:)`` takes: z, and y behind it.
  package var unknowns: Int { scale.grid.count + 1 }

  /// S K z + m y.
  package func synthesis(_ unknowns: [Float]) -> Volume {
    var result = kernel.applied(to: Array(unknowns.dropLast()))
    let y = unknowns[unknowns.count - 1]
    for index in result.indices {
      result[index] = result[index] * scale.values[index] + common[index] * y
    }
    return Volume(grid: scale.grid, values: result)
  }

  /// K' S v and m' v, the transpose of ``synthesis(_:)``. K is symmetric.
  package func adjoint(_ v: Volume) -> [Float] {
    var scaled = v.values
    var sum = 0.0
    for index in scaled.indices {
      sum += Double(common[index]) * Double(scaled[index])
      scaled[index] *= scale.values[index]
    }
    return kernel.applied(to: scaled) + [Float(sum)]
  }
}

/// How wrong an answer may be at each voxel, HU: told by its CT number and by how much that varies about it.
///
/// Measured on the answers of a shipped model for 17 real heads and 30 phantoms (Docs/Refinement.md): in plain
/// soft tissue 40 HU, at borders and in bone 450, in plain air next to nothing. Air that is exactly -1000 HU was
/// found by the visual hull and is certain.
package enum PriorScale {
  /// CT numbers, and the deviations there where nothing varies, and where all does.
  private static let table: [(hu: Float, plain: Float, varied: Float)] = [
    (-1000, 8, 230), (-800, 120, 300), (-500, 380, 400), (-200, 380, 450), (0, 40, 450),
    (200, 160, 350), (450, 250, 400), (800, 430, 450), (2000, 430, 450),
  ]
  /// Soft tissue, HU.
  static let softTissue: ClosedRange<Float> = -300...200
  /// What all of it may be off by together, HU. Answers for real heads are off by 50 and more; but a common error meets
  /// so many rays that they find it however little is allowed, and with 2 HU the rest is shared best between it and
  /// single voxels (Docs/Refinement.md).
  static let common: Float = 2
  /// The variation, a standard deviation over the window, at which two thirds of the way is gone.
  private static let variation: Float = 250
  /// The side of the window in which it is measured, mm.
  private static let window = 12.0
  /// At or below this a voxel is certain.
  private static let certain: Float = -999.5

  static func deviations(of ct: Volume) -> Volume {
    let kernel = GridKernel.mean(window: window, on: ct.grid)
    // From air on, in thousands: squares of small numbers keep their digits.
    let density = ct.values.map { max(0, ($0 + 1000) / 1000) }
    let means = kernel.applied(to: density)
    let squares = kernel.applied(to: density.map { $0 * $0 })
    return ct.withValues(
      ct.values.indices.map { index in
        let hu = ct.values[index]
        guard hu > certain else { return 0 }
        let spread = 1000 * max(0, squares[index] - means[index] * means[index]).squareRoot()
        return deviation(hu: hu, spread: spread)
      })
  }

  /// The deviation of a CT number amid others of a standard deviation `spread`, HU.
  package static func deviation(hu: Float, spread: Float) -> Float {
    let (plain, varied) = ends(hu)
    return plain + (varied - plain) * (1 - exp(-spread / variation))
  }

  private static func ends(_ hu: Float) -> (plain: Float, varied: Float) {
    guard let above = table.firstIndex(where: { $0.hu > hu }) else {
      return (table[table.count - 1].plain, table[table.count - 1].varied)
    }
    guard above > 0 else { return (table[0].plain, table[0].varied) }
    let (a, b) = (table[above - 1], table[above])
    let share = (hu - a.hu) / (b.hu - a.hu)
    return (a.plain + share * (b.plain - a.plain), a.varied + share * (b.varied - a.varied))
  }
}

/// A separable symmetric kernel on a grid. What lies outside the grid is 0, so it is its own transpose.
struct GridKernel {
  /// Half of the kernel along each voxel axis, the middle first.
  private let halves: [[Float]]
  private let grid: VoxelGrid

  /// A Gaussian of a standard deviation in mm, half a voxel at least, scaled so that its squares have the sum 1.
  static func gaussian(deviation: Double, on grid: VoxelGrid) -> GridKernel {
    GridKernel(grid) { spacing in
      let voxels = max(0.5, deviation / spacing)
      let weights = (0...Int((3 * voxels).rounded(.up))).map {
        exp(-0.5 * Double($0 * $0) / (voxels * voxels))
      }
      let squares = weights.reduce(-1) { $0 + 2 * $1 * $1 }
      return weights.map { Float($0 / squares.squareRoot()) }
    }
  }

  /// The mean over a window about as wide as stated, mm, of at least three voxels.
  static func mean(window: Double, on grid: VoxelGrid) -> GridKernel {
    GridKernel(grid) { spacing in
      let reach = max(1, Int(((window / spacing - 1) / 2).rounded()))
      return [Float](repeating: 1 / Float(2 * reach + 1), count: reach + 1)
    }
  }

  private init(_ grid: VoxelGrid, half: (_ spacing: Double) -> [Float]) {
    self.grid = grid
    halves = (0..<3).map { half(grid.spacing[$0]) }
  }

  /// The values of the grid's voxels after the kernel.
  func applied(to values: [Float]) -> [Float] {
    precondition(values.count == grid.count, "\(values.count) values for \(grid.count) voxels")
    return Volume(grid: grid) { slice($0, of: values) }.values
  }

  /// Slice k: along k, then along j, then along i.
  private func slice(_ k: Int, of values: [Float]) -> [Float] {
    let (nx, ny, count) = (grid.nx, grid.ny, grid.nx * grid.ny)
    var sum = [Float](repeating: 0, count: count)
    Self.forEachTap(k, grid.nz, halves[2]) { place, weight in
      let start = place * count
      for index in 0..<count { sum[index] += weight * values[start + index] }
    }
    var across = [Float](repeating: 0, count: count)
    for j in 0..<ny {
      Self.forEachTap(j, ny, halves[1]) { place, weight in
        let (to, from) = (j * nx, place * nx)
        for index in 0..<nx { across[to + index] += weight * sum[from + index] }
      }
    }
    let reach = halves[0].count - 1
    var result = [Float](repeating: 0, count: count)
    var padded = [Float](repeating: 0, count: nx + 2 * reach)
    for start in stride(from: 0, to: count, by: nx) {
      for index in 0..<nx { padded[reach + index] = across[start + index] }
      for offset in -reach...reach {
        let weight = halves[0][abs(offset)]
        let from = reach + offset
        for index in 0..<nx { result[start + index] += weight * padded[from + index] }
      }
    }
    return result
  }

  @inline(__always) private static func forEachTap(
    _ place: Int, _ count: Int, _ half: [Float], _ body: (_ place: Int, _ weight: Float) -> Void
  ) {
    let reach = half.count - 1
    for other in max(0, place - reach)...min(count - 1, place + reach) {
      body(other, half[abs(other - place)])
    }
  }
}

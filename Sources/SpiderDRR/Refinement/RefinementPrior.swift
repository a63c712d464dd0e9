import Foundation
import SpiderImaging

/// What is known of the errors of an answer before the X-rays are asked: x - x0 = S K z, where z is white noise
/// of variance 1.
package struct RefinementPrior {
  /// S: the standard deviation at each voxel, 1/mm of attenuation; 0 where the answer is certain.
  package let scale: Volume
  /// K: a Gaussian whose sum of squares is 1, so that S is the deviation of S K z.
  private let kernel: GridKernel

  /// Of an answer, HU.
  package init(about ct: Volume, law: Attenuation) {
    let slope = Float(law.water / 1000)
    let deviations = PriorScale.deviations(of: ct)
    scale = ct.withValues(deviations.values.map { slope * $0 })
    kernel = .gaussian(deviation: Refinement.smoothness, on: ct.grid)
  }

  /// S K z.
  package func synthesis(_ z: [Float]) -> Volume {
    var result = kernel.applied(to: z)
    for index in result.indices { result[index] *= scale.values[index] }
    return Volume(grid: scale.grid, values: result)
  }

  /// K' S v, the transpose of ``synthesis(_:)``. K is symmetric.
  package func adjoint(_ v: Volume) -> [Float] {
    var scaled = v.values
    for index in scaled.indices { scaled[index] *= scale.values[index] }
    return kernel.applied(to: scaled)
  }
}

/// How wrong an answer may be at each voxel, HU: told by its CT number and by how much that varies about it.
///
/// Measured on the answers of the shipped model for 17 real heads and 30 phantoms (Docs/Refinement.md): in plain
/// soft tissue 40 HU, at borders and in bone 450, in plain air next to nothing. Air that is exactly -1000 HU was
/// found by the visual hull and is certain.
package enum PriorScale {
  /// CT numbers, and the deviations there where nothing varies, and where all does.
  private static let table: [(hu: Float, plain: Float, varied: Float)] = [
    (-1000, 8, 230), (-800, 120, 300), (-500, 380, 400), (-200, 380, 450), (0, 40, 450),
    (200, 160, 350), (450, 250, 400), (800, 430, 450), (2000, 430, 450),
  ]
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

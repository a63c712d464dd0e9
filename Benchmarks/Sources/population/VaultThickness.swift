import Foundation
import SpiderCore

/// How thick the cranial vault is: along rays from the middle of the braincase, from the outermost
/// place of 300 HU to the innermost, the spongy layer between the tables included.
struct VaultThickness {
  private let head: Head
  /// Sorted, mm.
  private var thicknesses: [Double] = []

  private static let rays = 800
  private static let step = 0.25
  /// Rays within 25 degrees of the horizontal meet the brows and the ears' bones.
  private static let lowestSine = sin(25.0 * .pi / 180)
  /// The widest gap of less than 300 HU that still is spongy bone, mm.
  private static let widestGap = 6.0

  init(_ head: Head) {
    self.head = head
    guard head.covers(90) else { return }
    let part = head.upper(Head.vaultPart).filter { head.ct.values[$0] >= 300 && head.isBody($0) }
    let points = part.map { index in
      let voxel = head.ct.grid.voxel(at: index)
      return head.ct.grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
    }
    guard let first = points.first else { return }
    let box = points.reduce((low: first, high: first)) {
      (pointwiseMin($0.low, $1), pointwiseMax($0.high, $1))
    }
    var middle = (box.low + box.high) / 2
    middle.z = head.crown - 90
    // A Fibonacci spiral spreads the rays evenly over the cap.
    let golden = Double.pi * (3 - 5.0.squareRoot())
    thicknesses = (0..<Self.rays).compactMap { ray in
      let share = (Double(ray) + 0.5) / Double(Self.rays)
      let z = 1 - share * (1 - Self.lowestSine)
      let radius = (1 - z * z).squareRoot()
      let angle = golden * Double(ray)
      return thickness(from: middle, along: Vector3(radius * cos(angle), radius * sin(angle), z))
    }.sorted()
  }

  var statistics: [Statistic] {
    [
      (0.05, "5 % quantile"), (0.25, "lower quartile"), (0.5, "median"), (0.75, "upper quartile"),
      (0.95, "95 % quantile"),
    ].map { level, name in
      Statistic(
        name: "vault thickness, \(name)", unit: "mm",
        value: thicknesses.count > Self.rays / 2 ? quantile(thicknesses, level) : nil)
    }
  }

  private func thickness(from middle: Vector3, along direction: Vector3) -> Double? {
    var (outer, inner): (Double?, Double) = (nil, 0)
    for distance in stride(from: 135, through: 15, by: -Self.step) {
      let isBone = value(at: middle + direction * distance) >= 300
      if isBone {
        outer = outer ?? distance
        inner = distance
      } else if outer != nil, inner - distance > Self.widestGap {
        break
      }
    }
    return outer.map { $0 - inner + Self.step }
  }

  /// The trilinear HU at a world point; air outside the grid.
  private func value(at point: Vector3) -> Double {
    let grid = head.ct.grid
    let place = grid.affine.inverse.apply(point)
    let base = place.rounded(.down)
    guard all(base .>= 0), base.x + 1 < Double(grid.nx), base.y + 1 < Double(grid.ny),
      base.z + 1 < Double(grid.nz)
    else { return -1000 }
    let part = place - base
    var sum = 0.0
    for corner in 0..<8 {
      let bits = SIMD3(corner & 1, corner >> 1 & 1, corner >> 2)
      let weights = (0..<3).map { bits[$0] == 1 ? part[$0] : 1 - part[$0] }
      sum +=
        weights[0] * weights[1] * weights[2]
        * Double(
          head.ct[Int(base.x) + bits.x, Int(base.y) + bits.y, Int(base.z) + bits.z])
    }
    return sum
  }
}

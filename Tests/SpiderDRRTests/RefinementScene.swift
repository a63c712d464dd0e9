import Foundation
import SpiderCore
import SpiderDRR

/// A head of water with bone and air in it, and an answer that has it blurred, misplaced and too dense.
struct RefinementScene {
  /// The true volume over a cube about the origin; with a neck, which leaves it below.
  func truth(size: Int, side: Double = 256, neck: Bool = false) -> Volume {
    volume(size, side) { hounsfield($0, neck: neck) }
  }

  /// The answer.
  func answer(size: Int, neck: Bool = false) -> Volume {
    let shift = Vector3(4, -3, 3)
    let steps = [-7.0, 0, 7]
    return volume(size, 256) { point in
      var sum: Float = 0
      for x in steps {
        for y in steps {
          for z in steps { sum += hounsfield(point + shift + Vector3(x, y, z), neck: neck) }
        }
      }
      let mean = sum / 27
      return mean < -990 ? -1000 : mean + 0.06 * (mean + 1000)
    }
  }

  private func volume(
    _ size: Int, _ side: Double, _ value: (Vector3) -> Float
  ) -> Volume {
    let grid = VoxelGrid.canonical(size: size, side: side, center: .zero)
    return Volume(
      grid: grid,
      values: (0..<grid.count).map { index in
        let v = grid.voxel(at: index)
        return value(grid.worldPoint(Double(v.x), Double(v.y), Double(v.z)))
      })
  }

  private func hounsfield(_ p: Vector3, neck: Bool) -> Float {
    if length(p - Vector3(30, 20, 10)) < 25 || length(p - Vector3(-20, -40, -30)) < 18 {
      return 1100
    }
    if length(p - Vector3(0, 45, -20)) < 16 { return -1000 }
    if length(Vector3(p.x, 0.8 * p.y, p.z)) < 85 { return 40 }
    guard neck, p.z < -40 else { return -1000 }
    let shoulders = p.z < -135
    return length(Vector3(p.x / (shoulders ? 170 : 50), p.y / (shoulders ? 80 : 50), 0)) < 1
      ? 40 : -1000
  }

  /// X-rays of a volume, of a field of 380 mm at the isocentre.
  func views(_ names: [NamedView], of ct: Volume, pixels: Int = 80) throws -> [Radiograph] {
    let size = 570 / Double(pixels)
    let setup = ViewSetup(pixelSize: SIMD2(size, size), columns: pixels, rows: pixels)
    return DigitalRadiograph().make(
      ct: ct, geometries: try names.map { try setup.geometry(of: $0) })
  }

  /// The root mean square of the difference, HU.
  func error(_ volume: Volume, _ truth: Volume) -> Double {
    let sum = zip(volume.values, truth.values).reduce(0.0) {
      $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
    }
    return (sum / Double(truth.values.count)).squareRoot()
  }
}

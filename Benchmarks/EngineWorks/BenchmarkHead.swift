import SpiderCore
import SpiderDRR
import SpiderPhantom
import SpiderTensor

/// The patient of the benchmarks: a phantom head, and its two X-rays in the default geometry.
struct BenchmarkHead: Sendable {
  let truth: (ct: Volume, labels: LabelVolume)
  let radiographs: [Radiograph]

  init(seed: UInt64 = 4000) throws {
    truth = HeadPhantom(seed: seed).render()
    let ct = truth.ct
    radiographs = DigitalRadiograph().make(
      ct: ct, geometries: try [NamedView.pa, .left].map { try ViewSetup().geometry(of: $0) })
  }

  /// As networks are fed them: (2, 1, 128, 128).
  func images() throws -> Tensor { try NetworkInput.make(radiographs, intensity: .relative) }

  /// Places in the canonical frame (P, 3), and where the views see them (V, P, 2).
  func places(of world: [Vector3]) -> (points: [Float], pixels: [Float]) {
    let side = 256.0
    let points = world.flatMap { [Float($0.x / side), Float($0.y / side), Float($0.z / side)] }
    let pixels = radiographs.flatMap { radiograph in
      let matrix = radiograph.geometry.matrix
      return world.flatMap { point in
        let pixel = matrix.project(point)
        return [Float(pixel.x), Float(pixel.y)]
      }
    }
    return (points, pixels)
  }
}

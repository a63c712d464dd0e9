import SpiderBaselines
import SpiderCore
import SpiderTensor

/// A set of what PerX2CT computes of slices without weights: where its cameras see their points, and the
/// points' code, which is the first part of the map.
struct PointsGolden {
  struct Description: Decodable { let slices: [String] }

  let set: GoldenSet

  init(_ set: GoldenSet) { self.set = set }

  func compare(_ deviations: inout Deviations) throws {
    let planes = try set.json(Description.self).slices.map { try SliceLattice(golden: $0, in: set) }
    let outputs = try set.tensors("outputs.safetensors")
    // The features behind the code are another matter: any weights will do.
    var configuration = PerX2CTConfiguration()
    (configuration.width, configuration.encoderWidth) = (32, 1)
    let network = PerX2CT(configuration)
    let tape = Tape(ParameterArena(network.layout, seed: 1), statistics: .running)
    let dark = Tensor([1, 1, configuration.size, configuration.size])
    let map = network.map(planes, network.encode(pa: dark, lateral: dark, tape), tape)
    for (name, golden) in outputs.sorted(by: { $0.key < $1.key }) {
      switch name {
      case "grid_PA":
        deviations.compare(
          network.grid(planes, .pa), golden, atol: PerX2CTGolden.gridTolerance, name)
      case "grid_Lateral":
        deviations.compare(
          network.grid(planes, .lateral), golden, atol: PerX2CTGolden.gridTolerance, name)
      case "code":
        let ours = try set.thinned(map, name)
        let count = golden.shape[1] * golden.shape[2] * golden.shape[3]
        let code = ours.map { ours in
          Tensor(golden.shape, planes.indices.flatMap { ours.entry($0).part(0, count).array })
        }
        // The published code takes the sine of angles that single precision rounded.
        deviations.compare(code, golden, atol: 5e-5, name)
      default: throw GoldenSet.Fault("\(set.name): unknown tensor \(name)")
      }
    }
  }
}

extension SliceLattice {
  /// The slice that a golden set calls, for example, "axial_064".
  init(golden name: String, in set: GoldenSet) throws {
    let parts = name.split(separator: "_")
    guard parts.count == 2, let axis = Axis(rawValue: String(parts[0])), let index = Int(parts[1]),
      index >= 0
    else { throw GoldenSet.Fault("\(set.name): no slice is called \(name)") }
    self.init(axis, index)
  }
}

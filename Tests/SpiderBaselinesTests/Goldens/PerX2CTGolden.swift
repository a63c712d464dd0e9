import SpiderBaselines
import SpiderCore
import SpiderPhantom
import SpiderTensor

/// A set of PerX2CT: features, the map of each slice, and the slices.
struct PerX2CTGolden {
  struct Description: Decodable {
    let config: PerX2CTConfiguration
    /// Slices such as "axial_064".
    let slices: [String]
    /// What is allowed, where the golden numbers are of double precision.
    let tolerance: Double?
  }

  /// The closed form of the camera was found to agree this well with the published matrices.
  static let gridTolerance = 2e-5

  let set: GoldenSet

  init(_ set: GoldenSet) { self.set = set }

  func compare(_ deviations: inout Deviations) throws {
    let description = try set.json(Description.self)
    if let fault = description.config.fault { throw GoldenSet.Fault("\(set.name): \(fault)") }
    var configuration = description.config
    if let names = try set.names() {
      configuration.isGlobal = names.contains { $0.contains(".model.layer3.") }
    }
    let network = PerX2CT(configuration)
    let tape = Tape(try set.weights(network.layout), statistics: .running)
    let inputs = try set.tensors("inputs.safetensors")
    guard let pa = inputs["PA"], let lateral = inputs["Lateral"] else {
      throw GoldenSet.Fault("\(set.name): two X-rays are needed")
    }
    let planes = try description.slices.map { try SliceLattice(golden: $0, in: set) }
    guard planes.allSatisfy({ $0.index < configuration.size }) else {
      throw GoldenSet.Fault("\(set.name): a slice outside")
    }
    guard pa.shape == lateral.shape, [1, planes.count].contains(pa.shape[0]) else {
      throw GoldenSet.Fault("\(set.name): \(planes.count) slices of \(pa.shape[0]) patients")
    }
    let features = network.encode(pa: pa, lateral: lateral, tape)
    let map = network.map(planes, features, tape)
    let allowed = description.tolerance ?? 5e-4
    let outputs = try set.tensors("outputs.safetensors")
    for (name, golden) in outputs.sorted(by: { $0.key < $1.key }) {
      switch name {
      case "feature_PA": deviations.compare(features.pa, golden, atol: allowed, name)
      case "feature_Lateral": deviations.compare(features.lateral, golden, atol: allowed, name)
      case "grid_PA":
        deviations.compare(network.grid(planes, .pa), golden, atol: Self.gridTolerance, name)
      case "grid_Lateral":
        deviations.compare(network.grid(planes, .lateral), golden, atol: Self.gridTolerance, name)
      case "z": deviations.compare(map, golden, atol: description.tolerance ?? 1e-3, name)
      case "slices":
        deviations.compare(network.decode(map, tape), golden, atol: allowed, name)
        if let golden = outputs["z"] {
          // The decoder alone, on the published map.
          deviations.compare(
            network.decode(golden, tape), outputs["slices"] ?? map, atol: allowed, "decoder")
        }
      default: throw GoldenSet.Fault("\(set.name): unknown tensor \(name)")
      }
    }
  }
}

import SpiderBaselines
import SpiderCore
import SpiderTensor

/// A set of the discriminator: every layer's output with sample and with running statistics.
struct DiscriminatorGolden {
  struct Norm: Decodable { let norm: String? }

  let set: GoldenSet

  init(_ set: GoldenSet) { self.set = set }

  func compare(_ deviations: inout Deviations) throws {
    let norm = try set.json(Norm.self).norm ?? "instance3d"
    guard norm == "instance3d" || norm == "batch3d" else {
      throw GoldenSet.Fault("\(set.name): unknown normalisation \(norm)")
    }
    let network = PatchDiscriminator(
      try set.json(PatchDiscriminator.Configuration.self), usesInstances: norm == "instance3d",
      published: try set.names())
    let parameters = try set.weights(network.layout)
    let input = try set.tensor("input", of: "inputs.safetensors")
    for (mode, statistics) in [("test", NormStatistics.sample), ("eval", .running)] {
      let file = "outputs_\(mode).safetensors"
      guard set.has(file) else { continue }
      let ours = network.forward(input, Tape(parameters, statistics: statistics))
      for (name, golden) in try set.tensors(file).sorted(by: { $0.key < $1.key }) {
        let index = name.hasPrefix("out") ? Int(name.dropFirst(3)) : nil
        let output = index.flatMap { ours.indices.contains($0) ? ours[$0] : nil }
        deviations.compare(output, golden, atol: 1e-5, "\(mode) \(name)")
      }
    }
  }
}

import SpiderCore

/// Reconstruction of a phantom head: whole at 128^3, and the decoder alone, all voxels, at growing sizes.
struct ReconstructionWorks {
  let head: BenchmarkHead

  var all: [Work] {
    BenchmarkNetwork.all.flatMap { network in
      [true, false].map { whole(network, culling: $0) }
        + [128, 256, 512].map { decode(network, size: $0) }
    }
  }

  private func whole(_ network: BenchmarkNetwork, culling: Bool) -> Work {
    Work(
      name: "reconstruct \(network.name) culling \(culling ? "on" : "off")", operations: 0
    ) {
      let reconstructor = Reconstructor(
        model: network.model, options: ReconstructionOptions(culling: culling))
      return {
        do {
          consume(
            try reconstructor.reconstruct(head.radiographs, on: .canonical(size: 128)))
        } catch {
          preconditionFailure("a head's X-rays: \(error)")
        }
      }
    }
  }

  /// Slab by slab, the answers of each slab dropped: 512^3 voxels would need 670 MB.
  private func decode(_ network: BenchmarkNetwork, size: Int) -> Work {
    Work(
      name: "decode \(network.name) \(size)",
      operations: network.operationsPerPoint * Double(size * size * size)
    ) {
      let model = network.model
      let features = model.network.encoder.forward(try head.images(), model.parameters)
      let grid = VoxelGrid.canonical(size: size)
      return {
        let decoder = VolumeDecoder(
          model: model, features: features, matrices: head.radiographs.map(\.geometry.matrix),
          isocenter: .zero, grid: grid)
        for first in stride(from: 0, to: size, by: 16) {
          consume(decoder.decode(slices: first..<min(first + 16, size)))
        }
      }
    }
  }
}

import SpiderCore
import SpiderTensor

/// Reconstruction of a phantom head: whole at 128^3, and the decoder alone, all voxels, at growing sizes.
struct ReconstructionWorks {
  let head: BenchmarkHead

  var all: [Work] {
    BenchmarkNetwork.all.flatMap { network in
      [true, false].map { whole(network, culling: $0) }
        + [128, 256, 512].map { decode(network, size: $0) }
        + [decode(network, size: 128, bfloat16: true)]
    }
  }

  private func whole(_ network: BenchmarkNetwork, culling: Bool) -> Work {
    Work(
      name: "reconstruct \(network.name) culling \(culling ? "on" : "off")", operations: 0
    ) {
      let reconstructor = Reconstructor(model: network.model)
      // Borders are searched for once an X-ray, whatever the volume: not a part of these works. In single precision,
      // as the peer.
      let options = ReconstructionOptions(culling: culling, bfloat16: false, borders: .asStated)
      return {
        do {
          consume(
            try reconstructor.reconstruct(
              head.radiographs, on: .canonical(size: 128), options: options))
        } catch {
          preconditionFailure("a head's X-rays: \(error)")
        }
      }
    }
  }

  /// Slab by slab, the answers of each slab dropped: 512^3 voxels would need 670 MB. Its operations are
  /// those of the products really done.
  private func decode(_ network: BenchmarkNetwork, size: Int, bfloat16: Bool = false) -> Work {
    let grid = VoxelGrid.canonical(size: size)
    let blank = Tensor([2, 128, 128, network.model.network.architecture.featuresPerView])
    let products = decoder(network, features: blank, on: grid).productsPerPoint
    return Work(
      name: "decode \(network.name) \(size)\(bfloat16 ? " bfloat16" : "")",
      operations: 2 * products * Double(grid.count)
    ) {
      let model = network.model
      let features = model.network.encoder.forward(try head.images(), model.parameters)
      return {
        let decoder = decoder(network, features: features, on: grid, bfloat16: bfloat16)
        for first in stride(from: 0, to: size, by: 16) {
          consume(decoder.decode(slices: first..<min(first + 16, size)))
        }
      }
    }
  }

  private func decoder(
    _ network: BenchmarkNetwork, features: Tensor, on grid: VoxelGrid, bfloat16: Bool = false
  ) -> VolumeDecoder {
    VolumeDecoder(
      model: network.model, features: features, matrices: head.radiographs.map(\.geometry.matrix),
      isocenter: .zero, grid: grid, bfloat16: bfloat16)
  }
}

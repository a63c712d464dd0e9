import SpiderCore

/// Reconstruction of a phantom head's volume, whole and by its parts.
struct ReconstructionWorks {
  let head: BenchmarkHead

  var all: [Work] {
    BenchmarkNetwork.all.flatMap { network in
      [
        Work(name: "reconstruct \(network.name) culling off", operations: 0) {
          let reconstructor = Reconstructor(model: network.model)
          return {
            consume(try? reconstructor.reconstruct(head.radiographs, on: .canonical(size: 128)))
          }
        }
      ]
    }
  }
}

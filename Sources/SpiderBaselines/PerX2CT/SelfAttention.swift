import Foundation
import SpiderCore

/// Attention of one head between all positions of an image, added to the input.
struct SelfAttention {
  /// Rows of the matrix of weights that are worked on at once: a tile stays in the cache.
  private static let tile = 128

  private let channels: Int
  private let norm: SwishNorm
  private let query: ImageConvolution
  private let key: ImageConvolution
  private let value: ImageConvolution
  private let output: ImageConvolution

  init(_ name: String, channels: Int, _ builder: inout LayerBuilder) {
    self.channels = channels
    norm = SwishNorm("\(name).norm", channels: channels, swishes: false, &builder)
    func pointwise(_ part: String, _ builder: inout LayerBuilder) -> ImageConvolution {
      ImageConvolution(
        "\(name).\(part)", inputChannels: channels, outputChannels: channels, kernel: 1, &builder)
    }
    query = pointwise("q", &builder)
    key = pointwise("k", &builder)
    value = pointwise("v", &builder)
    output = pointwise("proj_out", &builder)
  }

  /// (N, C, H, W) to the same shape.
  func callAsFunction(_ x: Activation, _ pass: Pass) -> Activation {
    let normal = norm(x, pass)
    let attended = attend(
      query(normal, pass).value, key(normal, pass).value, value(normal, pass).value)
    return Elementwise.sum(output(Activation(attended), pass), x, pass)
  }

  /// h[c][i] = sum over j of v[c][j] softmax over j of (sum over c of q[c][i] k[c][j]) / sqrt(C).
  private func attend(_ q: Tensor, _ k: Tensor, _ v: Tensor) -> Tensor {
    let positions = q.shape[2] * q.shape[3]
    let tiles = (positions + Self.tile - 1) / Self.tile
    let scale = 1 / Float(channels).squareRoot()
    var h = Tensor(uninitialized: q.shape)
    let to = h.mutableSlice()
    let scratch = FloatSlice.scratch(Parallel.workerCount * Self.tile * positions)
    Parallel.forEachIndex(q.shape[0] * tiles) { worker, index in
      let (n, first) = (index / tiles, index % tiles * Self.tile)
      let rows = min(Self.tile, positions - first)
      let weights = scratch.part(worker * Self.tile * positions, rows * positions)
      let queries = q.entry(n).part(first, (channels - 1) * positions + rows)
      BLAS.multiply(
        m: rows, n: positions, k: channels, .transposed(queries, stride: positions),
        .rows(k.entry(n), stride: positions), into: weights, stride: positions)
      Kernels.softmaxRows(weights, columns: positions, scale: scale)
      BLAS.multiply(
        m: channels, n: rows, k: positions, .rows(v.entry(n), stride: positions),
        .transposed(weights, stride: positions),
        into: to.part(n * channels * positions + first, (channels - 1) * positions + rows),
        stride: positions)
    }
    return h
  }
}

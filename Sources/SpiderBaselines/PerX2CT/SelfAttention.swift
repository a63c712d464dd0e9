import Foundation
import SpiderCore
import SpiderSupport
import SpiderTensor

/// Attention of one head between all positions of an image, added to the input.
struct SelfAttention {
  /// Rows of the matrix of weights that are worked on at once: a tile stays in the cache.
  private static let tile = 128

  private let channels: Int
  private let norm: SwishNorm
  private let query: TapedConvolution
  private let key: TapedConvolution
  private let value: TapedConvolution
  private let output: TapedConvolution

  init(_ name: String, channels: Int, _ builder: inout LayerBuilder) {
    self.channels = channels
    norm = SwishNorm("\(name).norm", channels: channels, swishes: false, &builder)
    func pointwise(_ part: String, _ builder: inout LayerBuilder) -> TapedConvolution {
      TapedConvolution(
        image: "\(name).\(part)", inputChannels: channels, outputChannels: channels, kernel: 1,
        &builder)
    }
    query = pointwise("q", &builder)
    key = pointwise("k", &builder)
    value = pointwise("v", &builder)
    output = pointwise("proj_out", &builder)
  }

  /// (N, C, H, W) to the same shape.
  func callAsFunction(_ x: Activation, _ tape: Tape) -> Activation {
    let normal = norm(x, tape)
    let (q, k, v) = (query(normal, tape), key(normal, tape), value(normal, tape))
    let attended = Activation(attend(q.value, k.value, v.value))
    tape.record(attended) { gradient, _ in
      let parts = backward(gradient, q.value, k.value, v.value)
      q.add(parts.q)
      k.add(parts.k)
      v.add(parts.v)
    }
    return Elementwise.sum(output(attended, tape), x, tape)
  }

  /// h[c][i] = sum over j of v[c][j] w[i][j], where row i of w is the softmax over j of
  /// (sum over c of q[c][i] k[c][j]) / sqrt(C).
  private func attend(_ q: Tensor, _ k: Tensor, _ v: Tensor) -> Tensor {
    let positions = q.shape[2] * q.shape[3]
    let tiles = (positions + Self.tile - 1) / Self.tile
    var h = Tensor(uninitialized: q.shape)
    let to = h.mutableSlice()
    let scratch = FloatSlice.scratch(Parallel.workerCount * Self.tile * positions)
    Parallel.forEachIndex(q.shape[0] * tiles) { worker, index in
      let (n, first) = (index / tiles, index % tiles * Self.tile)
      let rows = min(Self.tile, positions - first)
      let weights = scratch.part(worker * Self.tile * positions, rows * positions)
      let width = (channels - 1) * positions + rows
      writeWeights(q.entry(n).part(first, width), k.entry(n), rows: rows, positions, into: weights)
      BLAS.multiply(
        m: channels, n: rows, k: positions, .rows(v.entry(n), stride: positions),
        .transposed(weights, stride: positions),
        into: to.part(n * channels * positions + first, width), stride: positions)
    }
    return h
  }

  /// The gradients of q, k and v from that of h. The weights are computed anew, tile by tile: to keep
  /// them would take a square of the positions an image.
  private func backward(
    _ gradient: Tensor, _ q: Tensor, _ k: Tensor, _ v: Tensor
  ) -> (q: Tensor, k: Tensor, v: Tensor) {
    let positions = q.shape[2] * q.shape[3]
    var (dq, dk, dv) = (Tensor(q.shape), Tensor(k.shape), Tensor(v.shape))
    let (toQ, toK, toV) = (dq.mutableSlice(), dk.mutableSlice(), dv.mutableSlice())
    let size = channels * positions
    let scratch = FloatSlice.scratch(2 * Parallel.workerCount * Self.tile * positions)
    // Tiles of one image add to the same gradients: one worker an image.
    Parallel.forEachIndex(q.shape[0]) { worker, n in
      let (keys, values) = (k.entry(n), v.entry(n))
      for first in stride(from: 0, to: positions, by: Self.tile) {
        let rows = min(Self.tile, positions - first)
        let width = (channels - 1) * positions + rows
        let start = 2 * worker * Self.tile * positions
        let weights = scratch.part(start, rows * positions)
        let slopes = scratch.part(start + Self.tile * positions, rows * positions)
        let (queries, up) = (q.entry(n).part(first, width), gradient.entry(n).part(first, width))
        writeWeights(queries, keys, rows: rows, positions, into: weights)
        // dv[c][j] += sum over i of dh[c][i] w[i][j].
        BLAS.multiply(
          m: channels, n: positions, k: rows, .rows(up, stride: positions),
          .rows(weights, stride: positions), into: toV.part(n * size, size), stride: positions,
          beta: 1)
        // dw[i][j] = sum over c of dh[c][i] v[c][j], then through the softmax.
        BLAS.multiply(
          m: rows, n: positions, k: channels, .transposed(up, stride: positions),
          .rows(values, stride: positions), into: slopes, stride: positions)
        Elements.softmaxRowsBackward(slopes, output: weights, columns: positions, scale: scale)
        BLAS.multiply(
          m: channels, n: rows, k: positions, .rows(keys, stride: positions),
          .transposed(slopes, stride: positions), into: toQ.part(n * size + first, width),
          stride: positions)
        BLAS.multiply(
          m: channels, n: positions, k: rows, .rows(queries, stride: positions),
          .rows(slopes, stride: positions), into: toK.part(n * size, size), stride: positions,
          beta: 1)
      }
    }
    return (dq, dk, dv)
  }

  private var scale: Float { 1 / Float(channels).squareRoot() }

  /// Rows of the matrix w: for some queries (C, rows) and all keys (C, positions).
  private func writeWeights(
    _ queries: FloatSlice, _ keys: FloatSlice, rows: Int, _ positions: Int,
    into weights: FloatSlice
  ) {
    BLAS.multiply(
      m: rows, n: positions, k: channels, .transposed(queries, stride: positions),
      .rows(keys, stride: positions), into: weights, stride: positions)
    Elements.softmaxRows(weights, columns: positions, scale: scale)
  }
}

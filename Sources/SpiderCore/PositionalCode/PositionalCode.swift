import SpiderTensor

/// What the decoder is told about where a point is.
///
/// Points are in the canonical frame, (point - isocentre) / side, so the field of view is
/// [-0.5, 0.5]^3. A code writes `width` numbers a point into rows of the decoder's input.
package protocol PositionalCode: Sendable {
  /// Numbers a point.
  var width: Int { get }

  /// What a decoder may know of it; `general` unless the code says otherwise.
  var structure: CodeStructure { get }

  /// Codes points (P, 3) into `output[p * stride ..< p * stride + width]`.
  func encode(
    _ points: FloatSlice, _ parameters: ParameterArena, into output: FloatSlice, stride: Int)

  /// Tables of parameters whose gradients are apart, so that each may be added up by another worker.
  var tableCount: Int { get }

  /// Adds the gradient of one table, from those of the codes of points, to the pool.
  func backward(
    _ gradient: FloatSlice, stride: Int, points: FloatSlice, table: Int, _ pool: GradientPool)

  /// The code of one point by its definition, in double: the reference of the tests.
  func reference(_ point: SIMD3<Double>, _ parameters: ParameterArena) -> [Double]
}

/// Which positional code a network uses, with its sizes. Part of the model file.
public enum PositionalCodeChoice: Codable, Hashable, Sendable {
  /// The coordinates and sines and cosines of octaves of them (Tancik et al. 2020).
  case fourier(octaves: Int)
  /// A multiresolution hash grid (Mueller et al. 2022).
  case hash(levels: Int, features: Int, tableBits: Int, coarsest: Int, finest: Int)

  /// The SPIDER paper's code: 11 levels of 8 features; the resolutions are ours.
  public static let paper = PositionalCodeChoice.hash(
    levels: 11, features: 8, tableBits: 15, coarsest: 4, finest: 128)

  func build(_ name: String, layout: inout ParameterLayout) -> any PositionalCode {
    switch self {
    case .fourier(let octaves): return FourierCode(octaves: octaves)
    case .hash(let levels, let features, let tableBits, let coarsest, let finest):
      return HashCode(
        name, levels: levels, features: features, tableBits: tableBits, coarsest: coarsest,
        finest: finest, layout: &layout)
    }
  }
}

/// What a positional code is made of, for a decoder that can work it out faster on a regular grid than
/// point by point. A code that says nothing is encoded point by point, which is always right.
package enum CodeStructure: Sendable {
  /// Nothing is known.
  case general
  /// Every number depends on one coordinate alone: its axis, 0, 1 or 2. On an axis-aligned grid the
  /// product with a layer's weights is then a sum of three tables.
  case separable(axes: [Int])
  /// Features of the nodes of lattices, interpolated trilinearly: along a line of voxels they change
  /// linearly from node to node.
  case lattice(HashCode)
}

extension PositionalCode {
  /// A code is general unless it says otherwise.
  package var structure: CodeStructure { .general }
}

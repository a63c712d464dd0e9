internal import CSpiderKernels
import Foundation
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

/// The coordinates, and for each octave o the sines and cosines of 2^o 2 pi x: 3 + 6 octaves numbers.
package struct FourierCode: PositionalCode {
  /// How many octaves.
  package let octaves: Int

  /// Builds a code; 0 octaves leave the bare coordinates.
  package init(octaves: Int) {
    precondition((0...16).contains(octaves), "\(octaves) octaves")
    self.octaves = octaves
  }

  /// 3 coordinates and 6 numbers an octave.
  package var width: Int { 3 + 6 * octaves }

  /// x, y, z and then sines and cosines of x, y, z in turn.
  package var structure: CodeStructure { .separable(axes: (0..<width).map { $0 % 3 }) }

  /// Codes points; there are no parameters.
  package func encode(
    _ points: FloatSlice, _ parameters: ParameterArena, into output: FloatSlice, stride: Int
  ) {
    Self.encode(points, octaves: octaves, into: output, stride: stride)
  }

  /// The code of points in so many octaves.
  package static func encode(
    _ points: FloatSlice, octaves: Int, into out: FloatSlice, stride: Int
  ) {
    let count = points.count / 3
    guard count > 0 else { return }
    unsafe spider_fourier_code(
      points.address(count * 3), Int64(count), Int32(octaves),
      out.mutableAddress((count - 1) * stride + 3 + 6 * octaves), Int64(stride))
  }

  /// Nothing to learn here.
  package var tableCount: Int { 0 }

  /// Nothing to learn here.
  package func backward(
    _ gradient: FloatSlice, stride: Int, points: FloatSlice, table: Int, _ pool: GradientPool
  ) {}

  /// The code of one point by its definition: the reference of the tests.
  package func reference(_ point: SIMD3<Double>, _ parameters: ParameterArena) -> [Double] {
    var code = [point.x, point.y, point.z]
    for octave in 0..<octaves {
      let angle = point * (2 * .pi * pow(2, Double(octave)))
      code += [sin(angle.x), sin(angle.y), sin(angle.z), cos(angle.x), cos(angle.y), cos(angle.z)]
    }
    return code
  }
}

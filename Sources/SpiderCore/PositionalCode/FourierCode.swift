import Foundation
import SpiderTensor
internal import CSpiderKernels

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

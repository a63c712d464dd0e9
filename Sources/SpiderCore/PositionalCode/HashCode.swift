import Foundation
import SpiderTensor
internal import CSpiderKernels

/// A multiresolution hash grid (Mueller et al., Instant Neural Graphics Primitives, 2022): on each of
/// L levels the point's cell is found and F learned features of its eight corners are interpolated
/// trilinearly. Levels whose corners fit the table are stored densely, the finer ones are hashed.
package struct HashCode: PositionalCode {
  /// Features a level, F.
  package let features: Int
  /// Rows of each level's table, T, a power of two.
  package let tableSize: Int
  /// Cells along the cube's side on each level, from coarse to fine in equal ratios.
  package let resolutions: [Int32]
  /// (L, T, F).
  package let table: Parameter

  /// Builds the code and adds its table to the layout.
  package init(
    _ name: String, levels: Int, features: Int, tableBits: Int, coarsest: Int, finest: Int,
    layout: inout ParameterLayout
  ) {
    precondition(
      levels >= 1 && features >= 1 && (1...24).contains(tableBits) && coarsest >= 1
        && finest >= coarsest, "a hash code of these sizes cannot be")
    self.features = features
    tableSize = 1 << tableBits
    let growth = levels > 1 ? pow(Double(finest) / Double(coarsest), 1 / Double(levels - 1)) : 1
    resolutions = (0..<levels).map { Int32((Double(coarsest) * pow(growth, Double($0))).rounded()) }
    table = layout.add("\(name).table", [levels, tableSize, features], .uniform(1e-2))
  }

  /// L F numbers.
  package var width: Int { resolutions.count * features }

  /// A lattice a level.
  package var structure: CodeStructure { .lattice(self) }

  /// Codes points; those outside the cube are clamped to it.
  package func encode(
    _ points: FloatSlice, _ parameters: ParameterArena, into output: FloatSlice, stride: Int
  ) {
    Self.encode(
      parameters[table], resolutions: resolutions, tableSize: tableSize, features: features,
      at: points, into: output, stride: stride)
  }

  /// A table a level.
  package var tableCount: Int { resolutions.count }

  /// Adds the gradient of one level's table.
  package func backward(
    _ gradient: FloatSlice, stride: Int, points: FloatSlice, table level: Int, _ pool: GradientPool
  ) {
    let first = level * features
    Self.backward(
      gradient.part(first, gradient.count - first), stride: stride, resolution: resolutions[level],
      tableSize: tableSize, features: features, at: points,
      addingTo: pool.slice(table).part(level * tableSize * features, tableSize * features))
  }

  /// The code of one point by its definition, in double: the reference of the tests.
  package func reference(_ point: SIMD3<Double>, _ parameters: ParameterArena) -> [Double] {
    let values = parameters[table].array
    return resolutions.enumerated().flatMap { level, resolution -> [Double] in
      let cells = Double(resolution)
      let place = (point + 0.5).clamped(lowerBound: .zero, upperBound: .one) * cells
      var base = place.rounded(.down)
      base.clamp(lowerBound: .zero, upperBound: SIMD3(repeating: cells - 1))
      var sum = [Double](repeating: 0, count: features)
      for corner in 0..<8 {
        let up = SIMD3(Double(corner & 1), Double(corner >> 1 & 1), Double(corner >> 2))
        let weights = up * (place - base) + (1 - up) * (1 - (place - base))
        let row = level * tableSize + row(of: base + up, cells: Int(resolution))
        for f in 0..<features {
          sum[f] += weights.x * weights.y * weights.z * Double(values[row * features + f])
        }
      }
      return sum
    }
  }

  /// The row of a grid corner: its place in the dense grid where that fits, else its hash.
  private func row(of corner: SIMD3<Double>, cells: Int) -> Int {
    let (x, y, z) = (Int(corner.x), Int(corner.y), Int(corner.z))
    let side = cells + 1
    if side * side * side <= tableSize { return (z * side + y) * side + x }
    let hash =
      UInt32(x) ^ (UInt32(y) &* 2_654_435_761) ^ (UInt32(z) &* 805_459_861)
    return Int(hash) & (tableSize - 1)
  }
}

// MARK: Kernels

extension HashCode {
  /// The code of points from tables of a number of levels.
  package static func encode(
    _ table: FloatSlice, resolutions: [Int32], tableSize: Int, features: Int,
    at points: FloatSlice, into out: FloatSlice, stride: Int
  ) {
    let count = points.count / 3
    guard count > 0 else { return }
    let levels = resolutions.count
    unsafe spider_hash_code(
      table.address(levels * tableSize * features), resolutions, Int32(levels), Int32(tableSize),
      Int32(features), points.address(count * 3), Int64(count),
      out.mutableAddress((count - 1) * stride + levels * features), Int64(stride))
  }

  /// Adds the gradient of one level's table.
  package static func backward(
    _ gradient: FloatSlice, stride: Int, resolution: Int32, tableSize: Int, features: Int,
    at points: FloatSlice, addingTo table: FloatSlice
  ) {
    let count = points.count / 3
    guard count > 0 else { return }
    unsafe spider_hash_code_backward(
      gradient.address((count - 1) * stride + features), Int64(stride), resolution,
      Int32(tableSize), Int32(features), points.address(count * 3), Int64(count),
      table.mutableAddress(tableSize * features))
  }
}

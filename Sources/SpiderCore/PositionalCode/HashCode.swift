import Foundation

/// A multiresolution hash grid (Mueller et al., Instant Neural Graphics Primitives, 2022): on each of
/// L levels the point's cell is found and F learned features of its eight corners are interpolated
/// trilinearly. Levels whose corners fit the table are stored densely, the finer ones are hashed.
public struct HashCode: PositionalCode {
  /// Features a level, F.
  public let features: Int
  /// Rows of each level's table, T, a power of two.
  public let tableSize: Int
  /// Cells along the cube's side on each level, from coarse to fine in equal ratios.
  public let resolutions: [Int32]
  /// (L, T, F).
  public let table: Parameter

  /// Builds the code and adds its table to the layout.
  public init(
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
  public var width: Int { resolutions.count * features }

  /// Codes points; those outside the cube are clamped to it.
  public func encode(
    _ points: FloatSlice, _ parameters: ParameterArena, into output: FloatSlice, stride: Int
  ) {
    Kernels.hashCode(
      parameters[table], resolutions: resolutions, tableSize: tableSize, features: features,
      at: points, into: output, stride: stride)
  }

  /// Adds the gradient of the table.
  public func backward(
    _ gradient: FloatSlice, stride: Int, points: FloatSlice, _ pool: GradientPool, worker: Int
  ) {
    Kernels.hashCodeBackward(
      gradient, stride: stride, resolutions: resolutions, tableSize: tableSize, features: features,
      at: points, addingTo: pool.slice(table, worker: worker))
  }
}

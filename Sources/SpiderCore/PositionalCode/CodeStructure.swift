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

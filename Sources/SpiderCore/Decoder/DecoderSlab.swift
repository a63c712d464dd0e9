/// A slab of a grid's voxels that is being decoded: where the answers go, and which are asked for.
struct DecoderSlab: Sendable {
  /// The number of its first voxel in the grid.
  let base: Int
  /// How many voxels it has.
  let count: Int
  /// The places of the voxels that are asked for, counted from `base` and ascending; nil asks for all.
  let list: [UInt32]?
  /// CT numbers, one a voxel.
  let hounsfield: FloatSlice
  /// Classes, one a voxel.
  let labels: LabelSlice

  /// A slab with memory of its own.
  init(base: Int, count: Int, list: [UInt32]?) {
    // The kernels write where the list says.
    if let list {
      precondition(
        zip(list, list.dropFirst()).allSatisfy { $0 < $1 } && list.last.map { $0 < count } ?? true,
        "a list of voxels that does not ascend within a slab of \(count)")
    }
    self.base = base
    self.count = count
    self.list = list
    hounsfield = .scratch(count)
    labels = .scratch(count)
  }

  /// How many voxels are asked for.
  var asked: Int { list?.count ?? count }
}

/// Voxels of a grid that are being decoded: where their answers go, and which are asked for.
///
/// It lives only while `filled` makes the arrays it writes to. It crosses threads because every worker
/// writes the answers of its own voxels.
@safe
struct DecoderSlab: @unchecked Sendable {
  /// The number of its first voxel in the grid.
  let base: Int
  /// How many voxels it has.
  let count: Int
  /// The places of the voxels that are asked for, counted from `base` and ascending; nil asks for all.
  let list: [UInt32]?
  /// CT numbers, one a voxel.
  @unsafe let hounsfield: UnsafeMutablePointer<Float>
  /// Classes, one a voxel.
  @unsafe let labels: UnsafeMutablePointer<UInt8>
  /// How far the CT numbers may be off, HU, one a voxel; nil where that is not asked for.
  @unsafe let uncertainty: UnsafeMutablePointer<Float>?
  /// Margins of classes, `marginCount` a voxel; nil where none are asked for.
  @unsafe let margins: UnsafeMutablePointer<Float>?
  /// Of how many classes margins are asked for.
  let marginCount: Int

  private init(
    base: Int, count: Int, list: [UInt32]?, hounsfield: UnsafeMutablePointer<Float>,
    labels: UnsafeMutablePointer<UInt8>, uncertainty: UnsafeMutablePointer<Float>?,
    margins: UnsafeMutablePointer<Float>?, marginCount: Int
  ) {
    // The kernels write where the list says.
    if let list {
      precondition(
        zip(list, list.dropFirst()).allSatisfy { $0 < $1 } && list.last.map { $0 < count } ?? true,
        "a list of voxels that does not ascend within a slab of \(count)")
    }
    precondition(count <= Int(UInt32.max), "a slab of \(count) voxels")
    self.base = base
    self.count = count
    self.list = list
    unsafe self.hounsfield = unsafe hounsfield
    unsafe self.labels = unsafe labels
    unsafe self.uncertainty = unsafe uncertainty
    unsafe self.margins = unsafe margins
    self.marginCount = marginCount
  }

  /// How many voxels are asked for.
  var asked: Int { list?.count ?? count }

  /// A part of it, with a list of its own.
  func part(_ start: Int, _ count: Int, list: [UInt32]?) -> DecoderSlab {
    precondition(
      start >= 0 && count >= 0 && start + count <= self.count,
      "\(count) voxels from \(start) on in a slab of \(self.count)")
    return unsafe DecoderSlab(
      base: base + start, count: count, list: list, hounsfield: hounsfield + start,
      labels: labels + start, uncertainty: uncertainty.map { unsafe $0 + start },
      margins: margins.map { unsafe $0 + start * marginCount }, marginCount: marginCount)
  }

  /// The answers of `count` voxels from number `base` on, once `fill` has set all of them.
  ///
  /// - Parameters:
  ///   - isUncertain: whether to ask how far they may be off.
  ///   - marginCount: of how many classes to ask the margins.
  static func filled(
    base: Int, count: Int, isUncertain: Bool, marginCount: Int, _ fill: (DecoderSlab) -> Void
  ) -> DecoderAnswers {
    var answers = DecoderAnswers()
    answers.hounsfield = unsafe array(count) { (values: UnsafeMutablePointer<Float>) in
      answers.labels = unsafe array(count) { (classes: UnsafeMutablePointer<UInt8>) in
        answers.uncertainty = unsafe optional(isUncertain ? count : 0) { scales in
          answers.margins = unsafe optional(marginCount * count) { margins in
            fill(
              unsafe DecoderSlab(
                base: base, count: count, list: nil, hounsfield: values, labels: classes,
                uncertainty: scales, margins: margins, marginCount: marginCount))
          }
        }
      }
    }
    return answers
  }

  /// An array that `body` sets all of; none for no numbers.
  private static func optional(
    _ count: Int, _ body: (UnsafeMutablePointer<Float>?) -> Void
  ) -> [Float]? {
    guard count > 0 else {
      body(nil)
      return nil
    }
    return unsafe array(count) { unsafe body($0) }
  }

  /// An array that `body` sets all of.
  private static func array<Element>(
    _ count: Int, _ body: (UnsafeMutablePointer<Element>) -> Void
  ) -> [Element] {
    unsafe [Element](unsafeUninitializedCapacity: count) { memory, initialized in
      if let start = memory.baseAddress { unsafe body(start) }
      initialized = count
    }
  }
}

/// What the decoder answers for a slab, in memory order.
package struct DecoderAnswers {
  /// CT numbers, HU.
  package var hounsfield: [Float] = []
  /// Tissue classes.
  package var labels: [UInt8] = []
  /// How far the CT numbers may be off: half the width of the interval, HU. It is 0 in air that nobody asked for and
  /// beyond the field of view; nil where it was not wanted, or the model has no head for it.
  package var uncertainty: [Float]?
  /// The margins of classes, those of a voxel side by side; nil where none were wanted.
  package var margins: [Float]?
}

/// Where a grid's voxels lie for the decoder: in the canonical frame and in each view. Both are linear in
/// the voxel's indices, in double, before anything is rounded.
struct GridProjection {
  let grid: VoxelGrid
  /// Three rows (i, j, k, 1): the voxel's place in the canonical frame, (world - isocentre) / side.
  let canonical: [Double]
  /// For each view three rows (i, j, k, 1): column times w, row times w, and w.
  let matrices: [[Double]]

  init(
    _ grid: VoxelGrid, isocenter: Vector3, fieldOfView side: Double, matrices: [ProjectionMatrix]
  ) {
    let affine = grid.affine
    let columns = [affine.columns.0, affine.columns.1, affine.columns.2]
    self.grid = grid
    canonical = (0..<3).flatMap { axis in
      columns.map { $0[axis] / side } + [(affine.translation[axis] - isocenter[axis]) / side]
    }
    self.matrices = matrices.map { matrix in
      zip([matrix.linear.0, matrix.linear.1, matrix.linear.2], 0..<3).flatMap { linear, row in
        columns.map { dot(linear, $0) } + [dot(linear, affine.translation) + matrix.constant[row]]
      }
    }
  }

  /// The canonical axis along which each voxel axis runs, if all three run along one.
  ///
  /// A drift across of less than 1e-9 of the frame over the whole grid counts as none: it comes from
  /// rounding, and is far below that of the coordinates in single precision.
  var axes: [Int]? {
    let extent = [grid.nx - 1, grid.ny - 1, grid.nz - 1]
    let axes = (0..<3).map { voxelAxis in
      (0..<3).reduce(0) { best, axis in
        abs(step(axis, voxelAxis)) > abs(step(best, voxelAxis)) ? axis : best
      }
    }
    guard Set(axes).count == 3 else { return nil }
    for voxelAxis in 0..<3 {
      for axis in 0..<3 where axis != axes[voxelAxis] {
        let drift = step(axis, voxelAxis) * Double(extent[voxelAxis])
        guard abs(drift) < 1e-9 else { return nil }
      }
    }
    return axes
  }

  /// How far along a canonical axis a step along a voxel axis leads.
  func step(_ axis: Int, _ voxelAxis: Int) -> Double { canonical[4 * axis + voxelAxis] }

  /// The coordinate on canonical axis `axis` of the voxels along the voxel axis that runs along it.
  func coordinates(_ axis: Int, along voxelAxis: Int) -> [Float] {
    (0..<grid.shape[voxelAxis]).map {
      Float(canonical[4 * axis + 3] + step(axis, voxelAxis) * Double($0))
    }
  }
}

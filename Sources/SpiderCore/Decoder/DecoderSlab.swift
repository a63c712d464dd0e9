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

  private init(
    base: Int, count: Int, list: [UInt32]?, hounsfield: UnsafeMutablePointer<Float>,
    labels: UnsafeMutablePointer<UInt8>, uncertainty: UnsafeMutablePointer<Float>?
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
      labels: labels + start, uncertainty: uncertainty.map { unsafe $0 + start })
  }

  /// The answers of `count` voxels from number `base` on, once `fill` has set all of them.
  ///
  /// - Parameter isUncertain: whether to ask how far they may be off.
  static func filled(
    base: Int, count: Int, isUncertain: Bool, _ fill: (DecoderSlab) -> Void
  ) -> (hounsfield: [Float], labels: [UInt8], uncertainty: [Float]?) {
    var (labels, uncertainty) = ([UInt8](), [Float]())
    let hounsfield = array(count) { (values: UnsafeMutablePointer<Float>) in
      labels = array(count) { (classes: UnsafeMutablePointer<UInt8>) in
        func fillAll(_ scales: UnsafeMutablePointer<Float>?) {
          fill(
            unsafe DecoderSlab(
              base: base, count: count, list: nil, hounsfield: values, labels: classes,
              uncertainty: scales))
        }
        if isUncertain {
          uncertainty = array(count) { unsafe fillAll($0) }
        } else {
          fillAll(nil)
        }
      }
    }
    return (hounsfield, labels, isUncertain ? uncertainty : nil)
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

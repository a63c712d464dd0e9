import SpiderSupport
import SpiderTensor
internal import CSpiderKernels

/// The door to the C decoder: owns its plan and checks every size before a pointer is passed.
///
/// It is built by the calls in this file and then only run, by any number of threads, each with scratch
/// of its own.
@safe
final class DecoderKernel: @unchecked Sendable {
  /// The most points of a block.
  static let block = Int(SPIDER_DECODER_BLOCK)

  @unsafe private let handle: OpaquePointer
  /// Memory the plan points at.
  private var kept: [FloatSlice] = []

  /// A decoder of a grid's voxels: see `GridProjection` for the rows of `canonical`.
  init(nx: Int, ny: Int, canonical: [Double], instructions: InstructionSet) {
    precondition(canonical.count == 12, "\(canonical.count) numbers for three rows of four")
    precondition(instructions <= .best, "\(instructions) is not to be had on this machine")
    guard
      let made = unsafe spider_decoder_new(
        Int32(nx), Int32(ny), canonical, instructions.rawValue)
    else { fatalError("no memory for a decoder") }
    unsafe handle = made
  }

  deinit { unsafe spider_decoder_free(handle) }

  /// How wide rows are that are summed into a layer of so many outputs.
  static func padded(_ outputs: Int) -> Int { Int(spider_decoder_padded(Int32(outputs))) }

  /// Adds a layer; `weight` is (outputs, inputs). A brief one may round weights and inputs to bfloat16.
  func add(weight: [Float], bias: [Float], inputs: Int, relu: Bool, isBrief: Bool = false) {
    precondition(
      weight.count == bias.count * inputs,
      "\(weight.count) weights for \(inputs) inputs and \(bias.count) outputs")
    let add = unsafe isBrief ? spider_decoder_add_brief_layer : spider_decoder_add_layer
    remember(
      unsafe add(handle, weight, bias, Int32(inputs), Int32(bias.count), relu ? 1 : 0))
  }

  /// Adds the heads behind brief layers, which may sum inputs of even and of odd numbers apart.
  func addPairedHeads(weight: [Float], bias: [Float], inputs: Int) {
    precondition(
      weight.count == bias.count * inputs,
      "\(weight.count) weights for \(inputs) inputs and \(bias.count) heads")
    remember(
      unsafe spider_decoder_add_paired_heads(
        handle, weight, bias, Int32(inputs), Int32(bias.count)))
  }

  /// Sets the views: maps (V, H, W, F) and a matrix of three rows (i, j, k, 1) each.
  func setViews(
    _ maps: FloatSlice, _ shape: FeatureMapShape, matrices: [[Double]], scale: Float,
    hoisted: Bool, summed: Bool
  ) {
    precondition(
      maps.count == matrices.count * shape.count && matrices.allSatisfy { $0.count == 12 },
      "\(maps.count) numbers for \(matrices.count) maps of \(shape.count)")
    kept.append(maps)
    remember(
      unsafe spider_decoder_set_views(
        handle, Int32(matrices.count), maps.address(maps.count), Int64(shape.count),
        Int32(shape.height), Int32(shape.width), Int32(shape.channels), matrices.flatMap { $0 },
        scale, hoisted ? 1 : 0, summed ? 1 : 0))
  }

  /// Sets a code that is worked out elsewhere for each block.
  func setGivenCode(width: Int) { unsafe spider_decoder_set_given_code(handle, Int32(width)) }

  /// Sets a code that is a sum of tables (n, padded outputs) along the voxel axes.
  func setAxisTables(_ tables: [FloatSlice]) {
    precondition(tables.count == 3, "\(tables.count) tables for three axes")
    kept += tables
    unsafe spider_decoder_set_axis_tables(
      handle, tables[0].address(tables[0].count), tables[1].address(tables[1].count),
      tables[2].address(tables[2].count))
  }

  /// Sets a lattice code whose lines run along a canonical axis; `lined` levels get the first layer's
  /// `weights` (outputs, lined levels x features) at their nodes.
  func setLattice(
    _ code: HashCode, table: FloatSlice, axis: Int, lined: [Bool], weights: [Float], outputs: Int
  ) {
    let levels = code.resolutions.count
    let width = lined.count { $0 } * code.features
    precondition(
      lined.count == levels && weights.count == outputs * width && (0..<3).contains(axis),
      "\(weights.count) weights for \(outputs) outputs of \(width) features along axis \(axis)")
    kept.append(table)
    remember(
      unsafe spider_decoder_set_lattice(
        handle, table.address(levels * code.tableSize * code.features), code.resolutions,
        Int32(levels), Int32(code.tableSize), Int32(code.features), Int32(axis),
        lined.map { $0 ? 1 : 0 }, weights, Int32(outputs)))
  }

  /// Sets the CT numbers that 0 and 1 stand for.
  func setWindow(_ window: CTWindow) {
    unsafe spider_decoder_set_window(handle, window.low, window.high)
  }

  /// Makes the last layer's last output the log of a scale, answered times `factor`.
  func setScale(factor: Float) { unsafe spider_decoder_set_scale(handle, factor) }

  /// The most classes of which margins are answered.
  static let mostMargins = Int(SPIDER_DECODER_MARGINS)

  /// Sets the classes of which margins are answered.
  func setMargins(_ classes: [UInt8]) {
    precondition(classes.count <= Self.mostMargins, "margins of \(classes.count) classes")
    unsafe spider_decoder_set_margins(handle, classes, Int32(classes.count))
  }

  /// Floats of scratch a worker needs.
  var scratchCount: Int { Int(unsafe spider_decoder_scratch(handle)) }

  private func remember(_ success: Int32) {
    if success == 0 { fatalError("no memory for a decoder's weights") }
  }
}

extension DecoderKernel {
  /// Makes a part of the slab air; `outside` is the label beyond the frame.
  func clear(_ slab: DecoderSlab, _ range: Range<Int>, air: Float, outside: UInt8) {
    precondition(range.upperBound <= slab.count, "\(range) in a slab of \(slab.count)")
    unsafe spider_decoder_clear(
      handle, Int64(slab.base + range.lowerBound), Int64(range.count), air, outside,
      Self.answers(slab.part(range.lowerBound, range.count, list: nil)))
  }

  /// Answers for a part of the voxels that are asked for.
  func run(_ slab: DecoderSlab, _ range: Range<Int>, scratch: FloatSlice) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= slab.asked,
      "\(range) of \(slab.asked) voxels")
    unsafe withFront(of: slab.list, range.lowerBound) { list in
      unsafe spider_decoder_run(
        handle, Int64(slab.base), list, Int64(range.lowerBound), Int64(range.count),
        scratch.mutableAddress(scratchCount), Self.answers(slab))
    }
  }

  private static func answers(_ slab: DecoderSlab) -> spider_answers {
    unsafe spider_answers(
      hu: slab.hounsfield, labels: slab.labels, scale: slab.uncertainty, margins: slab.margins)
  }

  /// The first half of answering for a block, of voxels from the front of `range`: writes their places
  /// (P, 3); says how many there are and how many voxels of the range are done with.
  func place(
    _ slab: DecoderSlab, _ range: Range<Int>, scratch: FloatSlice, into points: FloatSlice
  ) -> (points: Int, used: Int) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= slab.asked,
      "\(range) of \(slab.asked) voxels")
    var used: Int64 = 0
    let count = unsafe withFront(of: slab.list, range.lowerBound) { list in
      unsafe spider_decoder_place(
        handle, Int64(slab.base), list, Int64(range.lowerBound), Int64(range.count),
        scratch.mutableAddress(scratchCount), points.mutableAddress(3 * Self.block), &used)
    }
    return (Int(count), Int(used))
  }

  /// The second half: answers for the points placed last, from their codes.
  func answer(_ slab: DecoderSlab, codes: FloatSlice, stride: Int, scratch: FloatSlice) {
    unsafe spider_decoder_answer(
      handle, codes.address(Self.block * stride), Int64(stride),
      scratch.mutableAddress(scratchCount), Self.answers(slab))
  }

  /// Calls with the address of a list from `start` on, or of none.
  private func withFront<Result>(
    of list: [UInt32]?, _ start: Int, _ body: (UnsafePointer<UInt32>?) -> Result
  ) -> Result {
    guard let list else { return body(nil) }
    return unsafe list.withUnsafeBufferPointer { numbers in
      unsafe body(numbers.baseAddress.map { unsafe $0 + start })
    }
  }
}

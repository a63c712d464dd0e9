internal import CSpiderKernels

/// The wrappers of the C kernels that lay columns and add them up.
package enum Columns {
  /// Copies the windows `windows` (in the order of the output) of the channels `channels` into
  /// `columns`, (channels K K K) x windows.
  package static func columns(
    of volume: FloatSlice, _ s: ConvolutionShape, channels: Range<Int>, windows: Range<Int>,
    into columns: FloatSlice
  ) {
    check(s, channels, windows)
    let part = volume.part(channels.lowerBound * s.input.count, channels.count * s.input.count)
    var sizes = s.windows
    unsafe spider_vol2col(
      part.address(part.count), Int32(channels.count), &sizes, Int64(windows.lowerBound),
      Int64(windows.count), columns.mutableAddress(channels.count * s.kernel.count * windows.count))
  }

  /// The adjoint of `columns`: adds onto the planes `planes` of the volume and touches no others.
  package static func addColumns(
    _ columns: FloatSlice, _ s: ConvolutionShape, channels: Range<Int>, windows: Range<Int>,
    planes: Range<Int>, to volume: FloatSlice
  ) {
    precondition(
      planes.lowerBound >= 0 && planes.upperBound <= s.input.depth,
      "planes \(planes) of \(s.input.depth)")
    check(s, channels, windows)
    let part = volume.part(channels.lowerBound * s.input.count, channels.count * s.input.count)
    var sizes = s.windows
    unsafe spider_col2vol_add(
      columns.address(channels.count * s.kernel.count * windows.count), Int32(channels.count),
      &sizes, Int64(windows.lowerBound), Int64(windows.count), Int32(planes.lowerBound),
      Int32(planes.upperBound), part.mutableAddress(part.count))
  }

  private static func check(
    _ s: ConvolutionShape, _ channels: Range<Int>, _ windows: Range<Int>
  ) {
    precondition(
      channels.lowerBound >= 0 && channels.upperBound <= s.inputChannels
        && windows.lowerBound >= 0 && windows.upperBound <= s.output.count,
      "channels \(channels) of \(s.inputChannels), windows \(windows) of \(s.output.count)")
  }
}

extension ConvolutionShape {
  fileprivate var windows: spider_windows {
    spider_windows(
      size: input.triple, kernel: kernel.triple, stride: stride.triple, padding: padding.triple,
      output: output.triple)
  }
}

extension Extent3D {
  fileprivate var triple: (Int32, Int32, Int32) { (Int32(depth), Int32(height), Int32(width)) }
}

/// The start of a volume's planes that sums are then added to.
enum ChannelBias {
  /// Sets planes of some channels to the bias, or to zero without one; `adding`, adds it to them.
  static func begin(
    _ target: FloatSlice, _ extent: Extent3D, _ planes: Range<Int>, _ bias: FloatSlice?,
    channels: Range<Int>, adding: Bool
  ) {
    let plane = extent.height * extent.width
    for channel in channels {
      let own = target.part(
        channel * extent.count + planes.lowerBound * plane, planes.count * plane)
      if !adding {
        own.fill(bias?[channel] ?? 0)
      } else if let bias {
        Elements.addChannelBias(
          bias.part(channel, 1), to: own, count: own.count, stride: own.count)
      }
    }
  }
}

/// The cut of a convolution by columns: tiles of windows of one volume, and blocks of input channels
/// whose columns are made at a time. Fixed by the shape, so that results do not depend on the number of
/// workers.
struct ColumnTiling: Sendable {
  /// Windows of a tile.
  let width: Int
  /// Tiles of a volume.
  let count: Int
  /// Blocks of input channels.
  let blocks: [Range<Int>]
  /// Numbers of the columns of a block of a tile.
  let columns: Int
  private let windows: Int

  /// Half an L2 cache, in numbers.
  private static let columnCount = 128 * 1024
  /// Windows below which `sgemm` loses speed: then rather fewer channels.
  private static let narrow = 192
  /// Pieces that the backward passes over volumes aim at, to keep a handful of workers busy: blocks of
  /// input channels, which no two workers share, and where channels are few those are split further.
  static let pieces = 8

  /// The cut of the forward pass: all channels at once, where they fit.
  static func forward(_ s: ConvolutionShape) -> ColumnTiling {
    s.isPlanar
      ? ColumnTiling(rowsOf: s, block: s.inputChannels, columnCount: columnCount)
      : ColumnTiling(runsOf: s, block: s.inputChannels)
  }

  /// The cut of the backward passes. Of an image sixteen channels make products wide enough; of fewer
  /// than 32, halves, so that two workers have work even with one image.
  static func backward(_ s: ConvolutionShape) -> ColumnTiling {
    s.isPlanar
      ? ColumnTiling(
        rowsOf: s, block: min(16, (s.inputChannels + 1) / 2), columnCount: columnCount / 2)
      : ColumnTiling(runsOf: s, block: (s.inputChannels + pieces - 1) / pieces)
  }

  /// Tiles of whole rows of an image's output, at least one: rows are copied as they lie.
  private init(rowsOf s: ConvolutionShape, block: Int, columnCount: Int) {
    let row = s.output.width
    let rows = max(1, min(s.output.height, columnCount / (block * s.kernel.count * row)))
    self.init(s, block: block, width: rows * row)
  }

  /// Tiles of runs of windows of a volume.
  private init(runsOf s: ConvolutionShape, block: Int) {
    let width = min(
      s.output.count, max(Self.columnCount / (block * s.kernel.count), Self.narrow))
    self.init(
      s, block: min(block, max(1, Self.columnCount / (width * s.kernel.count))), width: width)
  }

  private init(_ s: ConvolutionShape, block: Int, width: Int) {
    self.width = width
    windows = s.output.count
    count = (windows + width - 1) / width
    blocks = stride(from: 0, to: s.inputChannels, by: block).map {
      $0..<min($0 + block, s.inputChannels)
    }
    columns = block * s.kernel.count * width
  }

  /// The windows of a tile.
  subscript(index: Int) -> Range<Int> { index * width..<min((index + 1) * width, windows) }
}

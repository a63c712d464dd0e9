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

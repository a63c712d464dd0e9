import SpiderTensor
import SpiderTestSupport
import Testing

/// Columns of windows of images and volumes, number by number.
@Suite struct ColumnKernelTests {
  private static func image(
    _ height: Int, _ width: Int, kernel: Int, stride: Int = 1, padding: Int
  ) -> ConvolutionShape {
    ConvolutionShape(
      inputChannels: 3, outputChannels: 1, height: height, width: width, kernel: kernel,
      stride: stride, padding: padding)
  }

  private static func volume(
    _ size: Extent3D, _ kernel: Int, _ stride: Int, _ padding: Int
  ) -> ConvolutionShape {
    ConvolutionShape(
      inputChannels: 3, outputChannels: 1, input: size, kernel: Extent3D(kernel),
      stride: Extent3D(stride), padding: Extent3D(padding))
  }

  static let shapes = [
    image(5, 7, kernel: 3, padding: 1), image(6, 33, kernel: 4, stride: 2, padding: 1),
    image(2, 3, kernel: 7, padding: 3), image(9, 35, kernel: 5, stride: 3, padding: 2),
    image(1, 1, kernel: 3, padding: 1), image(20, 130, kernel: 3, padding: 1),
    image(7, 64, kernel: 7, stride: 2, padding: 3),
    volume(Extent3D(depth: 3, height: 4, width: 7), 3, 1, 1),
    volume(Extent3D(depth: 4, height: 3, width: 33), 4, 2, 1),
    volume(Extent3D(depth: 2, height: 5, width: 18), 2, 2, 0),
    volume(Extent3D(depth: 5, height: 6, width: 11), 5, 3, 2),
    volume(Extent3D(depth: 1, height: 2, width: 3), 5, 1, 2),
    volume(Extent3D(1), 1, 1, 0),
  ]

  @Test(arguments: shapes) func columnsOfWindows(_ s: ConvolutionShape) {
    let (size, stride, padding) = (s.input, s.stride, s.padding)
    let kernel = [s.kernel.depth, s.kernel.height, s.kernel.width]
    var volume = randomValues(s.inputCount, seed: 1)
    volume[s.inputCount / 2] = .nan
    let (from, total) = (OddMemory(volume, offset: 1), s.output.count)
    // Windows that begin and end within a row, and within a plane.
    for windows in [0..<total, total / 3..<total, total / 5..<max(total / 5 + 1, total - 2)] {
      for channels in [0..<3, 1..<2] {
        let taps = channels.count * s.kernel.count
        func source(_ index: Int) -> (place: Int, plane: Int)? {
          let (tap, window) = (index / windows.count, windows.lowerBound + index % windows.count)
          let c = channels.lowerBound + tap / s.kernel.count
          let k = [
            tap / (kernel[1] * kernel[2]) % kernel[0], tap / kernel[2] % kernel[1],
            tap % kernel[2],
          ]
          let (height, width) = (s.output.height, s.output.width)
          let o = [window / (height * width), window / width % height, window % width]
          let p = [
            o[0] * stride.depth + k[0] - padding.depth,
            o[1] * stride.height + k[1] - padding.height,
            o[2] * stride.width + k[2] - padding.width,
          ]
          guard (0..<size.depth).contains(p[0]), (0..<size.height).contains(p[1]),
            (0..<size.width).contains(p[2])
          else { return nil }
          return (((c * size.depth + p[0]) * size.height + p[1]) * size.width + p[2], p[0])
        }
        let sources = (0..<taps * windows.count).map(source)
        let columns = OddMemory([Float](repeating: .nan, count: sources.count))
        Columns.columns(
          of: from.slice, s, channels: channels, windows: windows, into: columns.slice)
        #expect(same(columns.array, sources.map { $0.map { volume[$0.place] } ?? 0 }))

        let numbers = randomValues(sources.count, seed: 2)
        let before = randomValues(s.inputCount, seed: 3)
        for planes in [0..<size.depth, size.depth / 2..<size.depth] {
          let sums = OddMemory(before)
          Columns.addColumns(
            OddMemory(numbers, offset: 1).slice, s, channels: channels, windows: windows,
            planes: planes, to: sums.slice)
          var expected = before.map(Double.init)
          for (number, source) in zip(numbers, sources) {
            if let source, planes.contains(source.plane) {
              expected[source.place] += Double(number)
            }
          }
          expectClose(sums.array, expected, atol: 1e-5, "\(windows), planes \(planes)")
          #expect(sums.isIntact)
        }
        #expect(columns.isIntact)
      }
    }
  }
}

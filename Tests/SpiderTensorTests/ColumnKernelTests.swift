import SpiderTensor
import SpiderTestSupport
import Testing

/// Columns of windows of images and volumes, number by number.
@Suite struct ColumnKernelTests {
  static let images = [
    ConvolutionShape(
      inputChannels: 2, outputChannels: 1, height: 5, width: 7, kernel: 3, padding: 1),
    ConvolutionShape(
      inputChannels: 1, outputChannels: 1, height: 6, width: 33, kernel: 4, stride: 2, padding: 1),
    ConvolutionShape(
      inputChannels: 3, outputChannels: 1, height: 2, width: 3, kernel: 7, padding: 3),
    ConvolutionShape(
      inputChannels: 1, outputChannels: 1, height: 9, width: 35, kernel: 5, stride: 3, padding: 2),
    ConvolutionShape(
      inputChannels: 2, outputChannels: 1, height: 1, width: 1, kernel: 3, padding: 1),
  ]

  @Test(arguments: images) func columnsOfImages(_ s: ConvolutionShape) {
    var image = randomValues(s.inputCount, seed: 1)
    image[s.inputCount / 2] = .nan
    let from = OddMemory(image, offset: 1)
    for rows in [0..<s.outputHeight, s.outputHeight - 1..<s.outputHeight, 0..<1] {
      let pixels = rows.count * s.outputWidth
      /// Where in the image each number of the columns comes from; nil outside.
      let sources = (0..<s.taps * pixels).map { index -> Int? in
        let (tap, pixel) = (index / pixels, index % pixels)
        let (c, ky, kx) = (tap / (s.kernel * s.kernel), tap / s.kernel % s.kernel, tap % s.kernel)
        let y = (rows.lowerBound + pixel / s.outputWidth) * s.stride + ky - s.padding
        let x = pixel % s.outputWidth * s.stride + kx - s.padding
        guard (0..<s.height).contains(y), (0..<s.width).contains(x) else { return nil }
        return (c * s.height + y) * s.width + x
      }
      let columns = OddMemory([Float](repeating: .nan, count: sources.count))
      ImageKernels.im2col(from.slice, s, rows: rows, into: columns.slice)
      #expect(same(columns.array, sources.map { $0.map { image[$0] } ?? 0 }), "\(s), \(rows)")

      let numbers = randomValues(sources.count, seed: 2)
      let before = randomValues(s.inputCount, seed: 3)
      let sums = OddMemory(before)
      ImageKernels.addColumns(OddMemory(numbers, offset: 1).slice, s, rows: rows, to: sums.slice)
      var expected = before.map(Double.init)
      for (number, source) in zip(numbers, sources) {
        if let source { expected[source] += Double(number) }
      }
      expectClose(sums.array, expected, atol: 1e-5, "\(s), \(rows)")
      #expect(columns.isIntact && sums.isIntact)
    }
  }

  static let volumes: [(Extent3D, kernel: Int, stride: Int, padding: Int)] = [
    (Extent3D(depth: 3, height: 4, width: 7), 3, 1, 1),
    (Extent3D(depth: 4, height: 3, width: 33), 4, 2, 1),
    (Extent3D(depth: 2, height: 5, width: 18), 2, 2, 0),
    (Extent3D(depth: 5, height: 6, width: 11), 5, 3, 2),
    (Extent3D(depth: 1, height: 2, width: 3), 5, 1, 2),
    (Extent3D(1), 1, 1, 0),
  ]

  @Test(arguments: volumes)
  func columnsOfVolumes(_ size: Extent3D, kernel: Int, stride: Int, padding: Int) {
    let s = ConvolutionShape3D(
      inputChannels: 3, outputChannels: 1, input: size, kernel: Extent3D(kernel),
      stride: Extent3D(stride), padding: Extent3D(padding))
    var volume = randomValues(s.inputCount, seed: 1)
    volume[s.inputCount / 2] = .nan
    let (from, total) = (OddMemory(volume, offset: 1), s.output.count)
    // Windows that begin and end within a row, and within a plane.
    for windows in [0..<total, total / 3..<total, total / 5..<max(total / 5 + 1, total - 2)] {
      for channels in [0..<3, 1..<2] {
        let taps = channels.count * kernel * kernel * kernel
        func source(_ index: Int) -> (place: Int, plane: Int)? {
          let (tap, window) = (index / windows.count, windows.lowerBound + index % windows.count)
          let c = channels.lowerBound + tap / (kernel * kernel * kernel)
          let k = [tap / (kernel * kernel) % kernel, tap / kernel % kernel, tap % kernel]
          let (height, width) = (s.output.height, s.output.width)
          let o = [window / (height * width), window / width % height, window % width]
          let p = (0..<3).map { o[$0] * stride + k[$0] - padding }
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

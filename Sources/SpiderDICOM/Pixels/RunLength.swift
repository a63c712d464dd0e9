/// Run-length compression (PS3.5 G): each byte of each sample is a segment, the highest byte first.
enum RunLength {
  /// The bytes of a frame, sample by sample and pixel by pixel, high bytes first; nil when it is damaged.
  static func unpack(_ bytes: [UInt8], _ layout: PixelLayout) -> [UInt8]? {
    let width = layout.bitsAllocated / 8
    let count = layout.count
    guard bytes.count >= 64 else { return nil }
    func word(_ index: Int) -> Int {
      (0..<4).reduce(0) { $0 | Int(bytes[4 * index + $1]) << (8 * $1) }
    }
    let segments = word(0)
    // A run of 128 takes two bytes: nothing smaller can hold the frame.
    guard segments == layout.samples * width, bytes.count * 64 >= count * segments else {
      return nil
    }
    var result = [UInt8](repeating: 0, count: count * segments)
    for segment in 0..<segments {
      let start = word(segment + 1)
      let end = segment + 1 < segments ? word(segment + 2) : bytes.count
      guard start >= 64, start <= end, end <= bytes.count else { return nil }
      // Segment s is byte s mod width of sample s / width.
      let first = segment / width * count * width + segment % width
      guard unpack(bytes[start..<end], into: &result, from: first, step: width, count: count)
      else { return nil }
    }
    return result
  }

  /// Unpacks one segment to every `step`-th byte; false when it ends early.
  private static func unpack(
    _ bytes: ArraySlice<UInt8>, into result: inout [UInt8], from first: Int, step: Int, count: Int
  ) -> Bool {
    var (source, pixel) = (bytes.startIndex, 0)
    while pixel < count {
      guard source < bytes.endIndex else { return false }
      let control = Int(Int8(bitPattern: bytes[source]))
      source += 1
      if control >= 0 {
        let length = min(control + 1, count - pixel)
        guard source + control + 1 <= bytes.endIndex else { return false }
        for place in 0..<length { result[first + (pixel + place) * step] = bytes[source + place] }
        source += control + 1
        pixel += length
      } else if control > -128 {
        guard source < bytes.endIndex else { return false }
        let length = min(1 - control, count - pixel)
        for place in 0..<length { result[first + (pixel + place) * step] = bytes[source] }
        source += 1
        pixel += length
      }
    }
    return true
  }
}

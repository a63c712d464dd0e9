import SpiderTensor
internal import CSpiderKernels

/// The wrappers of the C kernels that work on points.
package enum PointKernels {
  /// The size of a channel-last map of features.
  package struct MapShape: Sendable {
    /// Rows.
    package var height: Int
    /// Columns.
    package var width: Int
    /// Features of a pixel.
    package var channels: Int

    /// States all of them.
    package init(height: Int, width: Int, channels: Int) {
      self.height = height
      self.width = width
      self.channels = channels
    }

    /// Numbers of the map.
    package var count: Int { height * width * channels }
  }

  /// Bilinear samples of a channel-last map at pixel positions (column, row), zero outside; point p's
  /// channels, times `scale`, are set or added at `out[p * stride ...]`.
  package static func samplePixels(
    _ map: FloatSlice, _ s: MapShape, at pixels: FloatSlice, scale: Float = 1,
    accumulate: Bool = false, into out: FloatSlice, stride: Int
  ) {
    let points = pixels.count / 2
    guard points > 0 else { return }
    unsafe spider_sample_pixels(
      map.address(s.count), Int32(s.height), Int32(s.width), Int32(s.channels),
      pixels.address(points * 2), Int64(points), scale, accumulate ? 1 : 0,
      out.address((points - 1) * stride + s.channels), Int64(stride))
  }

  /// The adjoint of `samplePixels`: adds onto the gradient of the map.
  package static func samplePixelsBackward(
    _ gradient: FloatSlice, stride: Int, _ s: MapShape, at pixels: FloatSlice, scale: Float = 1,
    addingTo map: FloatSlice
  ) {
    let points = pixels.count / 2
    guard points > 0 else { return }
    unsafe spider_sample_pixels_backward(
      gradient.address((points - 1) * stride + s.channels), Int64(stride), Int32(s.height),
      Int32(s.width), Int32(s.channels), pixels.address(points * 2), Int64(points), scale,
      map.address(s.count))
  }

  /// Fourier features of points: see `FourierCode`.
  package static func fourierCode(
    _ points: FloatSlice, octaves: Int, into out: FloatSlice, stride: Int
  ) {
    let count = points.count / 3
    guard count > 0 else { return }
    unsafe spider_fourier_code(
      points.address(count * 3), Int64(count), Int32(octaves),
      out.address((count - 1) * stride + 3 + 6 * octaves), Int64(stride))
  }

  /// Hash features of points: see `HashCode`.
  package static func hashCode(
    _ table: FloatSlice, resolutions: [Int32], tableSize: Int, features: Int,
    at points: FloatSlice, into out: FloatSlice, stride: Int
  ) {
    let count = points.count / 3
    guard count > 0 else { return }
    let levels = resolutions.count
    unsafe spider_hash_code(
      table.address(levels * tableSize * features), resolutions, Int32(levels), Int32(tableSize),
      Int32(features), points.address(count * 3), Int64(count),
      out.address((count - 1) * stride + levels * features), Int64(stride))
  }

  /// Adds the gradient of one level's hash table.
  package static func hashCodeBackward(
    _ gradient: FloatSlice, stride: Int, resolution: Int32, tableSize: Int, features: Int,
    at points: FloatSlice, addingTo table: FloatSlice
  ) {
    let count = points.count / 3
    guard count > 0 else { return }
    unsafe spider_hash_code_backward(
      gradient.address((count - 1) * stride + features), Int64(stride), resolution,
      Int32(tableSize), Int32(features), points.address(count * 3), Int64(count),
      table.address(tableSize * features))
  }
}

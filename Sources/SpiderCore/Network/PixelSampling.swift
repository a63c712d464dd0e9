import SpiderTensor
internal import CSpiderKernels

/// The size of a channel-last map of features.
package struct FeatureMapShape: Sendable {
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

/// The pixel-aligned sampling of a map of features.
package enum PixelSampling {
  /// Bilinear samples of a channel-last map at pixel positions (column, row), zero outside; point p's
  /// channels, times `scale`, are set or added at `out[p * stride ...]`.
  package static func forward(
    _ map: FloatSlice, _ s: FeatureMapShape, at pixels: FloatSlice, scale: Float = 1,
    accumulate: Bool = false, into out: FloatSlice, stride: Int
  ) {
    let points = pixels.count / 2
    guard points > 0 else { return }
    unsafe spider_sample_pixels(
      map.address(s.count), Int32(s.height), Int32(s.width), Int32(s.channels),
      pixels.address(points * 2), Int64(points), scale, accumulate ? 1 : 0,
      out.mutableAddress((points - 1) * stride + s.channels), Int64(stride))
  }

  /// The adjoint of `forward`: adds onto the gradient of the map.
  package static func backward(
    _ gradient: FloatSlice, stride: Int, _ s: FeatureMapShape, at pixels: FloatSlice,
    scale: Float = 1, addingTo map: FloatSlice
  ) {
    let points = pixels.count / 2
    guard points > 0 else { return }
    unsafe spider_sample_pixels_backward(
      gradient.address((points - 1) * stride + s.channels), Int64(stride), Int32(s.height),
      Int32(s.width), Int32(s.channels), pixels.address(points * 2), Int64(points), scale,
      map.mutableAddress(s.count))
  }
}

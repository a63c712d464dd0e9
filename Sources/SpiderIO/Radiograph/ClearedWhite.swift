import SpiderCore

/// The white of a picture that declares white transparent.
///
/// It is masked: on a scan of a film it is what lies beside the film. On a negative it is the open field, as
/// transparent black is on other X-rays, and then it counts. Only who says that a picture is a negative tells the two
/// apart.
struct ClearedWhite {
  /// Where the picture is white.
  var pixels: [Bool]
  /// The note that says that it is masked.
  let note: String

  /// A picture with its white, which is 1, counting.
  func counting(in radiograph: Radiograph) -> Radiograph {
    var result = radiograph
    for pixel in pixels.indices where pixels[pixel] {
      result.values[pixel] = 1
      result.mask?[pixel] = true
    }
    if result.mask?.contains(false) == false { result.mask = nil }
    return result
  }
}

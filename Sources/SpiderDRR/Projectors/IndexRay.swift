import SpiderImaging

/// The ray of one pixel in the voxel indices of a grid: `start + t * direction`, t in `from...to`.
struct IndexRay {
  /// Where t is 0: the source of a cone beam, the pixel of a parallel one.
  var start: Vector3
  /// Index steps for t = 1.
  var direction: Vector3
  /// The first t that counts: 0 at the source of a cone beam, minus infinity for a parallel one.
  var from: Double
  /// The last t that counts: the pixel.
  var to: Double
  /// World millimetres for t = 1.
  var length: Double
  /// The axis along which the index changes fastest.
  var mainAxis: Int

  /// The index position at t.
  func position(at t: Double) -> Vector3 { start + direction * t }
}

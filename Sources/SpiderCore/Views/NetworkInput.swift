import SpiderTensor

/// Makes the encoder's input of radiographs: the one place where training and use meet.
public enum NetworkImages {
  /// Radiographs of one size to images (V, 1, H, W) in the form a model is fed.
  ///
  /// - Throws: ``ViewError/emptyImage(index:)`` when a radiograph shows nothing, and
  ///   ``ViewError/notAbsolute(index:)`` when line integrals are needed and it holds none.
  package static func make(
    _ radiographs: [Radiograph], intensity: RadiographIntensity
  ) throws -> Tensor {
    guard let first = radiographs.first else { throw ViewError.count(given: 0, expected: 1) }
    let (h, w) = (first.geometry.rows, first.geometry.columns)
    var values: [Float] = []
    for (index, radiograph) in radiographs.enumerated() {
      precondition(
        radiograph.geometry.rows == h && radiograph.geometry.columns == w,
        "radiographs of different sizes")
      guard intensity == .relative || radiograph.intensity == .absolute else {
        throw ViewError.notAbsolute(index: index)
      }
      let fed = intensity == .relative ? radiograph.relative() : radiograph
      guard let low = fed.values.min(), let high = fed.values.max(), high > low else {
        throw ViewError.emptyImage(index: index)
      }
      values += fed.values
    }
    return Tensor([radiographs.count, 1, h, w], values)
  }
}

import SpiderTensor

/// Brings radiographs to the numbers that networks are fed: the one place where training and use meet.
public enum NetworkInput {
  /// The radiographs with their values in the form a model is fed, geometry and mask unchanged.
  ///
  /// - Parameter numbers: the radiographs' places among those the user gave, for errors; by default they
  ///   are in that order.
  /// - Throws: ``/SpiderImaging/ViewError/emptyImage(index:)`` when a radiograph shows nothing, and
  ///   ``/SpiderImaging/ViewError/notAbsolute(index:)`` when line integrals are needed and it holds none.
  public static func normalized(
    _ radiographs: [Radiograph], as intensity: RadiographIntensity, numbers: [Int]? = nil
  ) throws(ViewError) -> [Radiograph] {
    var result: [Radiograph] = []
    for (place, radiograph) in radiographs.enumerated() {
      let index = numbers?[place] ?? place
      guard intensity == .relative || radiograph.intensity == .absolute else {
        throw .notAbsolute(index: index)
      }
      let fed = intensity == .relative ? radiograph.relative() : radiograph
      guard let low = fed.values.min(), let high = fed.values.max(), high > low else {
        throw .emptyImage(index: index)
      }
      result.append(fed)
    }
    return result
  }

  /// Normalised radiographs of one size as images (V, 1, H, W).
  package static func tensor(_ normalized: [Radiograph]) -> Tensor {
    let rows = normalized.first?.geometry.rows ?? 0
    let columns = normalized.first?.geometry.columns ?? 0
    precondition(
      normalized.allSatisfy { $0.geometry.rows == rows && $0.geometry.columns == columns },
      "radiographs of different sizes")
    return Tensor([normalized.count, 1, rows, columns], normalized.flatMap(\.values))
  }

  /// Radiographs on a model's own detector to the images (V, 1, H, W) that it is fed.
  package static func make(
    _ radiographs: [Radiograph], intensity: RadiographIntensity
  ) throws(ViewError) -> Tensor {
    guard !radiographs.isEmpty else { throw .count(given: 0, expected: 1) }
    return tensor(try normalized(radiographs, as: intensity))
  }
}

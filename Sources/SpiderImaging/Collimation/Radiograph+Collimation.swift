extension Radiograph {
  /// The image with everything masked that a collimator or an electronic shutter hides, as far as
  /// its edges can be found: `CollimationFinder`. Without such edges the image itself.
  public func maskingCollimation() -> Radiograph {
    guard let visible = CollimationFinder.visiblePixels(of: self) else { return self }
    var result = self
    result.mask = visible.indices.map { visible[$0] && (mask?[$0] ?? true) }
    return result
  }
}

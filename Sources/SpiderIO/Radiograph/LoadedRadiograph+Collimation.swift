import SpiderCore

extension LoadedRadiograph {
  /// The radiograph with masked borders where a collimator or an electronic shutter left some, and a
  /// note that says how much went; see ``SpiderCore/Radiograph/maskingCollimation()``.
  public func maskingCollimation() -> LoadedRadiograph {
    let masked = radiograph.maskingCollimation()
    func hidden(_ image: Radiograph) -> Int { image.mask?.count { !$0 } ?? 0 }
    let more = hidden(masked) - hidden(radiograph)
    guard more > 0 else { return self }
    let share = max(1, (100 * Double(more) / Double(masked.values.count)).rounded())
    return LoadedRadiograph(
      radiograph: masked, sidecar: sidecar,
      notes: notes + ["collimated borders, \(Int(share)) % of the pixels, are masked"])
  }
}

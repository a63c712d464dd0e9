import SpiderTensor

extension SpiderNetwork {
  /// What the network answers for one point, by its definition and in double: the reference of the
  /// tests for gathering, coding and the MLP. Slow.
  ///
  /// - Parameters:
  ///   - point: canonical frame.
  ///   - pixels: where each view sees it, (column, row).
  ///   - features: the maps (H, W, F) of the views.
  /// - Returns: intensity in window units and the class scores.
  package func referenceAnswer(
    point: SIMD3<Double>, pixels: [SIMD2<Double>], features: [[Float]], height: Int, width: Int,
    _ parameters: ParameterArena
  ) -> (intensity: Double, logits: [Double]) {
    let views = zip(features, pixels).map { map, pixel in
      sample(map, at: pixel, height: height, width: width)
    }
    var x: [Double]
    switch architecture.pooling {
    case .concatenate: x = views.flatMap { $0 }
    case .mean:
      x = (0..<architecture.featuresPerView).map { f in
        views.reduce(0) { $0 + $1[f] } / Double(views.count)
      }
    }
    x += code.reference(point, parameters)
    for layer in decoder.hidden { x = layer.reference(x, parameters) }
    return (
      decoder.intensity.reference(x, parameters)[0], decoder.structure.reference(x, parameters)
    )
  }

  /// The bilinear value of every feature at a pixel position; a pixel outside the map counts as 0.
  private func sample(
    _ map: [Float], at pixel: SIMD2<Double>, height: Int, width: Int
  ) -> [Double] {
    let base = pixel.rounded(.down)
    let channels = architecture.featuresPerView
    var result = [Double](repeating: 0, count: channels)
    for (dc, dr) in [(0.0, 0.0), (1, 0), (0, 1), (1, 1)] {
      let (column, row) = (base.x + dc, base.y + dr)
      guard column >= 0, column < Double(width), row >= 0, row < Double(height) else { continue }
      let weight = (1 - abs(pixel.x - column)) * (1 - abs(pixel.y - row))
      for f in 0..<channels {
        result[f] += weight * Double(map[(Int(row) * width + Int(column)) * channels + f])
      }
    }
    return result
  }
}

extension Linear {
  /// One row by the definition, in double.
  func reference(_ x: [Double], _ parameters: ParameterArena) -> [Double] {
    let (w, b) = (parameters[weight].array, parameters[bias].array)
    return (0..<outputs).map { o in
      let sum = x.indices.reduce(Double(b[o])) { $0 + Double(w[o * inputs + $1]) * x[$1] }
      return relu ? max(0, sum) : sum
    }
  }
}

import SpiderImaging

/// What X-rays show: a point is shown where each of them has a pixel that is not masked.
struct ViewCoverage: Sendable {
  private let views: [(matrix: ProjectionMatrix, columns: Int, rows: Int, mask: [Bool]?)]

  init(_ radiographs: [Radiograph]) {
    views = radiographs.map {
      ($0.geometry.matrix, $0.geometry.columns, $0.geometry.rows, $0.mask)
    }
  }

  /// Whether there is nothing to look at.
  var isEmpty: Bool { views.isEmpty }

  /// Whether all of them show a point, world mm.
  func shows(_ point: Vector3) -> Bool {
    views.allSatisfy { view in
      let place = view.matrix.project(point)
      // NaN and infinity are not within.
      guard place.x >= -0.5, place.y >= -0.5, place.x < Double(view.columns) - 0.5,
        place.y < Double(view.rows) - 0.5
      else { return false }
      let (column, row) = (Int(place.x + 0.5), Int(place.y + 0.5))
      return view.mask?[row * view.columns + column] ?? true
    }
  }
}

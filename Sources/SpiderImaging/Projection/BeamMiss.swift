/// Why the rays of a geometry cannot meet a volume.
package enum BeamMiss: Equatable, Sendable, CustomStringConvertible {
  /// All of the volume lies behind the source.
  case behindSource
  /// All of the volume lies behind the detector.
  case behindDetector
  /// The volume's shadow falls beside the detector.
  case besideDetector

  /// The fault and its remedy.
  package var description: String {
    switch self {
    case .behindSource:
      return
        "the volume lies behind the source; check the signs of the source's and detector's positions"
    case .behindDetector:
      return "the volume lies behind the detector; put the detector on the other side of it"
    case .besideDetector:
      return
        "the volume's shadow falls beside the detector; check the isocentre and the detector's place"
    }
  }
}

extension ProjectionGeometry {
  /// Why no ray can meet a volume on a grid; nil when some may, by its corners.
  package func miss(of grid: VoxelGrid) -> BeamMiss? {
    let matrix = matrix
    let far = [grid.nx, grid.ny, grid.nz].map { Double($0) - 0.5 }
    let corners = (0..<8).map { bits in
      grid.worldPoint(
        bits & 1 == 0 ? -0.5 : far[0], bits & 2 == 0 ? -0.5 : far[1],
        bits & 4 == 0 ? -0.5 : far[2])
    }
    let depths: [Double]
    switch beam {
    case .cone:
      depths = corners.map(matrix.depth)
      if depths.allSatisfy({ $0 <= 0 }) { return .behindSource }
    case .parallel:
      // Along the rays, 1 at the detector.
      let normal = normalTowardsSource
      depths = corners.map { 1 - dot(normal, $0 - pixelOrigin) }
    }
    if depths.allSatisfy({ $0 > 1 }) { return .behindDetector }
    // With the source among the corners, the shadow has no bounds.
    guard depths.allSatisfy({ $0 > 0 }) || matrix.linear.2 == .zero else { return nil }
    let shadow = corners.map(matrix.project)
    let (columns, rows) = (shadow.map(\.x), shadow.map(\.y))
    func misses(_ places: [Double], _ count: Int) -> Bool {
      places.allSatisfy { $0 < -0.5 } || places.allSatisfy { $0 > Double(count) - 0.5 }
    }
    return misses(columns, self.columns) || misses(rows, self.rows) ? .besideDetector : nil
  }
}

import SpiderImaging
import SpiderSupport

/// Random cone-beam geometries for the tests of conversions and calibration.
enum GeometryScenes {
  static func vector(_ random: inout SeededGenerator, _ size: Double = 1) -> Vector3 {
    Vector3(random.normal(), random.normal(), random.normal()) * size
  }

  /// A detector with perpendicular, oblong pixels anywhere about an isocentre; mirrored or as seen from
  /// the source.
  static func arm(
    _ random: inout SeededGenerator, mirrored: Bool = false, parallel: Bool = false
  ) throws -> ProjectionGeometry {
    let isocenter = vector(&random, 40)
    let toSource = normalized(vector(&random))
    let column = normalized(cross(toSource, vector(&random)))
    // As seen from the source, columns x rows run as the rays do.
    let row = cross(-toSource, column) * (mirrored ? -1 : 1)
    let pixel = SIMD2(random.uniform(in: 0.2...2), random.uniform(in: 0.2...2))
    let counts = (64 + random.index(below: 100), 64 + random.index(below: 100))
    let source =
      isocenter + toSource * random.uniform(in: 600...1200) + vector(&random, 10)
    let principal = SIMD2(random.uniform(in: 20...100), random.uniform(in: 20...100))
    let sid = random.uniform(in: 1300...1900)
    return try ProjectionGeometry(
      beam: parallel ? .parallel(direction: -toSource) : .cone(source: source),
      pixelOrigin: source - toSource * sid - column * (principal.x * pixel.x)
        - row * (principal.y * pixel.y), columnStep: column * pixel.x, rowStep: row * pixel.y,
      columns: counts.0, rows: counts.1, isocenter: isocenter)
  }

  /// Points in a ball about a geometry's isocentre.
  static func points(
    _ count: Int, about center: Vector3, radius: Double, _ random: inout SeededGenerator
  ) -> [Vector3] {
    (0..<count).map { _ in
      center
        + Vector3(
          random.uniform(in: -radius...radius), random.uniform(in: -radius...radius),
          random.uniform(in: -radius...radius))
    }
  }

  /// All numbers of a geometry but the isocentre's.
  static func numbers(_ g: ProjectionGeometry) -> [Double] {
    let beam: Vector3
    switch g.beam {
    case .cone(let source): beam = source
    case .parallel(let direction): beam = direction
    }
    return [beam, g.pixelOrigin, g.columnStep, g.rowStep].flatMap { [$0.x, $0.y, $0.z] }
      + [Double(g.columns), Double(g.rows)]
  }
}

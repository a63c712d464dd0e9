import SpiderImaging
import SpiderSupport
import SpiderTestSupport
import Testing

@Suite struct GeometryCalibrationTests {
  private func pairs(
    _ geometry: ProjectionGeometry, _ count: Int, noise: Double = 0, radius: Double = 90,
    _ random: inout SeededGenerator
  ) -> [CalibrationPoint] {
    GeometryScenes.points(count, about: geometry.isocenter ?? .zero, radius: radius, &random).map {
      let error = noise > 0 ? SIMD2(random.normal(), random.normal()) * noise : .zero
      return CalibrationPoint(world: $0, pixel: geometry.project($0) + error)
    }
  }

  private func pixelSize(_ g: ProjectionGeometry) -> SIMD2<Double> {
    SIMD2(length(g.columnStep), length(g.rowStep))
  }

  @Test(arguments: [6, 7, 12, 100]) func exactPointsGiveTheGeometry(count: Int) throws {
    var random = SeededGenerator(seed: UInt64(count))
    for number in 0..<10 {
      let truth = try GeometryScenes.arm(&random, mirrored: number % 2 == 1)
      let points = pairs(truth, count, &random)
      let found = try GeometryCalibration(pixelSize: pixelSize(truth)).geometry(
        of: points, columns: truth.columns, rows: truth.rows, isocenter: truth.isocenter)
      #expect(found.rootMeanSquare < 1e-6)
      #expect(found.geometry.isocenter == truth.isocenter)
      // Six random points may lie badly: what 1e-12 of rounding becomes is bounded by the condition.
      expectClose(
        GeometryScenes.numbers(found.geometry), GeometryScenes.numbers(truth),
        atol: count == 6 ? 1e-3 : 1e-5, "geometry \(number)")
    }
  }

  /// Noise of half a pixel: the root mean square is that of the noise less what nine unknowns take up, and
  /// the true source lies within its standard errors, which shrink with the number of points.
  @Test func noisyPoints() throws {
    var random = SeededGenerator(seed: 90)
    let noise = 0.5
    var deviations: [Double] = []
    for number in 0..<40 {
      let truth = try GeometryScenes.arm(&random, mirrored: number % 2 == 1)
      let points = pairs(truth, 60, noise: noise, &random)
      let found = try GeometryCalibration(pixelSize: pixelSize(truth)).geometry(
        of: points, columns: truth.columns, rows: truth.rows)
      // Of 120 residuals with 9 unknowns; six standard deviations of a chi-square of 111.
      let expected = noise * (2.0 * 111 / 120).squareRoot()
      expectClose(found.rootMeanSquare, expected, rtol: 0.4, atol: 0)
      guard case .cone(let source) = truth.beam, case .cone(let place) = found.geometry.beam,
        let sid = truth.sourceToDetector, let distance = found.geometry.sourceToDetector,
        let principal = truth.principalPoint, let foot = found.geometry.principalPoint
      else {
        Issue.record("no cone beam")
        continue
      }
      for axis in 0..<3 {
        deviations.append((place[axis] - source[axis]) / found.sourceError[axis])
      }
      deviations.append((distance - sid) / found.sourceToDetectorError)
      for axis in 0..<2 {
        deviations.append((foot[axis] - principal[axis]) / found.principalPointError[axis])
      }
      // Within the points, the geometry is far better than any of its numbers.
      for point in GeometryScenes.points(
        20, about: truth.isocenter ?? .zero, radius: 60, &random)
      {
        let (a, b) = (truth.project(point), found.geometry.project(point))
        expectClose([b.x, b.y], [a.x, a.y], atol: 6 * noise / (60.0 / 9).squareRoot())
      }
    }
    // 240 deviations, correlated in sixes: unit variance to a few standard errors, none far out.
    let variance = deviations.reduce(0) { $0 + $1 * $1 } / Double(deviations.count)
    #expect(variance > 0.5 && variance < 1.7, "variance \(variance) of deviations in sigmas")
    #expect(deviations.allSatisfy { $0.magnitude < 5 })
  }

  /// Refining by the distance in pixels must beat the linear start, which minimises nothing physical.
  @Test func residualsAreStationary() throws {
    var random = SeededGenerator(seed: 14)
    let truth = try GeometryScenes.arm(&random)
    let points = pairs(truth, 15, noise: 1, &random)
    let size = pixelSize(truth)
    let found = try GeometryCalibration(pixelSize: size).geometry(
      of: points, columns: truth.columns, rows: truth.rows)
    func squares(_ g: ProjectionGeometry) -> Double {
      points.reduce(0) { sum, point in
        let d = g.project(point.world) - point.pixel
        return sum + (d * d).sum()
      }
    }
    let least = squares(found.geometry)
    #expect(least < squares(truth))
    guard case .cone(let source) = found.geometry.beam else { return }
    let g = found.geometry
    for axis in 0..<3 {
      for step in [-0.01, 0.01] {
        var other = source
        other[axis] += step
        let moved = try ProjectionGeometry(
          beam: .cone(source: other), pixelOrigin: g.pixelOrigin, columnStep: g.columnStep,
          rowStep: g.rowStep, columns: g.columns, rows: g.rows)
        #expect(squares(moved) > least)
        var shift = Vector3.zero
        shift[axis] = step
        let shifted = try ProjectionGeometry(
          beam: g.beam, pixelOrigin: g.pixelOrigin + shift, columnStep: g.columnStep,
          rowStep: g.rowStep, columns: g.columns, rows: g.rows)
        #expect(squares(shifted) > least)
      }
    }
  }

  @Test func flatPointsAreWarnedOf() throws {
    var random = SeededGenerator(seed: 77)
    let truth = try GeometryScenes.arm(&random)
    let n = truth.centralDirection
    let center = truth.isocenter ?? .zero
    // All but flat, across the ray: the distances can hardly be told.
    let points = pairs(truth, 20, noise: 0.5, &random).map { point in
      let flat = point.world - n * (0.98 * dot(point.world - center, n))
      let error = point.pixel - truth.project(point.world)
      return CalibrationPoint(world: flat, pixel: truth.project(flat) + error)
    }
    let found = try GeometryCalibration(pixelSize: pixelSize(truth)).geometry(
      of: points, columns: truth.columns, rows: truth.rows)
    #expect(found.warnings.contains { $0.contains("uncertain") }, "\(found.warnings)")
    let sound = try GeometryCalibration(pixelSize: pixelSize(truth)).geometry(
      of: pairs(truth, 20, &random), columns: truth.columns, rows: truth.rows)
    #expect(sound.warnings == [])
  }

  /// One pair of thirty that belongs to another point is named.
  @Test func wrongPairIsNamed() throws {
    var random = SeededGenerator(seed: 78)
    let truth = try GeometryScenes.arm(&random)
    var points = pairs(truth, 30, noise: 0.2, &random)
    points[11].pixel += SIMD2(9, -7)
    let found = try GeometryCalibration(pixelSize: pixelSize(truth)).geometry(
      of: points, columns: truth.columns, rows: truth.rows)
    #expect(found.worst.point == 11)
    #expect(found.warnings.contains { $0.contains("point 12") }, "\(found.warnings)")
  }

  @Test func pointsThatDetermineNothing() throws {
    var random = SeededGenerator(seed: 55)
    let truth = try GeometryScenes.arm(&random)
    let calibration = GeometryCalibration(pixelSize: pixelSize(truth))
    func error(_ points: [CalibrationPoint], _ c: GeometryCalibration) -> CalibrationError? {
      do {
        _ = try c.geometry(of: points, columns: 9, rows: 9)
      } catch { return error }
      return nil
    }
    func images(_ places: [Vector3]) -> [CalibrationPoint] {
      places.map { CalibrationPoint(world: $0, pixel: truth.project($0)) }
    }
    let places = GeometryScenes.points(20, about: truth.isocenter ?? .zero, radius: 80, &random)
    let sound = images(places)
    #expect(error(sound, calibration) == nil)
    #expect(error([], calibration) == .tooFewPoints(0))
    #expect(error(Array(sound[..<5]), calibration) == .tooFewPoints(5))
    var broken = sound
    broken[3].world.y = .nan
    #expect(error(broken, calibration) == .notFinite(point: 3))
    broken = sound
    broken[7].pixel.x = .infinity
    #expect(error(broken, calibration) == .notFinite(point: 7))
    // A plane, a line, one place.
    let tilted = normalized(Vector3(1, 2, 3))
    guard
      case .coplanar = error(images(places.map { $0 - tilted * dot($0, tilted) }), calibration)
    else {
      Issue.record("a plane was taken")
      return
    }
    let line = (0..<20).map { places[0] + (places[1] - places[0]) * Double($0) / 20 }
    #expect(error(images(line), calibration) == .degenerate)
    #expect(
      error([CalibrationPoint](repeating: sound[0], count: 20), calibration) == .degenerate)
    // Six points of which two coincide are five.
    #expect(error(Array(sound[..<5]) + [sound[4]], calibration) == .degenerate)
    #expect(error(sound.map { .init(world: $0.world, pixel: SIMD2(3, 4)) }, calibration) != nil)
    for size in [SIMD2(0.0, 1), SIMD2(1, -2), SIMD2(.nan, 1)] {
      guard case .badPixelSize = error(sound, GeometryCalibration(pixelSize: size)) else {
        Issue.record("pixels of \(size)")
        continue
      }
    }
  }
}

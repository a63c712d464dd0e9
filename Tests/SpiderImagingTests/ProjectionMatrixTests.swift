import SpiderImaging
import SpiderSupport
import SpiderTestSupport
import Testing

/// From matrices back to geometries.
@Suite struct ProjectionMatrixTests {
  private func scaled(_ matrix: ProjectionMatrix, by factor: Double) -> ProjectionMatrix {
    ProjectionMatrix(rows: matrix.rows.map { $0.map { $0 * factor } })
  }

  @Test func roundTrip() throws {
    var random = SeededGenerator(seed: 31)
    for number in 0..<40 {
      let geometry = try GeometryScenes.arm(&random, mirrored: number % 2 == 1)
      let center = geometry.isocenter ?? .zero
      let expected = GeometryScenes.numbers(geometry)
      let matrix = geometry.matrix
      let own = try matrix.geometry(
        columns: geometry.columns, rows: geometry.rows, scale: .asScaled)
      expectClose(GeometryScenes.numbers(own), expected, atol: 1e-8, "as scaled")
      // A matrix of any scale and sign is the same camera; a point that is seen tells the sign.
      for factor in [1e-6, -3.5, 1e7] {
        for scale in [
          DetectorScale.pixel(length(geometry.columnStep)),
          .sourceToDetector(geometry.sourceToDetector ?? 0),
        ] {
          let found = try scaled(matrix, by: factor).geometry(
            columns: geometry.columns, rows: geometry.rows, scale: scale, seen: center)
          expectClose(GeometryScenes.numbers(found), expected, atol: 1e-7, "\(factor), \(scale)")
        }
      }
    }
  }

  /// The textbook's camera: K (R | -R s) with focal length 1000 pixels, looking along +y from (0, -5, 0),
  /// its image's columns to the right (x) and its rows down (-z).
  @Test func textbookCamera() throws {
    let (f, c0, r0) = (1000.0, 320.0, 240.0)
    // c = c0 + f x / (y + 5), r = r0 - f z / (y + 5).
    let matrix = ProjectionMatrix(rows: [
      [f, c0, 0, 5 * c0], [0, r0, -f, 5 * r0], [0, 1, 0, 5],
    ])
    let geometry = try matrix.geometry(
      columns: 640, rows: 480, scale: .sourceToDetector(50))
    #expect(geometry.beam == .cone(source: Vector3(0, -5, 0)))
    // f pixels are 50 mm: pixels of 0.05 mm.
    #expect(length(geometry.columnStep - Vector3(0.05, 0, 0)) < 1e-12)
    #expect(length(geometry.rowStep - Vector3(0, 0, -0.05)) < 1e-12)
    expectClose(try #require(geometry.sourceToDetector), 50, atol: 1e-9)
    let principal = try #require(geometry.principalPoint)
    expectClose([principal.x, principal.y], [c0, r0], atol: 1e-9)
  }

  /// Skewed pixels survive: nothing is forced to be perpendicular.
  @Test func skewIsKept() throws {
    let skewed = try ProjectionGeometry(
      beam: .cone(source: Vector3(10, 900, 20)), pixelOrigin: Vector3(30, -500, 40),
      columnStep: Vector3(-1, 0.02, 0.1), rowStep: Vector3(0.05, 0, -1.3), columns: 9, rows: 9)
    let found = try skewed.matrix.geometry(
      columns: 9, rows: 9, scale: .pixel(length(skewed.columnStep)))
    expectClose(
      GeometryScenes.numbers(found), GeometryScenes.numbers(skewed), atol: 1e-8, "skewed")
  }

  @Test func whatHasNoSource() throws {
    func error(_ matrix: ProjectionMatrix, _ scale: DetectorScale = .pixel(1)) -> ConversionError? {
      do {
        _ = try matrix.geometry(columns: 9, rows: 9, scale: scale)
      } catch { return error }
      return nil
    }
    let parallel = try ViewSetup(isParallel: true).geometry(of: .pa).matrix
    #expect(error(parallel) == .singularMatrix)
    let row = [1.0, 2, 3, 4]
    #expect(error(ProjectionMatrix(rows: [row, row, [0, 0, 1, 0]])) == .singularMatrix)
    #expect(
      error(ProjectionMatrix(rows: [row, [0, 1, 0, .nan], [0, 0, 1, 0]]))
        == .notFinite(form: "the 3x4 matrix"))
    let sound = try ViewSetup().geometry(of: .pa).matrix
    #expect(error(sound) == nil)
    #expect(error(sound, .pixel(0)) == .badValue(name: "the pixel size", value: 0))
    #expect(error(sound, .sourceToDetector(-5)) == .badValue(name: "SID", value: -5))
  }
}

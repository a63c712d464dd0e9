import Foundation
import SpiderImaging
import SpiderSupport
import SpiderTestSupport
import Testing

struct ProjectionGeometryTests {
  private static func vector(_ generator: inout SeededGenerator, _ size: Double) -> Vector3 {
    Vector3(generator.normal(), generator.normal(), generator.normal()) * size
  }

  /// Random geometries with skewed, anisotropic pixels.
  private static func random(_ generator: inout SeededGenerator, cone: Bool) throws
    -> ProjectionGeometry
  {
    let direction = normalized(vector(&generator, 1))
    let source = vector(&generator, 50) - direction * 900
    let column =
      normalized(cross(direction, vector(&generator, 1))) * generator.uniform(in: 0.5...3)
    let row = cross(direction, column) * generator.uniform(in: 0.5...2) + column * 0.2
    let size = (generator.index(below: 60) + 4, generator.index(below: 60) + 4)
    return try ProjectionGeometry(
      beam: cone ? .cone(source: source) : .parallel(direction: direction * 3),
      pixelOrigin: direction * 400 - column * Double(size.0 / 2) - row * Double(size.1 / 2),
      columnStep: column, rowStep: row, columns: size.0, rows: size.1)
  }

  @Test(arguments: [true, false]) func pointsOnARayProjectToItsPixel(cone: Bool) throws {
    var generator = SeededGenerator(seed: cone ? 1 : 2)
    for _ in 0..<20 {
      let geometry = try Self.random(&generator, cone: cone)
      let matrix = geometry.matrix
      for _ in 0..<20 {
        let column = generator.uniform(in: -5...70)
        let row = generator.uniform(in: -5...70)
        let pixel = geometry.pixelCenter(column: column, row: row)
        let ray = geometry.rayDirection(column: column, row: row)
        expectClose(length(ray), 1, atol: 1e-12)
        for distance in [0.0, 100, 700] {
          let found = matrix.project(pixel - ray * distance)
          expectClose([found.x, found.y], [column, row], atol: 1e-8, "pixel")
        }
      }
    }
  }

  /// The table of the conventions, written out.
  @Test func namedViewsFollowTheTable() throws {
    let table: [(String, Vector3, Vector3)] = [
      ("pa", Vector3(0, -1, 0), Vector3(-1, 0, 0)), ("ap", Vector3(0, 1, 0), Vector3(-1, 0, 0)),
      ("left", Vector3(1, 0, 0), Vector3(0, -1, 0)), ("right", Vector3(-1, 0, 0), Vector3(0, 1, 0)),
      ("0", Vector3(0, 1, 0), Vector3(-1, 0, 0)), ("90", Vector3(-1, 0, 0), Vector3(0, -1, 0)),
      ("180", Vector3(0, -1, 0), Vector3(1, 0, 0)), ("270", Vector3(1, 0, 0), Vector3(0, 1, 0)),
    ]
    let isocenter = Vector3(7, -11, 13)
    for (name, source, column) in table {
      let view = try #require(NamedView(name))
      let geometry = try ViewSetup().geometry(of: view, isocenter: isocenter)
      guard case .cone(let focus) = geometry.beam else {
        Issue.record("\(name) is no cone beam")
        continue
      }
      #expect(length(focus - isocenter - source * 1000) < 1e-9)
      #expect(length(geometry.columnStep - column * 3.6) < 1e-9)
      #expect(length(geometry.rowStep - Vector3(0, 0, -3.6)) < 1e-9)
      let center = geometry.project(isocenter)
      expectClose([center.x, center.y], [63.5, 63.5], atol: 1e-9, name)
      // 1500 / 1000 magnification: 10 mm along the column direction are 15 / 3.6 pixels.
      let moved = geometry.project(isocenter + column * 10 + Vector3(0, 0, 20))
      expectClose([moved.x, moved.y], [63.5 + 15 / 3.6, 63.5 - 30 / 3.6], atol: 1e-9, name)
    }
  }

  @Test func anyGantryAngleIsARightHandedView() throws {
    for degrees in stride(from: -400.0, through: 400, by: 37) {
      let view = NamedView.gantry(degrees: degrees)
      // Seen from the source: columns x rows point away from the viewer, into the patient.
      let normal = cross(view.columnDirection, view.rowDirection)
      #expect(length(normal + view.sourceDirection) < 1e-12)
    }
  }

  @Test func impossibleGeometriesAreRefused() {
    func error(_ body: () throws -> Void) -> GeometryError? {
      do { try body() } catch { return error as? GeometryError }
      return nil
    }
    func make(_ beam: Beam, _ column: Vector3, _ columns: Int) throws(GeometryError) {
      _ = try ProjectionGeometry(
        beam: beam, pixelOrigin: .zero, columnStep: column, rowStep: Vector3(0, 0, -1),
        columns: columns, rows: 4)
    }
    let x = Vector3(1, 0, 0)
    let cone = Beam.cone(source: Vector3(0, -9, 0))
    #expect(error { try make(cone, x, 0) } == .noPixels(columns: 0, rows: 4))
    #expect(error { try make(cone, Vector3(0, 0, 2), 4) } == .degenerateDetector)
    #expect(error { try make(cone, Vector3(.nan, 0, 0), 4) } == .notFinite)
    #expect(error { try make(.parallel(direction: .zero), x, 4) } == .zeroDirection)
    #expect(error { try make(.parallel(direction: x), x, 4) } == .raysAlongDetector)
    #expect(
      error { _ = try ViewSetup(sourceToAxis: 900, sourceToDetector: 800).geometry(of: .pa) }
        == .badDistances(sourceToAxis: 900, sourceToDetector: 800))
  }
}

/// The mirror image of a setup sees the mirror image of the world.
@Suite struct MirroringTests {
  private let setup = ViewSetup(sourceToAxis: 900, sourceToDetector: 1300)
  private let center = Vector3(14, -9, 30)

  @Test(arguments: [NamedView.pa, .left, .gantry(degrees: 31)])
  func mirroredPointsFallOnTheSamePixels(_ view: NamedView) throws {
    for isParallel in [false, true] {
      var setup = setup
      setup.isParallel = isParallel
      let geometry = try setup.geometry(of: view, isocenter: center)
      let mirrored = try geometry.mirrored(atX: -3)
      for point in [Vector3(1, 2, 3), Vector3(-60, 41, 77), center] {
        let a = geometry.project(point)
        let b = mirrored.project(Vector3(-6 - point.x, point.y, point.z))
        #expect(abs(a.x - b.x) < 1e-9 && abs(a.y - b.y) < 1e-9)
      }
      #expect(mirrored != geometry)
      #expect(try mirrored.mirrored(atX: -3) == geometry)
    }
  }

  @Test func voxelsKeepTheirNumbers() {
    let grid = VoxelGrid(
      nx: 4, ny: 5, nz: 6,
      affine: Affine(
        columns: (Vector3(1, 0.2, 0), Vector3(-0.2, 1, 0), Vector3(0, 0, 2)),
        translation: Vector3(10, 20, 30)))
    let mirrored = grid.mirrored(atX: 12)
    let (a, b) = (grid.worldPoint(3, 1, 5), mirrored.worldPoint(3, 1, 5))
    #expect(abs(a.x + b.x - 24) < 1e-12 && a.y == b.y && a.z == b.z)
  }
}

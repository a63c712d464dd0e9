import SpiderImaging
import SpiderSupport
import SpiderTestSupport
import Testing

/// Volumes that no ray meets, refined detectors, and what is read off a geometry.
@Suite struct BeamMissTests {
  private let grid = VoxelGrid.canonical(size: 8, side: 100)

  @Test(arguments: [false, true]) func whyNothingIsSeen(parallel: Bool) throws {
    let setup = ViewSetup(isParallel: parallel)
    func miss(_ isocenter: Vector3) throws -> BeamMiss? {
      try setup.geometry(of: .ap, isocenter: isocenter).miss(of: grid)
    }
    #expect(try miss(.zero) == nil)
    // The detector lies 500 mm behind the isocentre; 51 mm more and all of the volume is behind it.
    #expect(try miss(Vector3(0, 551, 0)) == .behindDetector)
    #expect(try miss(Vector3(0, 545, 0)) == nil)
    #expect(try miss(Vector3(400, 0, 0)) == .besideDetector)
    #expect(try miss(Vector3(0, 0, -400)) == .besideDetector)
    if !parallel {
      #expect(try miss(Vector3(0, -1051, 0)) == .behindSource)
      #expect(try miss(Vector3(0, -1000, 0)) == nil)
    }
    // A corner of the shadow is enough.
    let reach = parallel ? 230.4 + 49 : (230.4 + 1) / 1.5 + 49
    #expect(try miss(Vector3(reach - 20, 0, 0)) == nil)
  }

  @Test func finerPixelsCoverTheSameDetector() throws {
    var random = SeededGenerator(seed: 6)
    let coarse = try GeometryScenes.arm(&random)
    let fine = try coarse.refined(by: 3)
    #expect((fine.columns, fine.rows) == (coarse.columns * 3, coarse.rows * 3))
    // The first corner, and a pixel's middle is that of its middle part.
    #expect(
      length(
        fine.pixelCenter(column: -0.5, row: -0.5) - coarse.pixelCenter(column: -0.5, row: -0.5))
        < 1e-9)
    #expect(
      length(fine.pixelCenter(column: 16, row: 4) - coarse.pixelCenter(column: 5, row: 1)) < 1e-9)
    #expect(try coarse.refined(by: 1) == coarse)
  }

  @Test(arguments: [(0.0, 0.0), (37, 12), (359, -30), (180, 5), (270, 89)])
  func anglesAndDistances(gantry: Double, tilt: Double) throws {
    let geometry = try ViewSetup().geometry(
      of: .gantry(degrees: gantry), isocenter: Vector3(4, 5, 6), tiltDegrees: tilt)
    expectClose([geometry.gantryDegrees, geometry.tiltDegrees], [gantry, tilt], atol: 1e-8)
    expectClose(try #require(geometry.sourceToAxis), 1000, atol: 1e-9)
    expectClose(try #require(geometry.sourceToDetector), 1500, atol: 1e-9)
    let parallel = try ViewSetup(isParallel: true).geometry(
      of: .gantry(degrees: gantry), tiltDegrees: tilt)
    expectClose([parallel.gantryDegrees, parallel.tiltDegrees], [gantry, tilt], atol: 1e-8)
    #expect(parallel.sourceToAxis == nil)
    // Mirrored columns are the same place.
    expectClose(
      try geometry.flipped(columns: true, rows: false).gantryDegrees, gantry, atol: 1e-8)
  }
}

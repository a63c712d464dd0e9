import SpiderImaging
import Testing

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

import SpiderCore
import SpiderTestSupport
import SpiderTraining
import Testing

@Suite struct DeformationTests {
  private let grid = VoxelGrid(
    nx: 20, ny: 23, nz: 17, affine: Affine(scale: Vector3(4, 5, 6), translation: .zero))

  @Test func warpingAgreesWithItsDefinition() throws {
    var random = SeededGenerator(seed: 2)
    let deformation = try #require(Deformation(deviation: 6, grid: grid, &random))
    let volume = Volume(grid: grid, values: randomValues(grid.count, seed: 3))
    let warped = deformation.warped(volume)
    // Where a place lies within rounding of the border, 0 and the border's value are both right.
    let expected = deformation.referenceWarped(volume)
    let differing = zip(warped, expected).filter { abs(Double($0) - $1) > 1e-4 }.count
    #expect(differing <= 3, "\(differing) of \(grid.count) voxels differ")
    #expect(warped != volume.values)
  }

  /// A linear volume shows the displacement itself: warped - original = gradient . d.
  @Test func displacementsMoveWhatTheySay() throws {
    var random = SeededGenerator(seed: 5)
    let deformation = try #require(Deformation(deviation: 3, grid: grid, &random))
    var ramp = Volume(grid: grid, repeating: 0)
    for index in 0..<grid.count { ramp.values[index] = Float(grid.voxel(at: index).x) + 100 }
    let warped = ramp.withValues(deformation.warped(ramp))
    let places = [Vector3(8, 9, 7), Vector3(10, 12, 9)]
    let moved = deformation.displacements(at: places)
    for (place, displacement) in zip(places, moved) {
      let value = warped[Int(place.x), Int(place.y), Int(place.z)]
      expectClose(Double(value) - 100 - place.x, displacement.x, atol: 1e-4)
    }
    #expect(moved.contains { abs($0.x) > 0.05 })
    #expect(Deformation(deviation: 0, grid: grid, &random) == nil)
  }
}

import SpiderImaging
import Testing

/// What a volume and a label map answer at a point of the world.
@Suite struct WorldPointTests {
  /// Voxels of 2, 3 and 4 mm, x to the left and y to the back, as scanners store them.
  private let grid = VoxelGrid(
    nx: 4, ny: 3, nz: 2,
    affine: Affine(
      columns: (Vector3(-2, 0, 0), Vector3(0, -3, 0), Vector3(0, 0, 4)),
      translation: Vector3(10, 20, 30)))

  @Test func aVolumeAnswersInWorldMillimetres() {
    // The CT number is x + 10 y + 100 z of the voxel's world point, which interpolation gives back.
    let volume = Volume(
      grid: grid,
      values: (0..<grid.count).map { index in
        let p = grid.worldPoint(of: index)
        return Float(p.x + 10 * p.y + 100 * p.z)
      })
    for point in [Vector3(10, 20, 30), Vector3(4, 14, 34), Vector3(7.5, 18.5, 33)] {
      let expected = Float(point.x + 10 * point.y + 100 * point.z)
      #expect(abs((volume.hounsfield(at: point) ?? .nan) - expected) < 1e-2, "\(point)")
    }
    // Half a voxel further out it is still the outer voxel's; beyond, nobody knows.
    #expect(volume.hounsfield(at: Vector3(10.9, 20, 30)) == volume[0, 0, 0])
    #expect(volume.hounsfield(at: Vector3(11.1, 20, 30)) == nil)
    #expect(volume.hounsfield(at: Vector3(10, 20, 27.9)) == nil)
    #expect(volume.hounsfield(at: Vector3(.nan, 20, 30)) == nil)
  }

  @Test func aLabelMapAnswersWithTheVoxelThatHoldsThePoint() {
    var labels = LabelVolume(grid: grid, repeating: 0)
    labels[3, 0, 1] = 7
    #expect(labels.label(at: Vector3(4, 20, 34)) == 7)
    #expect(labels.label(at: Vector3(4.9, 21.4, 32.1)) == 7, "within half a voxel")
    #expect(labels.label(at: Vector3(5.1, 20, 34)) == 0, "its neighbour")
    #expect(labels.label(at: Vector3(2.9, 20, 34)) == nil, "beyond the grid")
  }
}

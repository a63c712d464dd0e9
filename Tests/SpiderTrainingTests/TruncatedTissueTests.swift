import SpiderCore
import SpiderDRR
import SpiderEvaluation
import SpiderPhantom
import SpiderSupport
import SpiderTestSupport
import SpiderTraining
import Testing

/// Pixels whose rays leave the scan through tissue, against the projector's own answer.
@Suite struct TruncatedTissueTests {
  /// A head whose scan ends in an oblique cut through the vault, and in the cube's bottom.
  private func head() -> (ct: Volume, labels: LabelVolume) {
    var (ct, labels) = HeadPhantom(seed: 2).render(on: .canonical(size: 64))
    for index in 0..<ct.grid.count {
      let voxel = ct.grid.voxel(at: index)
      if voxel.z + voxel.y / 4 > 60 {
        (ct.values[index], labels.values[index]) = (-1000, LabelScheme.outsideScan)
      }
    }
    return (ct, labels)
  }

  private func posed(_ grid: VoxelGrid, seed: UInt64) -> VoxelGrid {
    var random = SeededGenerator(seed: seed)
    let axis = normalized(Vector3(random.normal(), random.normal(), random.normal()))
    var map = Affine.rotation(angle: 0.15, axis: axis)
    if seed == 3 { map.columns.0 = -map.columns.0 }
    map.translation = Vector3(10, -15, 5)
    return VoxelGrid(nx: 64, ny: 64, nz: 64, affine: map.composed(with: grid.affine))
  }

  /// Every ray through an exit voxel is masked, and no pixel that lies farther from one than three pixels.
  @Test(arguments: [UInt64(1), 2, 3]) func theShadowOfTheExitsIsMasked(_ seed: UInt64) throws {
    let (ct, labels) = head()
    let exit = TruncatedTissue(ct: ct, labels: labels)
    #expect(exit.voxels.count > 300)
    var random = SeededGenerator(seed: seed)
    let deformation = Deformation(deviation: 4, grid: ct.grid, &random)
    var marked = Volume(grid: ct.grid, repeating: 0)
    for voxel in exit.voxels { marked.values[Int(voxel)] = 1 }
    let grid = posed(ct.grid, seed: seed)
    for view in [NamedView.pa, .left] {
      let geometry = try ViewSetup().geometry(of: view)
      for change in [nil, deformation] {
        let values = change?.warped(marked) ?? marked.values
        let shadow = JosephProjector().forward(Volume(grid: grid, values: values), geometry)
        let mask = try #require(
          exit.mask(
            geometry, grid: grid, carry: change.map { change in { change.carried($0, rounds: 3) } })
        )
        // A ray that passes most of a voxel (4 mm) or more: the projector's interpolation reaches into the
        // voxels beside, and the deformation stretches some: one in a hundred may be missed.
        let dark = shadow.indices.filter { shadow[$0] > 3 }
        let missed = dark.count { mask[$0] }
        #expect(missed <= dark.count / 100, "\(missed) of \(dark.count) pixels")
        let columns = geometry.columns
        let needless = mask.indices.count { index in
          guard !mask[index] else { return false }
          let (c, r) = (index % columns, index / columns)
          for row in max(0, r - 3)...min(geometry.rows - 1, r + 3) {
            for column in max(0, c - 3)...min(columns - 1, c + 3)
            where shadow[row * columns + column] > 0 { return false }
          }
          return true
        }
        #expect(needless == 0, "\(needless) pixels")
      }
    }
  }

  /// A patient who is in the scan whole has no exits; one in air that the scan ends in has none either.
  @Test func aWholePatientHasNoExit() throws {
    let grid = VoxelGrid.canonical(size: 32)
    var ct = Volume(grid: grid, repeating: -1000)
    var labels = LabelVolume(grid: grid, repeating: 0)
    for index in 0..<grid.count {
      let voxel = grid.voxel(at: index)
      let p = grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
      if length(p) < 80 { (ct.values[index], labels.values[index]) = (0, 1) }
      if p.z > 100 { labels.values[index] = LabelScheme.outsideScan }
    }
    let exit = TruncatedTissue(ct: ct, labels: labels)
    #expect(exit.voxels.isEmpty)
    #expect(exit.mask(try ViewSetup().geometry(of: .pa), grid: grid) == nil)
  }
}

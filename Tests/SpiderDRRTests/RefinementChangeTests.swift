import SpiderCore
import SpiderDRR
import SpiderTestSupport
import Testing

/// What refinement changed, carried over to other voxels.
@Suite struct RefinementChangeTests {
  private let grid = VoxelGrid.canonical(size: 16, side: 64)

  private func volume(_ grid: VoxelGrid, _ value: (Vector3) -> Double) -> Volume {
    Volume(
      grid: grid,
      values: (0..<grid.count).map { index in
        let (i, rest) = (index % grid.nx, index / grid.nx)
        let place = Vector3(Double(i), Double(rest % grid.ny), Double(rest / grid.ny))
        return Float(value(grid.affine.apply(place)))
      })
  }

  /// A change that is linear in space: trilinear interpolation knows it exactly.
  private func linear(_ p: Vector3) -> Double { 3 * p.x - 2 * p.y + p.z + 7 }

  private func change(emptied: Mask? = nil) -> RefinementChange {
    let answer = volume(grid) { 100 + $0.y }
    var refined = volume(grid) { 100 + $0.y + linear($0) }
    for voxel in emptied?.values.indices ?? 0..<0 where emptied?.values[voxel] == true {
      refined.values[voxel] = -1000
    }
    return RefinementChange(
      from: answer,
      to: Refinement.Result(ct: refined, iterations: 5, views: [], emptied: emptied))
  }

  @Test func onItsOwnGridItIsTheRefinement() {
    let (ct, emptied) = change().applied(to: volume(grid) { 100 + $0.y })
    let expected = volume(grid) { 100 + $0.y + linear($0) }
    for (a, b) in zip(ct.values, expected.values) { expectClose(Double(a), Double(b), atol: 1e-3) }
    #expect(emptied == nil)
  }

  /// Finer, coarser and turned voxels within the field.
  @Test func aLinearChangeIsCarriedExactly() {
    let turned = VoxelGrid(
      nx: 7, ny: 5, nz: 9,
      affine: Affine(
        columns: (Vector3(0.6, 0.8, 0), Vector3(-0.8, 0.6, 0), Vector3(0, 0, 1.3)),
        translation: Vector3(-3, 2, -5)))
    let grids = [
      VoxelGrid(nx: 9, ny: 11, nz: 7, boxFrom: Vector3(-9, 2, -11), to: Vector3(4, 13, 5)),
      VoxelGrid(nx: 3, ny: 2, nz: 4, boxFrom: Vector3(-24, -16, -24), to: Vector3(24, 16, 24)),
      turned,
    ]
    for grid in grids {
      let (ct, _) = change().applied(to: volume(grid) { _ in 50 })
      let expected = volume(grid) { 50 + linear($0) }
      for (a, b) in zip(ct.values, expected.values) {
        expectClose(Double(a), Double(b), atol: 1e-3)
      }
    }
  }

  @Test func whichSlicesComeTogetherDoesNotShow() {
    let fine = VoxelGrid(nx: 9, ny: 11, nz: 7, boxFrom: Vector3(-9, 2, -11), to: Vector3(4, 13, 5))
    let emptied = Mask(
      grid: grid, values: volume(grid) { $0.x < 0 ? 1 : 0 }.values.map { $0 == 1 })
    let (change, answer) = (change(emptied: emptied), volume(fine) { 20 + $0.x })
    let whole = change.applied(to: answer)
    var (values, empty) = ([Float](), [Bool]())
    for slices in [0..<1, 1..<5, 5..<7] {
      let plane = fine.nx * fine.ny
      let part = change.applied(
        to: Array(answer.values[slices.lowerBound * plane..<slices.upperBound * plane]),
        slices: slices, of: fine)
      values += part.hounsfield
      empty += part.emptied ?? []
    }
    #expect(values == whole.ct.values)
    #expect(empty == whole.emptied?.values)
  }

  /// What was emptied is air there, and no neighbour is drawn down with it.
  @Test func emptiedVoxelsAreAirAndPullNobodyDown() {
    let emptied = Mask(
      grid: grid, values: volume(grid) { $0.x < 0 ? 1 : 0 }.values.map { $0 == 1 })
    let fine = VoxelGrid(nx: 20, ny: 4, nz: 4, boxFrom: Vector3(-20, -4, -4), to: Vector3(20, 4, 4))
    let (ct, empty) = change(emptied: emptied).applied(to: volume(fine) { _ in 50 })
    let places = volume(fine) { $0.x }.values
    for (x, (hu, isEmpty)) in zip(places, zip(ct.values, empty?.values ?? [])) {
      #expect(isEmpty == (x < 0))
      // The change is at least -100 in this box.
      #expect(x < 0 ? hu == -1000 : hu > -50, "\(x): \(hu)")
    }
  }

  /// Air that is certain stays, as does what lies beyond the volume; nothing falls below -1000.
  @Test func certainAirAndWhatLiesBeyondStay() {
    let beyond = VoxelGrid(nx: 4, ny: 1, nz: 1, boxFrom: Vector3(26, -2, -2), to: Vector3(42, 2, 2))
    let (ct, _) = change().applied(to: volume(beyond) { _ in 50 })
    #expect(ct.values.suffix(2) == [50, 50])
    #expect(ct.values.prefix(1) != [50])
    #expect(change().applied(to: volume(grid) { _ in -1000 }).ct.values.allSatisfy { $0 == -1000 })
    let low = change().applied(to: volume(grid) { _ in -990 }).ct.values
    #expect(low.allSatisfy { $0 >= -1000 } && low.contains(-1000))
  }
}

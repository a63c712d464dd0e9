import Foundation
import SpiderImaging
import SpiderSupport
import SpiderTestSupport
import Testing

struct VolumeResamplingTests {
  /// A 12 x 10 x 8 grid, turned by an angle about an oblique axis.
  private static func grid(angle: Double = 0, spacing: Vector3 = Vector3(1, 1.5, 2)) -> VoxelGrid {
    let turn = Affine.rotation(angle: angle, axis: normalized(Vector3(1, 1, 2)))
    return VoxelGrid(
      nx: 12, ny: 10, nz: 8,
      affine: turn.composed(with: Affine(scale: spacing, translation: Vector3(-6, -7, -8))))
  }

  private static func ramp(_ grid: VoxelGrid) -> Volume {
    Volume(
      grid: grid,
      values: (0..<grid.count).map { index in
        let v = grid.voxel(at: index)
        return ramp(grid.worldPoint(Double(v.x), Double(v.y), Double(v.z)))
      })
  }

  private static func ramp(_ p: Vector3) -> Float { Float(100 + 3 * p.x - 2 * p.y + p.z) }

  private static func noise(_ grid: VoxelGrid, seed: UInt64) -> Volume {
    var generator = SeededGenerator(seed: seed)
    return Volume(
      grid: grid, values: (0..<grid.count).map { _ in Float(generator.uniform(in: -1000...2000)) })
  }

  @Test(arguments: [0, 0.4]) func aRampStaysARampWhereTheTargetIsFiner(angle: Double) {
    let source = Self.ramp(Self.grid(angle: angle))
    // Well inside the source: at the edge the outer half voxels hold the edge's value.
    let target = VoxelGrid(
      nx: 9, ny: 9, nz: 9, boxFrom: Vector3(-2, -2, -2), to: Vector3(2, 2.2, 2.5))
    let result = source.resampled(onto: target, outside: -1)
    expectClose(result.values, Self.ramp(target).values, atol: 1e-3, "ramp")
  }

  @Test(arguments: [0, 0.4]) func aConstantStaysConstantAndTheOutsideIsMarked(angle: Double) {
    let source = Volume(grid: Self.grid(angle: angle), repeating: 77)
    for size in [4, 9, 40] {
      let target = VoxelGrid.canonical(size: size, side: 40, center: Vector3(0, 0, 1))
      let result = source.resampled(onto: target, outside: -5)
      let covered = target.coverage(by: source.grid)
      #expect(result.values.contains(-5) && covered.population > 0)
      expectClose(result.values, covered.values.map { $0 ? 77 : -5 }, atol: 1e-3)
    }
  }

  /// Grids with the same axes have a way of their own, which is the plain one.
  @Test(arguments: [
    Vector3(0.5, 0.5, 0.5), Vector3(1, 2, 3), Vector3(2.7, 0.9, 4.2), Vector3(-2, 1.5, -3),
  ])
  func labelsAreThoseOfTheMajority(_ ratio: Vector3) {
    var generator = SeededGenerator(seed: 11)
    let grid = VoxelGrid(
      nx: 12, ny: 9, nz: 10,
      affine: Affine(scale: Vector3(1.5, 2, 1), translation: Vector3(-7, 3, 20)))
    let kinds: [UInt8] = [0, 1, 1, 2, 254, 255]
    let labels = LabelVolume(
      grid: grid, values: (0..<grid.count).map { _ in kinds[Int(generator.next() % 6)] })
    let corner = grid.worldPoint(ratio.x < 0 ? 13 : -2, -1.3, ratio.z < 0 ? 11.5 : -0.5)
    let target = VoxelGrid(
      nx: 11, ny: 10, nz: 9,
      affine: Affine(scale: Vector3(1.5, 2, 1) * ratio, translation: corner))
    let result = labels.resampled(onto: target, outside: 9)
    #expect(result == labels.resampledPlainly(onto: target, outside: 9))
    #expect(Set(result.values).isSuperset(of: [0, 1, 9]) && result.values.count == 990)
  }

  /// A ratio of 10^6 an axis: the samples are capped, the mean of what is covered stays.
  @Test func absurdRatiosTakeBoundedWork() {
    let turn = Affine.rotation(angle: 0.4, axis: normalized(Vector3(1, 1, 2)))
    let grid = VoxelGrid(
      nx: 3, ny: 3, nz: 3, affine: turn.composed(with: Affine(scale: Vector3(1, 1, 1) * 1e-6)))
    let target = VoxelGrid(
      nx: 1, ny: 1, nz: 1, affine: Affine(scale: Vector3(1, 1, 1), translation: grid.center))
    let volume = Volume(grid: grid, repeating: 77)
    expectClose(volume.resampled(onto: target, outside: 0).values, [77], atol: 1e-4)
    let labels = LabelVolume(grid: grid, repeating: 3)
    #expect(labels.resampled(onto: target).values == [3])
  }

  @Test func boxAveragingConservesTheMean() {
    let source = Self.noise(Self.grid(), seed: 3)
    let (low, high) = source.grid.bounds
    // 5 x 7 x 3 voxels over the same box: no ratio is a whole number.
    let target = VoxelGrid(nx: 5, ny: 7, nz: 3, boxFrom: low, to: high)
    let result = source.resampled(onto: target, outside: 0)
    func mean(_ v: Volume) -> Double {
      v.values.reduce(0) { $0 + Double($1) } / Double(v.values.count)
    }
    expectClose(mean(result), mean(source), atol: 1e-2)
  }

  @Test func aWholeRatioAveragesExactlyTheVoxelsInside() {
    let source = Self.noise(Self.grid(), seed: 4)
    let (low, high) = source.grid.bounds
    let target = VoxelGrid(nx: 4, ny: 5, nz: 2, boxFrom: low, to: high)
    let expected = (0..<target.count).map { index -> Double in
      let t = target.voxel(at: index)
      var sum = 0.0
      for k in 0..<4 {
        for j in 0..<2 {
          for i in 0..<3 { sum += Double(source[3 * t.x + i, 2 * t.y + j, 4 * t.z + k]) }
        }
      }
      return sum / 24
    }
    expectClose(source.resampled(onto: target, outside: 0).values, expected, atol: 1e-3, "boxes")
    // The general path, which samples, agrees where ratios are whole numbers.
    expectClose(
      source.supersampledReference(onto: target, outside: 0).values, expected, atol: 1e-3,
      "supersampled")
  }

  @Test func theOrientationOfTheSourceDoesNotMatter() {
    let source = Self.noise(Self.grid(), seed: 5)
    let target = VoxelGrid.canonical(size: 7, side: 20)
    let expected = source.resampled(onto: target, outside: -9).values
    for orientation in Orientation.all {
      let result = source.reoriented(to: orientation).resampled(onto: target, outside: -9)
      expectClose(result.values, expected, atol: 1e-2, orientation.description)
    }
  }

  @Test func separableAndGeneralPathsAgreeWhenInterpolating() {
    let source = Self.noise(Self.grid(), seed: 6)
    let target = VoxelGrid.canonical(size: 25, side: 22)
    expectClose(
      source.resampled(onto: target, outside: -9).values,
      source.supersampledReference(onto: target, outside: -9).values, atol: 1e-2)
  }

  @Test func oneVoxelAndOneSliceWork() {
    let one = Volume(
      grid: VoxelGrid(nx: 1, ny: 1, nz: 1, affine: Affine(scale: Vector3(4, 4, 4))), repeating: 3)
    let target = VoxelGrid.canonical(size: 4, side: 8)
    let result = one.resampled(onto: target, outside: 0)
    #expect(result.values.filter { $0 == 3 }.count == 8)
    #expect(result[0, 0, 0] == 0 && result[1, 2, 1] == 3)
  }

  @Test func labelsGoByMajorityAndTiesToTheSmallerValue() {
    let grid = VoxelGrid(nx: 4, ny: 2, nz: 2, affine: .identity)
    // Left cell: five 3 against three 1. Right cell: four 255 against four 2.
    let labels: [UInt8] = [3, 3, 255, 2, 3, 1, 255, 2, 3, 1, 2, 255, 3, 1, 2, 255]
    let (low, high) = grid.bounds
    let half = VoxelGrid(nx: 2, ny: 1, nz: 1, boxFrom: low, to: high)
    #expect(LabelVolume(grid: grid, values: labels).resampled(onto: half).values == [3, 2])
    let finer = VoxelGrid(nx: 8, ny: 4, nz: 4, boxFrom: low, to: high)
    let fine = LabelVolume(grid: grid, values: labels).resampled(onto: finer)
    for index in fine.values.indices {
      let v = finer.voxel(at: index)
      #expect(fine.values[index] == labels[grid.index(v.x / 2, v.y / 2, v.z / 2)])
    }
    let moved = VoxelGrid(
      nx: 4, ny: 2, nz: 2, affine: Affine(scale: Vector3(1, 1, 1), translation: Vector3(3, 0, 0)))
    let shifted = LabelVolume(grid: grid, values: labels).resampled(onto: moved)
    #expect(Array(shifted.values[0..<4]) == [2, 254, 254, 254])
  }
}

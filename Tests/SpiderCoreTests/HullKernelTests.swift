import SpiderCore
import SpiderSupport
import SpiderTestSupport
import Testing

/// The kernels of the visual hull against their definition in double.
@Suite struct HullKernelTests {
  /// A detector of 9 x 6 pixels, about half of them air.
  private static let map: HullKernels.AirMap = {
    var random = SeededGenerator(seed: 5)
    var pixels = [UInt8](repeating: 0, count: 11 * 8)
    for row in 1...6 {
      for column in 1...9 { pixels[row * 11 + column] = random.uniform() < 0.5 ? 1 : 0 }
    }
    return HullKernels.AirMap(columns: 9, rows: 6, pixels: pixels)
  }()

  /// A perspective that sees the slice's edges beyond the detector's.
  private static func projection(nx: Int, ny: Int) -> HullKernels.SliceProjection {
    let (w, dw) = (1.1, Vector3(0.2 / Double(max(1, nx)), -0.15 / Double(max(1, ny)), 0))
    return HullKernels.SliceProjection(
      start: Vector3(-1.3, -1.1, w), stepI: Vector3(13.7 / Double(nx), 0.31 / Double(nx), dw.x),
      stepJ: Vector3(0.17 / Double(ny), 9.3 / Double(ny), dw.y))
  }

  /// 1 where the nearest pixel is air; nil within rounding of the border between two pixels.
  private func expected(_ p: HullKernels.SliceProjection, i: Int, j: Int) -> UInt8? {
    let place = p.start + Double(i) * p.stepI + Double(j) * p.stepJ
    guard place.z > 0 else { return 0 }
    let (u, v) = (place.x / place.z, place.y / place.z)
    for x in [u, v] where abs((x - 0.5).rounded() - (x - 0.5)) < 1e-4 { return nil }
    let (column, row) = (u.rounded(), v.rounded())
    guard (0..<9).contains(column), (0..<6).contains(row) else { return 0 }
    return Self.map.pixels[(Int(row) + 1) * 11 + Int(column) + 1]
  }

  /// Lengths that leave rests to vectors, and lines longer than the 512 voxels of a piece.
  @Test(arguments: OddMemory.counts + [511, 513, 1100], [1, 3])
  func marksFollowTheNearestPixel(nx: Int, ny: Int) {
    let projection = Self.projection(nx: nx, ny: ny)
    var culled = [UInt8](repeating: 0, count: nx * ny)
    HullKernels.markAir(Self.map, projection, nx: nx, ny: ny, in: &culled)
    for index in culled.indices {
      if let mark = expected(projection, i: index % nx, j: index / nx) {
        #expect(culled[index] == mark, "voxel \(index)")
      }
    }
    // (The first line lies beyond the detector.)
    if nx > 30 && ny > 1 { #expect(culled.contains(1) && culled.contains(0)) }
    // Marks of another view stay.
    var marked = (0..<nx * ny).map { UInt8($0 % 3 == 0 ? 1 : 0) }
    HullKernels.markAir(Self.map, projection, nx: nx, ny: ny, in: &marked)
    #expect(marked == culled.enumerated().map { $0.offset % 3 == 0 ? 1 : $0.element })
  }

  /// Behind the source, in its plane, and where nothing is a number, no voxel is taken away.
  @Test(arguments: [-1, 0, .nan]) func noDoubtTakesAVoxelAway(w: Double) {
    var air = Self.map.pixels
    for row in 1...6 { for column in 1...9 { air[row * 11 + column] = 1 } }
    let map = HullKernels.AirMap(columns: 9, rows: 6, pixels: air)
    let middle = HullKernels.SliceProjection(
      start: Vector3(4 * w, 3 * w, w), stepI: .zero, stepJ: .zero)
    var culled = [UInt8](repeating: 0, count: 35)
    HullKernels.markAir(map, middle, nx: 35, ny: 1, in: &culled)
    #expect(culled.allSatisfy { $0 == 0 })
    let lost = HullKernels.SliceProjection(
      start: Vector3(.nan, 3, 1), stepI: .zero, stepJ: .zero)
    HullKernels.markAir(map, lost, nx: 35, ny: 1, in: &culled)
    #expect(culled.allSatisfy { $0 == 0 })
    let seen = HullKernels.SliceProjection(start: Vector3(4, 3, 1), stepI: .zero, stepJ: .zero)
    HullKernels.markAir(map, seen, nx: 35, ny: 1, in: &culled)
    #expect(culled.allSatisfy { $0 == 1 })
  }

  @Test(arguments: [0] + OddMemory.counts) func theListHoldsTheUnmarked(_ count: Int) {
    var random = SeededGenerator(seed: 3)
    for share in [0, 0.3, 1] {
      let culled = (0..<count).map { _ in UInt8(random.uniform() < share ? 1 : 0) }
      let list = culled.indices.filter { culled[$0] == 0 }.map { UInt32($0 + 1000) }
      #expect(HullKernels.unmarked(culled, first: 1000) == list)
    }
  }
}

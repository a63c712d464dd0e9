import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderTestSupport
import Testing

/// The golden numbers are printed by Tests/Generators/core_metrics.py (scikit-image 0.26, scipy).
struct MetricsTests {
  private static let goldens = ProcessInfo.processInfo.environment["SPIDER_GOLDENS"]
  private static let isRequired =
    ProcessInfo.processInfo.environment["SPIDER_REQUIRE_DATA"] == "1"
  private static let shape = SIMD3(13, 11, 9)
  /// The generator's recipe, in whole numbers.
  private static let a: [Float] = (0..<1287).map { Float(($0 * 7919) % 3001 - 1000) }
  private static let b: [Float] = (0..<1287).map { n in
    min(2000, max(-1000, a[n] + Float((n * 104_729) % 401 - 200)))
  }

  @Test func imageMetricsAgreeWithScikitImage() throws {
    let similarity = StructuralSimilarity(Self.a, Self.b, shape: Self.shape)
    // The map is kept in Float: 1e-6.
    expectClose(try #require(similarity.mean()), 0.991427644112115, atol: 1e-6, "ssim")
    expectClose(try #require(ImageMetrics.psnr(Self.a, Self.b)), 28.404881426920245, atol: 1e-9)
    expectClose(
      try #require(ImageMetrics.meanAbsoluteError(Self.a, Self.b)), 98.15617715617715, atol: 1e-9)
    let (x, y) = (Self.a.map { $0 + 0.7 }, Self.b.map { $0 + 0.2 })
    // HU + 0.7 is rounded to Float here and not there: 1e-7 relative in the values.
    expectClose(
      try #require(ImageMetrics.cosineSimilarity(x, y)), 0.9981060613789803, atol: 1e-8, "cosine")
    expectClose(
      try #require(ImageMetrics.psnrX2CTConvention(x, y)), 31.94318630005914, atol: 1e-9, "x2ct")
  }

  @Test func runningSumsEqualTheDefinition() throws {
    let reference = try #require(
      StructuralSimilarity.reference(Self.a, Self.b, shape: Self.shape))
    let fast = StructuralSimilarity(Self.a, Self.b, shape: Self.shape)
    expectClose(try #require(fast.mean()), reference, atol: 1e-6)
    let same = StructuralSimilarity(Self.a, Self.a, shape: Self.shape)
    expectClose(try #require(same.mean()), 1, atol: 1e-6)
    #expect(StructuralSimilarity([0], [0], shape: SIMD3(1, 1, 1)).mean() == nil)
  }

  @Test func windowsThatHoldAnExcludedVoxelDoNotCount() throws {
    var known = [Bool](repeating: true, count: 1287)
    var b = Self.a
    b[(4 * 11 + 5) * 13] = 2000  // x = 0: only windows centred at x = 3 see it
    known[(4 * 11 + 5) * 13] = false
    let all = try #require(StructuralSimilarity(Self.a, b, shape: Self.shape).mean())
    let without = try #require(
      StructuralSimilarity(Self.a, b, shape: Self.shape, known: known).mean())
    #expect(all < 0.99999)
    expectClose(without, 1, atol: 1e-6)
    let nothing = StructuralSimilarity(
      Self.a, b, shape: Self.shape, known: [Bool](repeating: false, count: 1287))
    #expect(nothing.mean() == nil)
  }

  @Test func smallExamplesByHand() {
    // Errors 0, 3, 4 and one that is not counted.
    let (a, b): ([Float], [Float]) = ([0, 0, 0, 0], [0, 3, -4, 99])
    let counted = [true, true, true, false]
    #expect(ImageMetrics.meanSquaredError(a, b, counted: counted) == 25.0 / 3)
    #expect(ImageMetrics.meanAbsoluteError(a, b, counted: counted) == 7.0 / 3)
    #expect(ImageMetrics.psnr(a, a) == 100)
    #expect(ImageMetrics.psnr(a, b, counted: [false, false, false, false]) == nil)
    #expect(ImageMetrics.clipped([-3000, 5, 9000, .nan]) == [-1000, 5, 2000, -1000])
    #expect(ImageMetrics.x2ctUnits([-2000, -1000.5, 0.9, 3000]) == [0, 23, 1024, 2500])
    #expect(ImageMetrics.cosineSimilarity([-1024], [0]) == nil)
    // 4.29 dB for nothing: one unit of error against a peak of 4095.
    #expect(ImageMetrics.psnrX2CTConvention([0], [1]) == 20 * log10(4095))
    #expect(OverlapMetrics.dice([true, true, false], [true, false, false]) == 2.0 / 3)
    #expect(OverlapMetrics.dice([false], [false]) == nil)
  }

  @Test func surfacesAgreeWithScipy() throws {
    let grid = VoxelGrid(nx: 22, ny: 24, nz: 20, affine: Affine(scale: Vector3(1.5, 1, 2)))
    func ellipsoid(_ center: Vector3, _ radii: Vector3) -> Mask {
      Mask(
        grid: grid,
        values: (0..<grid.count).map { index in
          let v = grid.voxel(at: index)
          let d = (Vector3(Double(v.x), Double(v.y), Double(v.z)) - center) / radii
          return dot(d, d) <= 1
        })
    }
    let p = ellipsoid(Vector3(10, 12, 9), Vector3(7, 8, 6))
    let q = ellipsoid(Vector3(11, 11, 10), Vector3(6, 9, 6))
    let distances = try #require(SurfaceDistances(p, q))
    expectClose(distances.hausdorff95, 3.0, atol: 1e-6)
    expectClose(distances.averageSymmetric, 1.3484750730445203, atol: 1e-6)
    expectClose(
      try #require(OverlapMetrics.dice(p.values, q.values)), 0.7960088691796009, atol: 1e-12)
    #expect(SurfaceDistances(p, Mask(grid: grid, repeating: false)) == nil)
    #expect(SurfaceDistances(p, p)?.averageSymmetric == 0)
    // The transform knows spacings only: on sheared axes there is no answer.
    let columns = grid.affine.columns
    let sheared = VoxelGrid(
      nx: 22, ny: 24, nz: 20,
      affine: Affine(
        columns: (columns.0, columns.1 + Vector3(0.3, 0, 0), columns.2), translation: .zero))
    let skewed = Mask(grid: sheared, values: p.values)
    #expect(SurfaceDistances(skewed, skewed) == nil)
  }

  /// The figures of X2CT-GAN's own test script; needs the golden vectors.
  @Test(.enabled(if: goldens != nil || isRequired, "SPIDER_GOLDENS is not set"))
  func x2ctConventionAgreesWithThePublishedScript() throws {
    let folder = try #require(Self.goldens, "SPIDER_GOLDENS is not set")
    let file = URL(fileURLWithPath: folder).appendingPathComponent("metrics/inputs.safetensors")
    let data = try Data(contentsOf: file)
    let header = (0..<8).reduce(0) { $0 | Int(data[$1]) << (8 * $1) }
    // Two arrays of 20 x 24 x 28 float32, "fake" then "real", in [0, 1] but for fake's overshoot.
    let count = 20 * 24 * 28
    let floats = (0..<(2 * count)).map { n -> Float in
      let at = 8 + header + 4 * n
      let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(data[at + $1]) << (8 * $1) }
      return min(1, max(0, Float(bitPattern: bits)))
    }
    let hu = floats.map { $0 * 2500 - 1024 }
    let (fake, real) = (Array(hu[..<count]), Array(hu[count...]))
    // Truncation of values that were rounded once more: a unit here and there.
    expectClose(
      try #require(ImageMetrics.psnrX2CTConvention(fake, real)), 37.316247839617844, atol: 0.005)
    expectClose(
      try #require(ImageMetrics.cosineSimilarity(fake, real)), 0.9999084390827158, atol: 1e-7)
  }
}

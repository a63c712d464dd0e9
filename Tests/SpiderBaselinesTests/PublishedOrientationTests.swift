import SpiderBaselines
import SpiderCore
import SpiderDRR
import SpiderTestSupport
import Testing

/// Three dots at places that no turn or mirror maps onto each other: where they are in the published
/// volume, there they must be in the published images.
@Suite struct PublishedOrientationTests {
  static let side = 24
  let grid = VoxelGrid.canonical(size: side, side: 240)
  let dots = [Vector3(60, 20, 70), Vector3(-30, 60, 10), Vector3(20, -50, -40)]

  func phantom() -> Volume {
    Volume(
      grid: grid,
      values: (0..<grid.count).map { index in
        let v = grid.voxel(at: index)
        let point = grid.worldPoint(Double(v.x), Double(v.y), Double(v.z))
        return dots.contains { length($0 - point) < 18 } ? 2000 : -1000
      })
  }

  func radiograph(_ view: NamedView) throws -> Radiograph {
    let setup = ViewSetup(
      pixelSize: SIMD2(10, 10), columns: Self.side, rows: Self.side, isParallel: true)
    return DigitalRadiograph().make(ct: phantom(), geometry: try setup.geometry(of: view))
  }

  /// The eight turns and mirror images of a square image; the first is the image itself.
  func symmetries(_ values: [Float]) -> [[Float]] {
    let n = Self.side
    return (0..<8).map { kind in
      (0..<n * n).map { index in
        var (row, column) = (index / n, index % n)
        if kind & 1 != 0 { column = n - 1 - column }
        if kind & 2 != 0 { row = n - 1 - row }
        if kind & 4 != 0 { (row, column) = (column, row) }
        return values[row * n + column]
      }
    }
  }

  func correlation(_ a: [Float], _ b: [Float]) -> Double {
    func centred(_ x: [Float]) -> [Double] {
      let mean = x.reduce(0.0) { $0 + Double($1) } / Double(x.count)
      return x.map { Double($0) - mean }
    }
    let (x, y) = (centred(a), centred(b))
    func product(_ p: [Double], _ q: [Double]) -> Double {
      zip(p, q).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return product(x, y) / (product(x, x) * product(y, y)).squareRoot()
  }

  @Test(arguments: [NamedView.pa, .ap, .left, .right])
  func imagesLieOnTheVolumesTheyAreOf(_ name: NamedView) throws {
    let view: PublishedOrientation.View =
      name == .pa || name == .ap ? .frontal : .lateral
    let image = try PublishedOrientation.published.image(radiograph(name), as: view).values
    let stored = PublishedOrientation.published.stored(phantom()).values
    let n = Self.side
    // Rows along D; columns along W with H summed up, or along H with W summed up.
    var sums = [Float](repeating: 0, count: n * n)
    for d in 0..<n {
      for h in 0..<n {
        for w in 0..<n {
          sums[d * n + (view == .frontal ? w : h)] += stored[(d * n + h) * n + w] + 1000
        }
      }
    }
    let correlations = symmetries(image).map { correlation($0, sums) }
    #expect(correlations[0] > 0.9, "\(correlations)")
    #expect(correlations.dropFirst().allSatisfy { $0 < 0.7 }, "\(correlations)")
  }

  @Test func storageRunsFromTheHeadFromTheFrontFromTheRight() {
    let stored = PublishedOrientation.published.stored(phantom())
    // The first dot: 60 mm right, 20 anterior, 70 superior; voxels of 10 mm.
    let (d, h, w) = (12 - 7, 12 - 2, 12 - 6)
    #expect(stored.values[(d * 24 + h) * 24 + w] == 2000)
    #expect(PublishedOrientation.published.volume(stored.values, on: grid) == phantom())
  }

  /// PerX2CT's own cameras see the dots where its images show them.
  @Test(arguments: [NamedView.pa, .left])
  func camerasOfPerX2CTSeeTheDots(_ name: NamedView) throws {
    let view: PublishedOrientation.View = name == .pa ? .frontal : .lateral
    let camera: PublishedCamera = name == .pa ? .pa : .lateral
    let n = Self.side
    let image = PublishedOrientation.perX2CT(
      try PublishedOrientation.published.image(radiograph(name), as: view).values, side: n, as: view
    )
    // Flat dots in the plane through the isocentre, where the published scale is right: what is tested
    // is which way axes run. The camera sees half a side at column 0.5 / tan 30 degrees.
    let scores = symmetries(image).map { turned in
      dots.reduce(0.0) { sum, dot in
        let (d, h, w) = (-dot.z / 240, -dot.y / 240, -dot.x / 240)
        let seen = camera.project(
          name == .pa ? Vector3(d, 0, w) : Vector3(d, h, 0))
        let scale = 0.5773502691896258
        let column = (seen.column * scale + 0.5) * Double(n) - 0.5
        let row = (seen.row * scale + 0.5) * Double(n) - 0.5
        return sum + Double(turned[Int(row.rounded()) * n + Int(column.rounded())])
      }
    }
    #expect(scores[0] > 0, "\(scores)")
    #expect(scores.dropFirst().allSatisfy { $0 < 0.7 * scores[0] }, "\(scores)")
  }

  @Test func refusesOtherViews() throws {
    let pa = try radiograph(.pa)
    #expect(throws: BaselineError.otherView(wanted: "lateral")) {
      try PublishedOrientation.published.image(pa, as: .lateral)
    }
  }
}

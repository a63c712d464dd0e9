import Foundation
import SpiderCore
import SpiderSupport
import SpiderTestSupport
import Testing

/// The hull of a ball of water, whose shadow is known in closed form.
@Suite struct VisualHullBallTests {
  private let radius = 80.0
  private let pixel = 2.4
  private let tolerance = PoseTolerance(shift: 2, turnDegrees: 1)

  /// The X-ray of a ball: path lengths times 0.0193/mm, and noise.
  private func ball(
    _ view: NamedView, center: Vector3 = .zero, setup: ViewSetup = ViewSetup(),
    noise: Double = 0.01, seed: UInt64 = 1
  ) throws -> Radiograph {
    var random = SeededGenerator(seed: seed)
    let geometry = try setup.geometry(of: view)
    let values = (0..<geometry.count).map { index -> Float in
      let (column, row) = (Double(index % geometry.columns), Double(index / geometry.columns))
      let offset = geometry.pixelCenter(column: column, row: row) - center
      let along = geometry.rayDirection(column: column, row: row)
      let distance = length(offset - along * dot(offset, along))
      let path = 2 * max(0, radius * radius - distance * distance).squareRoot()
      return Float(0.0193 * path + noise * random.normal())
    }
    return Radiograph(geometry: geometry, values: values)
  }

  private func hull(_ radiographs: [Radiograph]) -> VisualHull {
    VisualHull(radiographs, pixel: pixel, isocenter: .zero, side: 256, tolerance: tolerance)
  }

  /// How far the ray through a point passes from the origin, mm, seen from a source.
  private func miss(_ point: Vector3, from source: Vector3) -> Double {
    let along = normalized(point - source)
    return length(source - along * dot(source, along))
  }

  /// Points of the ball stay; those whose rays pass it by more than all margins together do not.
  @Test(arguments: [(128, 0.0), (128, 0.02), (512, 0.02), (64, 0.02), (32, 0.0)])
  func theShadowIsAsLargeAsItShouldBe(size: Int, noise: Double) throws {
    let own = 460.8 / Double(size)
    let setup = ViewSetup(pixelSize: SIMD2(own, own), columns: size, rows: size)
    let center = Vector3(10, -5, 8)
    let views = try [NamedView.pa, .left].map {
      try ball($0, center: center, setup: setup, noise: noise)
    }
    let hull = hull(views)
    #expect(hull.viewCount == 2)
    let grid = VoxelGrid.canonical(size: 40)
    let prepared = hull.prepared(for: grid)
    // Two pixels or half a diagonal, the pose at the far corner, and 2 pixels for finding and rounding;
    // magnification differs by up to 30 % between the middle and the nearest corner.
    let pixels = max(pixel, own / 1.5)
    let margin = max(2 * pixels, 3.2 * 3.0.squareRoot()) + 2 + 222 * Double.pi / 180
    let largest = 1.3 * margin + 3 * pixels
    var culled = 0
    for index in 0..<grid.count {
      let voxel = grid.voxel(at: index)
      let point = grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
      let kept = prepared.contains(point)
      if !kept { culled += 1 }
      if length(point - center) <= radius + 5 { #expect(kept, "\(point) is lost") }
      // Near the detector's edge a view says nothing.
      let edge = Double(size) / 16
      let passesBy = zip(views, [Vector3(0, -1000, 0), Vector3(1000, 0, 0)]).contains {
        let pixel = $0.geometry.project(point)
        return min(pixel.x, pixel.y) > edge && max(pixel.x, pixel.y) < Double(size) - edge
          && miss(point - center, from: $1 - center) > radius + largest
      }
      if passesBy { #expect(!kept, "\(point) is kept") }
    }
    #expect(culled > grid.count / 4, "\(culled) of \(grid.count)")
  }

  /// The kernel, row by row in single precision, against the plain definition; grids of every kind.
  @Test(arguments: [
    VoxelGrid.canonical(size: 33), VoxelGrid.canonical(size: 17, side: 700),
    VoxelGrid(
      nx: 601, ny: 3, nz: 2,
      affine: Affine(scale: Vector3(0.4, 90, 60), translation: Vector3(-120, -90, -30))),
    VoxelGrid(
      nx: 23, ny: 31, nz: 19,
      affine: Affine.rotation(angle: 0.7, axis: normalized(Vector3(1, 2, -3))).composed(
        with: Affine(scale: Vector3(11, -8, 12), translation: Vector3(-120, 120, -110)))),
    // Through the plane of the source and beyond it.
    VoxelGrid(
      nx: 5, ny: 9, nz: 3,
      affine: Affine(scale: Vector3(20, 250, 20), translation: Vector3(-40, -2000, -20))),
  ])
  func rowsAgreeWithThePlainDefinition(_ grid: VoxelGrid) throws {
    // A field of view that holds all the grids: beyond it nothing is culled.
    let views = try [NamedView.pa, .left].map { try ball($0) }
    let hull = VisualHull(
      views, pixel: 2.4, isocenter: .zero, side: 900, tolerance: .init(shift: 0, turnDegrees: 0))
    let prepared = hull.prepared(for: grid)
    let kept = Set(prepared.keep(slices: 0..<grid.nz))
    var close = 0
    for index in 0..<grid.count {
      let voxel = grid.voxel(at: index)
      let point = grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
      guard prepared.contains(point) != kept.contains(UInt32(index)) else { continue }
      // A position of up to 128 pixels has an error of a few 1e-5 in single precision.
      let isClose = views.contains { view in
        let pixel = view.geometry.project(point)
        return [pixel.x, pixel.y].contains { abs($0 - 0.5 - ($0 - 0.5).rounded()) < 1e-3 }
      }
      #expect(isClose, "voxel \(index) at \(point)")
      close += 1
    }
    #expect(close <= grid.count / 100, "\(close) of \(grid.count) differ")
    #expect(kept.count > grid.count / 20)
  }

  @Test func slabsMakeTheWhole() throws {
    let grid = VoxelGrid.canonical(size: 21)
    let prepared = try hull([NamedView.pa, .left].map { try ball($0) }).prepared(for: grid)
    let whole = prepared.keep(slices: 0..<21)
    #expect(whole == whole.sorted() && Set(whole).count == whole.count)
    var pieces: [UInt32] = []
    for first in stride(from: 0, to: 21, by: 4) {
      let slab = prepared.keep(slices: first..<min(first + 4, 21))
      pieces += slab.map { $0 + UInt32(first * 21 * 21) }
    }
    #expect(pieces == whole)
    for count in [1, 2, 3] {
      let again = Parallel.withWorkerCount(count) { prepared.keep(slices: 0..<21) }
      #expect(again == whole)
    }
  }

  /// A small detector shows a part: what it does not show is not its business. What is masked neither.
  @Test func whatIsNotSeenIsNotCulled() throws {
    let small = ViewSetup(columns: 96, rows: 100)
    let full = try ball(.pa, center: Vector3(0, 0, 0))
    var masked = full
    masked.mask = full.values.indices.map { $0 % 128 >= 30 }
    let grid = VoxelGrid.canonical(size: 24)
    for (radiograph, first) in [(try ball(.pa, setup: small), 0.0), (masked, 30.0)] {
      let prepared = hull([radiograph]).prepared(for: grid)
      var culled = 0
      for index in 0..<grid.count {
        let voxel = grid.voxel(at: index)
        let point = grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
        let pixel = radiograph.geometry.project(point)
        let isSeen =
          pixel.x > first - 0.5 && pixel.y > -0.5
          && pixel.x < Double(radiograph.geometry.columns) - 0.5
          && pixel.y < Double(radiograph.geometry.rows) - 0.5
        if !prepared.contains(point) { culled += 1 }
        if !isSeen { #expect(prepared.contains(point), "\(point) is seen at \(pixel)") }
      }
      #expect(culled > 100)
    }
  }

  /// Black borders that cut the ball take none of it away: with noise by their lack of it, without by
  /// their edges.
  @Test(arguments: [0, 0.02]) func blackenedCollimationTakesNothingAway(noise: Double) throws {
    let views = try [NamedView.pa, .left].enumerated().map { index, view in
      var image = try ball(view, noise: noise)
      for pixel in image.values.indices {
        let (column, row) = (pixel % 128, pixel / 128)
        let isOpen =
          index == 0
          ? column > 45 && row < 90 : (column - 60) * (column - 60) + (row - 64) * (row - 64) < 576
        if !isOpen { image.values[pixel] = 0 }
      }
      return image
    }
    let grid = VoxelGrid.canonical(size: 32)
    let prepared = hull(views).prepared(for: grid)
    for index in 0..<grid.count {
      let voxel = grid.voxel(at: index)
      let point = grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
      if length(point) <= radius { #expect(prepared.contains(point), "\(point) is lost") }
    }
  }

  /// Where the open field is in doubt, the view says nothing.
  @Test func doubtfulViewsSayNothing() throws {
    let sound = try ball(.pa, noise: 0.02)
    func changed(_ intensity: RadiographIntensity, _ change: (Float) -> Float) -> Radiograph {
      Radiograph(geometry: sound.geometry, values: sound.values.map(change), intensity: intensity)
    }
    func views(_ radiograph: Radiograph) -> Int { hull([radiograph]).viewCount }
    #expect(views(sound) == 1)
    #expect(views(changed(.relative) { 30 * $0 + 1000 }) == 1, "any gain and offset")
    #expect(views(changed(.absolute) { $0 + 0.2 }) == 0, "no open field at 0")
    #expect(views(changed(.absolute) { 60 * $0 }) == 0, "grey values")
    #expect(views(changed(.relative) { 200 - 60 * $0 }) == 0, "bone is dark")
    #expect(views(changed(.relative) { max(0, $0) }) == 0, "cut off at 0")
    #expect(views(changed(.relative) { max(0, $0 - 1) }) == 0, "a grey scale that begins in tissue")
    #expect(views(changed(.relative) { ($0 + 0.1) * ($0 + 0.1) * ($0 + 0.1) }) == 0, "a tone curve")
    #expect(views(changed(.relative) { (60 * max(0, $0)).rounded() }) == 0, "8 bits")
    #expect(try views(ball(.pa, noise: 0.3)) == 0, "noise")
    let close = ViewSetup(pixelSize: SIMD2(1.2, 1.2))
    #expect(try views(ball(.pa, setup: close)) == 0, "the patient fills the picture")
    #expect(views(changed(.absolute) { _ in 0 }) == 0, "nothing")
    #expect(views(changed(.absolute) { _ in .nan }) == 0, "no numbers")
  }

  @Test func noViewCullsNothing() throws {
    let grid = VoxelGrid.canonical(size: 5)
    #expect(hull([]).prepared(for: grid).keep(slices: 1..<3) == (0..<50).map { UInt32($0) })
  }
}

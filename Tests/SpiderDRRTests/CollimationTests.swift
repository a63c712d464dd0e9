import Foundation
import SpiderCore
import SpiderDRR
import SpiderSupport
import SpiderTestSupport
import Testing

/// Borders of collimators are found where there are some, and nowhere else.
@Suite struct CollimationTests {
  /// A head of ellipsoids with a neck that leaves the scan at its foot: skull, brain, jaw, spine.
  static let head: Volume = {
    let grid = VoxelGrid(
      nx: 64, ny: 64, nz: 64, boxFrom: Vector3(-128, -128, -128), to: Vector3(128, 128, 128))
    var ct = Volume(grid: grid, repeating: -1000)
    func fill(_ middle: Vector3, _ radii: Vector3, _ hu: Float) {
      for index in 0..<grid.count {
        let voxel = grid.voxel(at: index)
        let place = grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
        let unit = (place - middle) / radii
        if dot(unit, unit) <= 1 { ct.values[index] = hu }
      }
    }
    fill(Vector3(0, -25, -90), Vector3(52, 55, 90), 50)
    fill(Vector3(0, -5, 40), Vector3(75, 92, 80), 900)
    fill(Vector3(0, -5, 40), Vector3(69, 86, 74), 40)
    fill(Vector3(0, 45, -50), Vector3(45, 35, 40), 300)
    fill(Vector3(0, -30, -90), Vector3(18, 18, 90), 600)
    return ct
  }()

  static let views = [NamedView.pa, .left, .gantry(degrees: 35)]

  private func image(
    _ view: NamedView, size: Int = 128, pixel: Double = 3.6,
    _ set: (inout RadiographPhysics) -> Void = { _ in }
  ) throws -> Radiograph {
    var physics = RadiographPhysics()
    set(&physics)
    let setup = ViewSetup(
      pixelSize: SIMD2(pixel, pixel), columns: size, rows: size)
    return DigitalRadiograph(chain: try XRayChain(physics)).make(
      ct: Self.head, geometry: try setup.geometry(of: view))
  }

  /// The mask found against the known one: nothing hidden may stay visible, and of the open field only
  /// a rim of some pixels may go.
  private func expectFound(
    _ radiograph: Radiograph, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var blind = radiograph
    blind.mask = nil
    let found = blind.maskingCollimation().mask ?? []
    let known = radiograph.mask ?? []
    guard found.count == known.count else {
      Issue.record("no collimation found", sourceLocation: sourceLocation)
      return
    }
    let missed = zip(found, known).filter { $0 && !$1 }.count
    let lost = zip(found, known).filter { !$0 && $1 }.count
    #expect(missed == 0, "hidden pixels stayed", sourceLocation: sourceLocation)
    #expect(
      lost < known.count / 10, "\(lost) of \(known.count) visible pixels were lost",
      sourceLocation: sourceLocation)
  }

  /// All four sides, straight and turned, in line integrals with noise.
  @Test(arguments: views, [-7.0, 0, 4]) func bordersOfRawImages(view: NamedView, turn: Double)
    throws
  {
    expectFound(
      try image(view) {
        $0.photons = 1e4
        $0.electronicNoise = 5
        $0.collimation = CollimatedField(
          center: SIMD2(0.51, 0.47), size: SIMD2(0.72, 0.66), turnDegrees: turn)
      })
  }

  /// A single side; a picture in 8 bits; larger images.
  @Test(arguments: [128, 200, 301]) func oneSideOfAPicture(size: Int) throws {
    expectFound(
      try image(.pa, size: size, pixel: 460.8 / Double(size)) {
        $0.tube = XRayTube()
        $0.photons = 5e4
        $0.scatter = Scatter(ratio: 0.3)
        $0.tone = ToneCurve(gamma: 0.8)
        $0.collimation = CollimatedField(center: SIMD2(0.44, 0.5), size: SIMD2(0.88, 1.2))
      })
  }

  /// A shutter that was drawn in black over a picture with a grey open field.
  @Test(arguments: views) func blackShutters(view: NamedView) throws {
    var picture = try image(view) {
      $0.photons = 1e4
      $0.collimation = CollimatedField(size: SIMD2(0.75, 0.7), turnDegrees: 3, leakage: 1)
    }
    let open = try #require(picture.mask)
    picture.intensity = .relative
    picture.values = picture.values.indices.map { open[$0] ? 0.15 + picture.values[$0] / 8 : 0 }
    expectFound(picture)
  }

  /// No head without a collimator is cut: views, distances of the detector, noise, scatter, pictures.
  @Test(
    arguments: views + [.ap, .right, .gantry(degrees: 120), .gantry(degrees: 250)],
    [3.6, 2.4, 2, 1.6, 1.1, 0.9])
  func uncollimatedHeadsStay(view: NamedView, pixel: Double) throws {
    let plain = try image(view, pixel: pixel)
    // Not the images themselves: their failure would print thousands of numbers.
    func stays(_ radiograph: Radiograph) -> Bool { radiograph.maskingCollimation() == radiograph }
    #expect(stays(plain))
    let noisy = try image(view, pixel: pixel) {
      $0.tube = XRayTube(kilovolts: 75)
      $0.photons = 3e3
      $0.scatter = Scatter(ratio: 0.8)
      $0.digitization = Digitization(bits: 12)
      $0.openField = FlatField(fallsOff: true, heel: 0.2, isCorrected: false)
    }
    #expect(stays(noisy))
    for gamma in [0.6, 1.4] { #expect(stays(ToneCurve(gamma: gamma).picture(of: noisy))) }
  }

  @Test func oddImagesStay() throws {
    let geometry = try ViewSetup(columns: 64, rows: 64).geometry(of: .pa)
    for value in [0, 1, .nan, .infinity] as [Float] {
      let flat = Radiograph(geometry: geometry, values: [Float](repeating: value, count: 4096))
      #expect(flat.maskingCollimation().mask == nil)
    }
    var random = SeededGenerator(seed: 2)
    let noise = Radiograph(
      geometry: geometry, values: (0..<4096).map { _ in Float(random.normal()) })
    #expect(noise.maskingCollimation().mask == nil)
    let small = try ViewSetup(columns: 5, rows: 200).geometry(of: .pa)
    let narrow = Radiograph(geometry: small, values: (0..<1000).map { Float($0 % 5) })
    #expect(narrow.maskingCollimation().mask == nil)
  }

  /// A mask that is there already stays beside the one that is found.
  @Test func masksAdd() throws {
    var image = try image(.pa) { $0.collimation = CollimatedField(size: SIMD2(0.7, 0.7)) }
    image.mask = nil
    image.mask = (0..<128 * 128).map { $0 != 64 * 128 + 64 }
    let result = try #require(image.maskingCollimation().mask)
    #expect(!result[64 * 128 + 64] && !result[0] && result[64 * 128 + 60])
    // The relative form then ends at the collimator: what is hidden is 0.
    let relative = image.maskingCollimation().relative()
    #expect(relative.values[0] == 0 && relative.values.max() ?? 0 <= RelativeScale.ceiling)
  }
}

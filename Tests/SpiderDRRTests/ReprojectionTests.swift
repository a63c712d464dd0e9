import Foundation
import SpiderDRR
import SpiderImaging
import Testing

/// How well a volume explains X-rays.
@Suite struct ReprojectionTests {
  /// Two balls of bone in a larger one of water.
  private let head = Volume(
    grid: .canonical(size: 48, side: 256, center: .zero),
    values: Self.values(of: .canonical(size: 48, side: 256, center: .zero)))

  private static func values(of grid: VoxelGrid) -> [Float] {
    (0..<grid.count).map { index in
      let (i, j, k) = (index % 48, index / 48 % 48, index / 48 / 48)
      let p = grid.worldPoint(Double(i), Double(j), Double(k))
      if length(p - Vector3(30, 20, 10)) < 25 || length(p - Vector3(-20, -40, -30)) < 18 {
        return 1200
      }
      // Longer than wide, as a head is.
      return length(Vector3(p.x, 0.75 * p.y, p.z)) < 95 ? 40 : -1000
    }
  }

  private func views() throws -> [Radiograph] {
    let setup = ViewSetup()
    return DigitalRadiograph().make(
      ct: head, geometries: try [NamedView.pa, .left].map { try setup.geometry(of: $0) })
  }

  @Test func aVolumeExplainsItsOwnRadiographs() throws {
    for view in Reprojection.views(of: head, try views()) {
      #expect(try #require(view.relativeError) < 1e-6)
      // Rounding orders equal rays differently.
      #expect(try #require(view.agreement) > 0.9999)
    }
  }

  /// What is shown in a film's place has its tone; what the volume has wrong still shows.
  @Test func picturesTakeTheToneOfAFilm() throws {
    let films = try views().map { view in
      Radiograph(
        geometry: view.geometry, values: view.values.map { pow($0, 0.4) * 90 + 7 },
        intensity: .relative)
    }
    func remainder(of volume: Volume) -> [Float] {
      zip(Reprojection.pictures(of: volume, films), films).map { picture, film in
        let squares = zip(picture, film.values).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let range = (film.values.max() ?? 0) - (film.values.min() ?? 0)
        return (squares / Float(picture.count)).squareRoot() / range
      }
    }
    for part in remainder(of: head) { #expect(part < 0.02) }
    var smaller = head
    for index in 0..<head.grid.count where index / 48 / 48 > 30 { smaller.values[index] = -1000 }
    for part in remainder(of: smaller) { #expect(part > 0.05) }
  }

  @Test func agreementIsBlindToToneAndErrorIsNot() throws {
    let films = try views().map { view in
      Radiograph(
        geometry: view.geometry, values: view.values.map { pow($0, 0.4) * 90 + 7 },
        intensity: .relative)
    }
    for view in Reprojection.views(of: head, films) {
      // The open field ends elsewhere in so bent a tone.
      #expect(try #require(view.agreement) > 0.95)
      #expect(try #require(view.relativeError) > 0.02)
    }
  }

  @Test func picturesInEachOthersPlaceDisagree() throws {
    let right = try views()
    let wrong = [
      Radiograph(geometry: right[0].geometry, values: right[1].values),
      Radiograph(geometry: right[1].geometry, values: right[0].values),
    ]
    for view in Reprojection.views(of: head, wrong) {
      #expect(try #require(view.agreement) < 0.99)
    }
    let negative = right.map {
      Radiograph(geometry: $0.geometry, values: $0.values.map { -$0 }, intensity: .relative)
    }
    for view in Reprojection.views(of: head, negative) {
      #expect(try #require(view.agreement) < -0.9)
    }
  }

  @Test func maskedPixelsSayNothing() throws {
    var view = try views()[0]
    var mask = [Bool](repeating: true, count: view.values.count)
    for index in mask.indices where index % 128 < 40 {
      mask[index] = false
      view.values[index] = 99
    }
    view.mask = mask
    let fit = Reprojection.views(of: head, [view])[0]
    #expect(try #require(fit.relativeError) < 1e-6)
    #expect(try #require(fit.agreement) > 0.9999)
  }

  /// What lies below the volume is in the pictures all the same: rays that leave it through tissue do not count.
  @Test func tissueBeyondTheVolumeDoesNotCount() throws {
    let grid = head.grid
    // A neck and shoulders: below -70 mm everything is tissue, unevenly.
    let patient = Volume(
      grid: grid,
      values: (0..<grid.count).map { index in
        let voxel = grid.voxel(at: index)
        let p = grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
        guard p.z < -60 else { return head.values[index] }
        return abs(p.y) < 60 && abs(p.x) < 70 + abs(p.z) / 2 ? 60 + Float(3 * abs(p.x)) : -1000
      })
    let setup = ViewSetup()
    let views = DigitalRadiograph().make(
      ct: patient, geometries: try [NamedView.pa, .left].map { try setup.geometry(of: $0) })
    // The volume that is held against them ends at -75 mm.
    let slices = 14
    let kept = VoxelGrid(
      nx: grid.nx, ny: grid.ny, nz: grid.nz - slices,
      affine: Affine(
        columns: grid.affine.columns, translation: grid.worldPoint(0, 0, Double(slices))))
    let part = patient.resampled(onto: kept, outside: -1000)
    for (view, fit) in zip(views, Reprojection.views(of: part, views)) {
      let predicted = DigitalRadiograph().make(ct: part, geometry: view.geometry)
      let whole = try #require(RankCorrelation.of(predicted.values, view.values))
      let agreement = try #require(fit.agreement)
      #expect(agreement > 0.98)
      #expect(1 - whole > 2 * (1 - agreement), "the test shows nothing: all pixels agree anyway")
    }
  }

  @Test func anEmptyPictureHasNeither() throws {
    let geometry = try ViewSetup().geometry(of: .pa)
    let empty = Radiograph(geometry: geometry, values: [Float](repeating: 0, count: geometry.count))
    let fit = Reprojection.views(of: head, [empty])[0]
    #expect(fit.relativeError == nil && fit.agreement == nil)
  }

  /// Against the definition, ties and all: 1 - 6 sum d^2 / (n (n^2 - 1)) holds without ties; with them
  /// the value is scipy.stats.spearmanr's.
  @Test func theRankCorrelationIsSpearmans() throws {
    let x: [Float] = [1, 2, 3, 4, 5, 6, 7], y: [Float] = [2, 1, 4, 3, 7, 5, 6]
    let d2 = 1.0 + 1 + 1 + 1 + 4 + 1 + 1
    #expect(abs(try #require(RankCorrelation.of(x, y)) - (1 - 6 * d2 / (7 * 48))) < 1e-12)
    let tied = RankCorrelation.of([1, 2, 2, 3, 3, 3, 9], [4, 4, 1, 8, 8, 0, 2])
    #expect(abs(try #require(tied) - (-0.009527699174583825)) < 1e-9)
    #expect(RankCorrelation.of([1, 1, 1], [1, 2, 3]) == nil)
  }
}

import Foundation
import SpiderCore
import SpiderDRR
import SpiderPhantom
import SpiderPretrained
import SpiderTestSupport
import Testing

/// X-rays that contradict their geometry or each other are found in the pictures themselves.
@Suite struct XrayInspectionTests {
  private let inspection: XrayInspection
  private let traits: ModelTraits

  init() throws {
    let reconstructor = try Reconstructor.pretrained()
    inspection = XrayInspection(try .pretrained(), acceptsFaults: true)
    traits = reconstructor.model.traits
  }

  /// Radiographs of a phantom, by default the front and the left.
  private func views(_ seed: UInt64 = 21, _ views: [NamedView] = [.pa, .left]) throws
    -> [Radiograph]
  {
    let ct = HeadPhantom(seed: seed).render(on: .canonical(size: 64)).ct
    return DigitalRadiograph().make(
      ct: ct, geometries: try views.map { try ViewSetup().geometry(of: $0) })
  }

  private func faults(_ views: [Radiograph]) throws -> [ViewFault] {
    try PreparedViews(views, for: traits, inspection: inspection).faults
  }

  /// The pixels of one radiograph in the place of another, in another order: (column, row) taken from where.
  private func placed(
    _ pixels: Radiograph, as place: Radiograph, _ source: (Int, Int) -> (Int, Int) = { ($0, $1) }
  ) -> Radiograph {
    let n = place.geometry.columns
    return Radiograph(
      geometry: place.geometry,
      values: place.values.indices.map { index in
        let (column, row) = source(index % n, index / n)
        return pixels.values[row * n + column]
      }, intensity: pixels.intensity)
  }

  @Test(.slow, arguments: [21, 22, 23, 24] as [UInt64]) func rightXraysPass(_ seed: UInt64) throws {
    #expect(try faults(views(seed)).isEmpty)
    let films = try views(seed).map {
      let top = $0.values.max() ?? 1
      return Radiograph(
        geometry: $0.geometry, values: $0.values.map { 255 * ($0 / top).squareRoot() },
        intensity: .relative)
    }
    #expect(try faults(films).isEmpty)
  }

  /// The network's own numbers are PyTorch's; made by Benchmarks/peers/inspector_golden.py.
  @Test func theInspectorAnswersAsPyTorchDoes() throws {
    let file = try #require(
      Bundle.module.url(forResource: "inspector", withExtension: "json", subdirectory: "Resources"))
    let expected = try JSONDecoder().decode([Float].self, from: Data(contentsOf: file))
    let geometry = try ViewSetup(columns: 64, rows: 64).geometry(of: .pa)
    var values: [Float] = []
    var mask: [Bool] = []
    for row in 0..<64 {
      for column in 0..<64 {
        let isKnown = (column + 2 * row) % 11 != 0
        let wave = sin(Float(column) / 5) * cos(Float(row) / 7)
        values.append(isKnown ? 0.5 + 0.5 * wave : 0)
        mask.append(isKnown)
      }
    }
    let picture = Radiograph(
      geometry: geometry, values: values, intensity: .relative, mask: mask)
    expectClose(inspection.inspector.answer(picture), expected, rtol: 1e-4, atol: 1e-4)
  }

  @Test func exchangedViewsAreNamedAsSuch() throws {
    let right = try views()
    let found = try faults([placed(right[1], as: right[0]), placed(right[0], as: right[1])])
    #expect(found.map(\.kind) == [.exchanged(with: 1), .exchanged(with: 0)])
    #expect(found.allSatisfy { $0.isGrave && $0.text.contains("swapped") })
  }

  @Test func theSamePictureTwiceIsNamedWhateverItsGreys() throws {
    let right = try views()
    var again = placed(right[0], as: right[1])
    again.values = again.values.map { 3 * $0 + 1 }
    let found = try faults([right[0], again])
    #expect(found.map(\.kind) == [.samePicture(as: 0)] && found[0].index == 1)
  }

  /// One picture in another order of its pixels, named as it should be.
  private struct Reordering: CustomTestStringConvertible {
    let index: Int
    let name: String
    let kind: ViewFault.Kind
    /// The column and row from which the pixel of a column and row comes.
    let source: @Sendable (Int, Int) -> (Int, Int)
    var testDescription: String { "\(index): \(name)" }
  }

  private static let reorderings = [
    Reordering(index: 0, name: "rows from the bottom", kind: .upsideDown) { c, r in (c, 127 - r) },
    Reordering(index: 1, name: "half a turn", kind: .upsideDown) { c, r in (127 - c, 127 - r) },
    // What was the left column is the top row now. Of a frontal view it is not told which way.
    Reordering(index: 0, name: "frontal, clockwise", kind: .turned(quarters: nil)) { c, r in
      (r, 127 - c)
    },
    Reordering(index: 1, name: "clockwise", kind: .turned(quarters: 1)) { c, r in (r, 127 - c) },
    Reordering(index: 1, name: "counterclockwise", kind: .turned(quarters: 3)) { c, r in
      (127 - r, c)
    },
    Reordering(index: 1, name: "mirrored", kind: .mirrored) { c, r in (127 - c, r) },
  ]

  @Test(arguments: reorderings)
  private func turnedAndMirroredPicturesAreNamed(_ reordering: Reordering) throws {
    var wrong = try views(22)
    let right = wrong[reordering.index]
    wrong[reordering.index] = placed(right, as: right, reordering.source)
    let found = try faults(wrong)
    #expect(found.map(\.kind) == [reordering.kind])
    #expect(found.allSatisfy { $0.index == reordering.index && $0.isGrave })
  }

  @Test func negativesAreNamedOneByOne() throws {
    var wrong = try views(23)
    let top = wrong[1].values.max() ?? 0
    wrong[1] = Radiograph(
      geometry: wrong[1].geometry, values: wrong[1].values.map { top - $0 }, intensity: .relative)
    let found = try faults(wrong)
    #expect(found.map(\.kind) == [.inverted] && found[0].index == 1 && found[0].isGrave)
  }

  @Test(arguments: [0.5, 1.8]) func pixelsOfAnotherSizeAreNamed(_ factor: Double) throws {
    let wrong = try views(24).map { view in
      var setup = ViewSetup()
      setup.pixelSize *= factor
      let named: NamedView = NamedView.pa.agrees(with: view.geometry) ? .pa : .left
      return Radiograph(geometry: try setup.geometry(of: named), values: view.values)
    }
    let found = try faults(wrong)
    #expect(found.count == 2)
    for fault in found {
      guard case .wrongScale(let told) = fault.kind else {
        Issue.record("\(fault)")
        continue
      }
      #expect(abs(told / factor - 1) < 0.25)
    }
  }

  @Test func whatIsNoHeadIsNamed() throws {
    let right = try views()
    let ball = right.map { view in
      Radiograph(
        geometry: view.geometry,
        values: view.values.indices.map { index in
          let (x, y) = (Float(index % 128) - 64, Float(index / 128) - 64)
          return max(0, 1 - (x * x + y * y) / 1600).squareRoot() * 4
        })
    }
    #expect(try faults([ball[0], right[1]]).map(\.kind) == [.notAHead])
  }

  @Test func graveFaultsAreRefusedUnlessAccepted() throws {
    let right = try views()
    let wrong = [placed(right[1], as: right[0]), placed(right[0], as: right[1])]
    let reconstructor = try Reconstructor.pretrained()
    let error = #expect(throws: ViewError.self) {
      try reconstructor.reconstruct(wrong, on: .canonical(size: 8))
    }
    guard case .faulty(let faults) = error else {
      Issue.record("\(error.map(String.init(describing:)) ?? "no error")")
      return
    }
    #expect(faults.count == 2)
    let accepted = try reconstructor.reconstruct(
      wrong, on: .canonical(size: 8), options: ReconstructionOptions(inspection: inspection))
    #expect(accepted.summary.warnings.count { $0.contains("swapped") } == 2)
    // And right ones give what they give without an inspection.
    let with = try reconstructor.reconstruct(right, on: .canonical(size: 8))
    let without = try Reconstructor(model: reconstructor.model).reconstruct(
      right, on: .canonical(size: 8))
    #expect(with.ct.values == without.ct.values)
  }

  /// A picture whose geometry nobody wrote down: cropped, on a device with other pixels, the side facing right.
  @Test func placesAreFoundForPicturesWithoutGeometry() throws {
    let estimator = GeometryEstimator(inspector: inspection.inspector)
    for seed in [31, 32, 33] as [UInt64] {
      let right = try views(seed)
      let pictures = try right.enumerated().map { index, view in
        // 100 columns and 112 rows of them, the lateral one mirrored.
        let geometry = try ViewSetup(columns: 100, rows: 112).geometry(of: .pa)
        let values = (0..<geometry.count).map { pixel -> Float in
          let column = index == 0 ? pixel % 100 : 99 - pixel % 100
          return view.values[(pixel / 100 + 4) * 128 + column + 12]
        }
        return UnplacedPicture(Radiograph(geometry: geometry, values: values, intensity: .relative))
      }
      let placed = try estimator.place(pictures)
      #expect(placed.map(\.view) == [.pa, .left] && placed.map(\.isMirrored) == [false, true])
      for picture in placed {
        #expect(abs(picture.pixelSize / 3.6 - 1) < 0.12, "\(seed): \(picture.pixelSize)")
        // The phantom's isocentre is at pixel 63.5, 63.5 of the whole picture.
        let column = 51.5
        let middle = picture.radiograph.geometry.project(.zero)
        #expect(abs(middle.x - column) < 5 && abs(middle.y - 59.5) < 5, "\(seed): \(middle)")
      }
    }
  }

  /// Without names nothing tells which of two frontal pictures should be the lateral one.
  @Test func twoPicturesOfOneSideAreRefused() throws {
    let estimator = GeometryEstimator(inspector: inspection.inspector)
    let (one, other) = (try views(35)[0], try views(36)[0])
    #expect(throws: ViewError.faulty([.init(index: 1, kind: .sameSide(as: 0, .pa))])) {
      try estimator.place([UnplacedPicture(one), UnplacedPicture(other)])
    }
    #expect(throws: ViewError.faulty([.init(index: 1, kind: .samePicture(as: 0))])) {
      try estimator.place([UnplacedPicture(one), UnplacedPicture(one)])
    }
    // Whoever says which is which is believed.
    let named = try estimator.place([
      UnplacedPicture(one, view: .pa), UnplacedPicture(other, view: .left),
    ])
    #expect(named.map(\.view) == [.pa, .left])
  }

  @Test func aScaleOfKnownLengthDecides() throws {
    let right = try views(34)
    let estimator = GeometryEstimator(inspector: inspection.inspector)
    let placed = try estimator.place(
      right.map { UnplacedPicture($0, pixelAtPatient: 2) })
    #expect(placed.allSatisfy { abs($0.pixelSize - 3) < 1e-9 && $0.uncertainty <= 0.01 })
  }
}

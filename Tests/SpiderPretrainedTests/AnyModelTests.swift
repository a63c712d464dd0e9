import Foundation
import SpiderCore
import SpiderDRR
import SpiderPhantom
import SpiderPretrained
import SpiderTestSupport
import Testing

/// The shipped model of any views, on a head it has not seen.
@Suite struct AnyModelTests {
  private let reconstructor: Reconstructor
  private let head = HeadPhantom(seed: 31).render(on: .canonical(size: 64))

  init() throws { reconstructor = try .pretrained(.headAny) }

  private func views(
    _ views: [NamedView], tilt: Double = 0, distance: Double = 1000
  ) throws -> [Radiograph] {
    let setup = ViewSetup(sourceToAxis: distance, sourceToDetector: 1.5 * distance)
    return DigitalRadiograph().make(
      ct: head.ct, geometries: try views.map { try setup.geometry(of: $0, tiltDegrees: tilt) })
  }

  /// The mean difference within the body, HU.
  private func error(_ ct: Volume) -> Double {
    let body = head.labels.values.indices.filter { head.labels.values[$0] != 0 }
    let sum = body.reduce(0) { $0 + Double(abs(ct.values[$1] - head.ct.values[$1])) }
    return sum / Double(body.count)
  }

  private func error(of radiographs: [Radiograph]) throws -> Double {
    error(try reconstructor.reconstruct(radiographs, on: .canonical(size: 64)).ct)
  }

  @Test func moreViewsKnowMore() throws {
    let one = try error(of: views([.left]))
    let two = try error(of: views([.left, .pa]))
    let four = try error(of: views([.left, .pa, .gantry(degrees: 45), .gantry(degrees: 315)]))
    let air = error(Volume(grid: .canonical(size: 64), repeating: -1000))
    #expect(
      two < 0.8 * one && four < 0.98 * two && one < 0.4 * air, "\(air), \(one), \(two), \(four)")
  }

  /// Whatever the side, the head is where it is.
  @Test(
    arguments: [
      [.ap, .right], [.right, .pa], [.gantry(degrees: 20), .gantry(degrees: 110)],
      [.gantry(degrees: 135), .gantry(degrees: 225)],
    ] as [[NamedView]])
  func anySideWillDo(_ sides: [NamedView]) throws {
    let usual = try error(of: views([.pa, .left]))
    #expect(try error(of: views(sides)) < 1.35 * usual)
  }

  @Test func nearFarAndTilted() throws {
    let usual = try error(of: views([.pa, .left]))
    for radiographs in [
      try views([.pa, .left], distance: 850), try views([.pa, .left], distance: 1900),
      try views([.pa], tilt: 25) + views([.left]),
    ] {
      #expect(try error(of: radiographs) < 1.35 * usual)
    }
  }

  /// A picture whose geometry is named and that shows something else is refused; one between the sides cannot be judged.
  @Test func wrongPicturesAreRefused() throws {
    var radiographs = try views([.right, .gantry(degrees: 45)])
    let prepared = try PreparedViews(
      radiographs, for: reconstructor.model.traits, inspection: reconstructor.inspection)
    #expect(prepared.faults.isEmpty)
    radiographs[0].values.reverse()
    let failure = #expect(throws: ViewError.self) {
      try reconstructor.reconstruct(radiographs, on: .canonical(size: 8))
    }
    guard case .faulty(let faults) = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(faults.map(\.index) == [0] && faults[0].kind == .upsideDown)
  }

  /// A detector that is turned by a quarter shows the head lying; with its true geometry that is no fault.
  @Test func aTurnedDetectorIsNoFault() throws {
    let upright = try views([.left, .pa])
    let g = upright[0].geometry
    let turned = try ProjectionGeometry(
      beam: g.beam, pixelOrigin: g.pixelOrigin + g.rowStep * Double(g.rows - 1),
      columnStep: -g.rowStep, rowStep: g.columnStep, columns: g.rows, rows: g.columns,
      isocenter: .zero)
    let lying = DigitalRadiograph().make(ct: head.ct, geometries: [turned])
    let prepared = try PreparedViews(
      lying + [upright[1]], for: reconstructor.model.traits, inspection: reconstructor.inspection)
    #expect(prepared.faults.isEmpty, "\(prepared.faults)")
    #expect(try abs(error(of: lying + [upright[1]]) - error(of: upright)) < 3)
    // Told to be upright, it is one.
    let wrong = [Radiograph(geometry: g, values: lying[0].values), upright[1]]
    let found = try PreparedViews(
      wrong, for: reconstructor.model.traits,
      inspection: reconstructor.inspection.map { XrayInspection($0.inspector, acceptsFaults: true) }
    )
    #expect(found.faults.contains { $0.index == 0 && $0.isGrave }, "\(found.faults)")
  }
}

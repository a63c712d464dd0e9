import Foundation
import SpiderCore
import SpiderIO
import Testing

@Suite struct ViewSpecificationTests {
  @Test(
    arguments: [
      ("pa=a.png", "pa", "a.png", nil),
      ("LEFT=a.nii.gz:g.json", "left", "a.nii.gz", "g.json"),
      ("-30.5=a.png", "-30.5", "a.png", nil),
      ("a.png", nil, "a.png", nil),
      ("a.png:sub/g.JSON", nil, "a.png", "sub/g.JSON"),
      ("c:a:b.png", nil, "c:a:b.png", nil),
      ("c:a.png:g.json", nil, "c:a.png", "g.json"),
      ("odd=a.png", nil, "odd=a.png", nil),
      ("pa=odd=a.png", "pa", "odd=a.png", nil),
      ("nan=a.png", nil, "nan=a.png", nil),
      ("ap=g.json", "ap", "g.json", nil),
    ] as [(String, String?, String, String?)])
  func partsAreTold(_ text: String, _ view: String?, _ image: String, _ sidecar: String?) throws {
    let found = try #require(ViewSpecification(text))
    #expect(found.view == view.flatMap { NamedView($0) })
    #expect(found.image.path == URL(fileURLWithPath: image).path)
    #expect(found.sidecar?.path == sidecar.map { URL(fileURLWithPath: $0).path })
  }

  @Test(arguments: ["", "pa=", "pa=:g.json", ":g.json", "a.png:.json"])
  func withoutImageThereIsNone(_ text: String) { #expect(ViewSpecification(text) == nil) }

  @Test func eachNameAgreesWithItsOwnViewOnly() throws {
    let names = ["pa", "ap", "left", "right", "45", "135"].compactMap { NamedView($0) }
    for a in names {
      let geometry = try ViewSetup().geometry(of: a)
      for b in names {
        // A number is as seen from the source: 45 degrees from ap, and within its 45 degrees.
        let isNear = a.description == "45" && b == .ap
        if !isNear { #expect(b.agrees(with: geometry) == (a == b), "\(b) for \(a)") }
      }
    }
    #expect(NamedView.gantry(degrees: 0).agrees(with: try ViewSetup().geometry(of: .ap)))
    #expect(!NamedView.gantry(degrees: 180).agrees(with: try ViewSetup().geometry(of: .pa)))
  }

  @Test func tiltedViewsKeepTheirNameAndFlippedOnesDoNot() throws {
    let straight = try ViewSetup().geometry(of: .pa)
    func changed(
      _ turn: Affine = .identity, columns: Double = 1, rows: Double = 1
    ) throws -> ProjectionGeometry {
      guard case .cone(let source) = straight.beam else { return straight }
      return try ProjectionGeometry(
        beam: .cone(source: turn.apply(source)),
        pixelOrigin: turn.apply(
          straight.pixelCenter(column: columns < 0 ? 127 : 0, row: rows < 0 ? 127 : 0)),
        columnStep: turn.applyLinear(straight.columnStep) * columns,
        rowStep: turn.applyLinear(straight.rowStep) * rows, columns: 128, rows: 128)
    }
    let tilt = Affine.rotation(angle: 0.5, axis: Vector3(1, 0, 0))
    #expect(NamedView.pa.agrees(with: try changed(tilt)))
    let turn = Affine.rotation(angle: 0.5, axis: Vector3(0, 0, 1))
    #expect(NamedView.pa.agrees(with: try changed(turn)), "28 degrees off")
    let far = Affine.rotation(angle: 1, axis: Vector3(0, 0, 1))
    #expect(!NamedView.pa.agrees(with: try changed(far)), "57 degrees off")
    #expect(!NamedView.pa.agrees(with: try changed(columns: -1)))
    #expect(!NamedView.pa.agrees(with: try changed(rows: -1)))
  }
}

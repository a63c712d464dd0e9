import ArgumentParser
import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderDRR
import SpiderIO
import SpiderPhantom
import SpiderReport

/// Phantoms and real heads in one picture, at one scale: to see what gives the phantoms away.
@main struct Gallery: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw phantoms beside real heads: X-rays, planes, surface.",
    discussion: "Real CTs are prepared as `spider prepare` does. Pictures of patients stay private."
  )

  @Argument(help: "CTs of real heads (NIfTI).") var cts: [String] = []
  @Option(help: "How many phantoms.") var phantoms = 6
  @Option(help: "The first phantom's seed.") var seed: UInt64 = 1
  @Option(help: "Voxels along a side of the phantoms.") var size = 128
  @Option(help: "The picture to write.") var out = "gallery.png"

  func run() throws {
    var rows: [HeadFigure.Row] = []
    for path in cts {
      let url = URL(fileURLWithPath: path)
      let head = try HeadPreparation(size: size).prepare(NIfTI.readVolume(url))
      rows.append(try row(url.lastPathComponent, head.ct, center: head.isocenter))
    }
    for number in 0..<UInt64(max(0, phantoms)) {
      let ct = HeadPhantom(seed: seed + number).render(on: .canonical(size: size)).ct
      rows.append(try row("Phantom \(seed + number)", ct, center: .zero))
    }
    guard !rows.isEmpty else { throw ValidationError("name CTs, or ask for phantoms") }
    try HeadFigure(rows: rows).render().writePNG(to: URL(fileURLWithPath: out), overwrite: true)
  }

  private func row(_ title: String, _ ct: Volume, center: Vector3) throws -> HeadFigure.Row {
    // A detector whose field at the isocentre is that of the planes.
    let setup = ViewSetup(pixelSize: SIMD2(1.5, 1.5), columns: 256, rows: 256)
    let views = try [NamedView.pa, .left].map { try setup.geometry(of: $0, isocenter: center) }
    let radiographs = DigitalRadiograph().make(ct: ct, geometries: views)
    return HeadFigure.Row(title: title, ct: ct, radiographs: radiographs, center: center)
  }
}

import SpiderCore
import SpiderDRR
import Testing

/// Radiographs hang as the table of the conventions says. A mirrored patient must never happen.
@Suite struct HangingTests {
  /// Where a ball 60 mm from the isocentre in some direction appears: -1 left or upper, +1 right or
  /// lower, 0 in the middle band.
  func side(of place: Vector3, in view: NamedView, parallel: Bool) throws -> (Int, Int) {
    let isocenter = Vector3(12, -7, 30)
    let grid = VoxelGrid.canonical(size: 32, center: isocenter)
    var ct = Volume(grid: grid, repeating: -1000)
    for index in 0..<grid.count {
      let v = grid.voxel(at: index)
      let point = grid.worldPoint(Double(v.x), Double(v.y), Double(v.z))
      if length(point - isocenter - place * 60) < 15 { ct.values[index] = 1000 }
    }
    let setup = ViewSetup(
      pixelSize: SIMD2(10, 10), columns: 41, rows: 41, isParallel: parallel)
    let radiograph = DigitalRadiograph().make(
      ct: ct, geometry: try setup.geometry(of: view, isocenter: isocenter))
    let brightest =
      radiograph.values.indices.max { radiograph.values[$0] < radiograph.values[$1] } ?? 0
    func third(_ position: Int) -> Int { position < 17 ? -1 : position > 23 ? 1 : 0 }
    return (third(brightest % 41), third(brightest / 41))
  }

  @Test(arguments: [false, true]) func tableOfViews(parallel: Bool) throws {
    let (left, anterior) = (Vector3(-1, 0, 0), Vector3(0, 1, 0))
    // Patient's right at the viewer's left, so the left marker is at the viewer's right.
    for view in [NamedView.pa, .ap, .gantry(degrees: 0)] {
      #expect(try side(of: left, in: view, parallel: parallel) == (1, 0), "\(view)")
      #expect(try side(of: anterior, in: view, parallel: parallel) == (0, 0), "\(view)")
    }
    // The left lateral faces the viewer's left, the right lateral the viewer's right.
    #expect(try side(of: anterior, in: .left, parallel: parallel) == (-1, 0))
    #expect(try side(of: anterior, in: .right, parallel: parallel) == (1, 0))
    #expect(try side(of: left, in: .left, parallel: parallel) == (0, 0))
    // Gantry 90 is seen from the patient's left, 180 from behind, 270 from the right.
    #expect(try side(of: anterior, in: .gantry(degrees: 90), parallel: parallel) == (-1, 0))
    #expect(try side(of: left, in: .gantry(degrees: 180), parallel: parallel) == (-1, 0))
    #expect(try side(of: anterior, in: .gantry(degrees: 270), parallel: parallel) == (1, 0))
    // Superior is up in all.
    let views: [NamedView] = [.pa, .ap, .left, .right, .gantry(degrees: 30)]
    for view in views {
      #expect(try side(of: Vector3(0, 0, 1), in: view, parallel: parallel) == (0, -1), "\(view)")
    }
  }

  /// At any gantry angle the image is as seen from the source: what lies to the right of someone who
  /// looks from there, head up, is at the right.
  @Test(arguments: [30.0, 75, 150, 210, 330]) func gantryIsSeenFromTheSource(degrees: Double) throws
  {
    let view = NamedView.gantry(degrees: degrees)
    let right = cross(-view.sourceDirection, Vector3(0, 0, 1))
    #expect(try side(of: right, in: view, parallel: false) == (1, 0))
  }
}

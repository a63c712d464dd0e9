import SpiderCore
import SpiderDRR
import SpiderTestSupport
import Testing

/// A uniform box has line integrals in closed form: chord length times value.
@Suite struct BoxTests {
  let low = Vector3(-20, -15, -12)
  let high = Vector3(22, 17, 10)
  let value: Float = 0.02

  @Test(arguments: try Scenes.geometries(count: 16, seed: 1))
  func exactProjectorsGiveTheChord(_ geometry: ProjectionGeometry) {
    let box = Volume(
      grid: VoxelGrid(nx: 9, ny: 7, nz: 5, boxFrom: low, to: high), repeating: value)
    let expected = Scenes.pixels(geometry).map {
      Scenes.chord(geometry, column: $0.column, row: $0.row, from: low, to: high) * Double(value)
    }
    #expect(expected.contains { $0 > 0.1 * Double(value) })
    expectClose(
      ExactReference().lineIntegrals(box, geometry), expected, atol: 1e-11, "chords of the box")
    // Float: the two ends of a chord of some ten voxels, and the sum of the voxels between.
    let largest = expected.max() ?? 0
    expectClose(ExactProjector().forward(box, geometry), expected, atol: 2e-6 * largest, "fast")
  }

  /// A wide slab, crossed through its large faces: there Joseph's interpolation sees no border and the
  /// chord is exact, also when source or detector lies inside.
  @Test(arguments: [-300.0, -9.3, 0, 4.1], [200.0, 7.7, -2.2])
  func josephGivesTheChordThroughASlab(source: Double, detector: Double) throws {
    guard source < detector else { return }
    let (low, high) = (Vector3(-400, -11, -400), Vector3(400, 13, 400))
    let grid = VoxelGrid(nx: 80, ny: 6, nz: 80, boxFrom: low, to: high)
    let slab = Volume(grid: grid, repeating: value)
    // Steep enough that no ray changes its main axis: |dx|, |dz| < 3/4 |dy| in voxels of 10 x 4 x 10.
    let pixel = 0.02 * (detector - source)
    let geometry = try ProjectionGeometry(
      beam: .cone(source: Vector3(1, source, 2)),
      pixelOrigin: Vector3(-9 * pixel, detector, 8 * pixel),
      columnStep: Vector3(pixel, 0, 0), rowStep: Vector3(0, 0, -pixel), columns: 19, rows: 17)
    let expected = Scenes.pixels(geometry).map {
      Scenes.chord(geometry, column: $0.column, row: $0.row, from: low, to: high) * Double(value)
    }
    #expect((expected.max() ?? 0) > 0)
    expectClose(JosephReference().lineIntegrals(slab, geometry), expected, atol: 1e-11, "reference")
    // 1e-6 relative: float, a few planes.
    expectClose(
      JosephProjector().forward(slab, geometry), expected, rtol: 2e-6, atol: 1e-7, "fast")
  }

  @Test func nothingInTheBeamGivesZeros() throws {
    let grid = VoxelGrid(nx: 5, ny: 6, nz: 7, boxFrom: low, to: high)
    let box = Volume(grid: grid, repeating: value)
    let setup = ViewSetup(columns: 9, rows: 8)
    let projectors: [any Projector] = [
      JosephProjector(), JosephReference(), ExactProjector(), ExactReference(),
    ]
    // Beside the beam, behind the source, behind the detector.
    for center in [Vector3(3000, 0, 0), Vector3(0, -3000, 0), Vector3(0, 3000, 0)] {
      for parallel in [false, true] {
        // A parallel beam has no source in front of which a volume could lie.
        if parallel && center.y < 0 { continue }
        var setup = setup
        setup.isParallel = parallel
        let geometry = try setup.geometry(of: .pa, isocenter: -center)
        for projector in projectors {
          #expect(projector.forward(box, geometry) == [Float](repeating: 0, count: 72))
          let back = projector.adjoint([Float](repeating: 1, count: 72), geometry, onto: grid)
          #expect(back.values == [Float](repeating: 0, count: grid.count))
        }
      }
    }
  }

  /// Absurd but finite numbers must not crash a projector.
  @Test func hugeNumbersDoNotCrash() throws {
    let grid = VoxelGrid(nx: 5, ny: 6, nz: 7, boxFrom: low, to: high)
    let box = Volume(grid: grid, repeating: value)
    let projectors: [any Projector] = [
      JosephProjector(), JosephReference(), ExactProjector(), ExactReference(),
    ]
    for far in [1e12, 1e200, 1e300] {
      let geometry = try ProjectionGeometry(
        beam: .cone(source: Vector3(0, -far, 0)), pixelOrigin: Vector3(-1, far, 1),
        columnStep: Vector3(1, 0, 0), rowStep: Vector3(0, 0, -1), columns: 3, rows: 3)
      for projector in projectors { #expect(projector.forward(box, geometry).count == 9) }
    }
  }
}

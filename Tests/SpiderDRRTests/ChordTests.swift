import SpiderCore
import SpiderDRR
import SpiderSupport
import SpiderTestSupport
import Testing

/// The exact projector against the sum of closed-form chords: one a voxel, each the length of a ray inside
/// a box.
@Suite struct ChordTests {
  /// The line integrals of a volume: for every voxel, the ray cut by its three pairs of faces.
  func chords(_ volume: Volume, _ geometry: ProjectionGeometry) -> [Double] {
    let toIndex = volume.grid.affine.inverse
    return Scenes.pixels(geometry).map { pixel in
      let end = geometry.pixelCenter(column: Double(pixel.column), row: Double(pixel.row))
      let along = geometry.rayDirection(column: Double(pixel.column), row: Double(pixel.row))
      var far = Double.infinity
      if case .cone(let source) = geometry.beam { far = length(end - source) }
      // Distances in mm, counted backwards from the pixel; boxes where indices are whole numbers.
      let (start, step) = (toIndex.apply(end), -toIndex.applyLinear(along))
      return volume.values.indices.reduce(0) { sum, index in
        let v = volume.grid.voxel(at: index)
        var range = (0.0, far)
        for axis in 0..<3 {
          let a = (Double(v[axis]) - 0.5 - start[axis]) / step[axis]
          let b = (Double(v[axis]) + 0.5 - start[axis]) / step[axis]
          range = (max(range.0, min(a, b)), min(range.1, max(a, b)))
        }
        return sum + max(0, range.1 - range.0) * Double(volume.values[index])
      }
    }
  }

  /// 200 random cones and parallel beams from outside, cones with their source or detector inside,
  /// through oblique, sheared and mirrored grids.
  @Test func twoHundredGeometries() throws {
    var random = SeededGenerator(seed: 21)
    var worst = (fast: 0.0, plain: 0.0)
    for number in 0..<200 {
      let grid = Scenes.grid(
        1 + random.index(below: 6), 1 + random.index(below: 6), 1 + random.index(below: 6), &random)
      let volume = Scenes.noise(on: grid, &random)
      let places = [(300.0, 200.0, 3.0), (2, 60, 12), (300, 1, 1)]
      let (source, detector, pixel) = places[number % 3]
      let geometry = try Scenes.geometry(
        parallel: number % 4 == 1, source: source, detector: detector, pixel: pixel, columns: 11,
        rows: 9, &random)
      let expected = chords(volume, geometry)
      guard let largest = expected.max(), largest > 0 else { continue }
      func error(_ values: [Double]) -> Double {
        zip(values, expected).reduce(0) { max($0, abs($1.0 - $1.1)) } / largest
      }
      worst.plain = max(worst.plain, error(ExactReference().lineIntegrals(volume, geometry)))
      worst.fast = max(
        worst.fast, error(ExactProjector().forward(volume, geometry).map(Double.init)))
    }
    // What users are promised, and what double precision gives.
    #expect(worst.fast > 0 && worst.fast <= 1e-4, "\(worst)")
    #expect(worst.plain <= 1e-10, "\(worst)")
  }

  /// A lit voxel gives its value times the chord of its box, wherever it lies and however it is seen.
  @Test func oneVoxelGivesItsChord() throws {
    var random = SeededGenerator(seed: 23)
    for number in 0..<30 {
      let level = try Scenes.levelView(number, 7, 6, 5, &random)
      let tilted = (try Scenes.geometry(parallel: number % 2 == 0, &random), level.1)
      for (geometry, grid) in [level, tilted] {
        var volume = Volume(grid: grid, repeating: 0)
        volume.values[random.index(below: grid.count)] = 3
        let expected = chords(volume, geometry)
        // 1e-4 mm of chord: positions are good to 1e-6 voxels, a chord's ends to that over the slope.
        expectClose(
          ExactProjector().forward(volume, geometry), expected, atol: 3e-4, "number \(number)")
      }
    }
  }
}

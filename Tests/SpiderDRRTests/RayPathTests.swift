import SpiderCore
import SpiderDRR
import SpiderSupport
import SpiderTestSupport
import Testing

/// The two ways of following rays, the memory orders they like, and voxels that are not numbers.
@Suite struct RayPathTests {
  /// Turning everything together changes nothing in the world, but takes rays that were followed by lines
  /// into bundles.
  @Test func linesEqualBundles() throws {
    var random = SeededGenerator(seed: 31)
    for number in 0..<20 {
      let (geometry, grid) = try Scenes.levelView(number, 14, 11, 9, &random)
      let volume = Scenes.noise(on: grid, &random)
      let turned = try ProjectionGeometry(
        beam: geometry.beam, pixelOrigin: geometry.pixelOrigin,
        columnStep: geometry.columnStep + Vector3(0, 0, 1e-5 * geometry.columnStep.x),
        rowStep: geometry.rowStep + Vector3(1e-5, -1e-5, 0) * length(geometry.rowStep),
        columns: geometry.columns, rows: geometry.rows)
      for projector in [JosephProjector(), ExactProjector()] as [any FastProjector] {
        let lines = projector.forward(volume, geometry)
        let bundles = projector.forward(volume, turned)
        let largest = Double(lines.max() ?? 0)
        // Pixels move by up to 1e-5 of 22 rows, a few 1e-3 of a voxel: a change in noise of as much.
        // Where a ray slides over an edge of the volume, an exact one gains or loses a voxel.
        let far = zip(lines, bundles).filter { abs(Double($0.0 - $0.1)) > 4e-3 * largest }
        #expect(far.count <= lines.count / 50, "\(far.count) pixels of view \(number)")
      }
    }
  }

  @Test func orderIsReversible() throws {
    var random = SeededGenerator(seed: 32)
    // More than a tile of the reordering loop along every axis, and remainders.
    let volume = Scenes.noise(on: Scenes.grid(37, 18, 21, &random), &random)
    let geometries = try [NamedView.pa, .ap, .left, .right].map {
      try ViewSetup().geometry(of: $0)
    }
    var seen: Set<[Int]> = []
    for orientation in Orientation.all {
      let cube = Scenes.noise(on: .canonical(size: 4), &random).reoriented(to: orientation)
      seen.insert(VoxelOrder(for: geometries, in: cube.grid).axes)
    }
    // Whichever axis runs upwards becomes the fastest.
    #expect(seen == [[0, 1, 2], [1, 0, 2], [2, 0, 1]])
    for axes in seen {
      let orientation = ["SAR", "RSA", "RAS"][axes[0]]
      let cube = VoxelGrid.canonical(size: 4)
      let stored = Volume(grid: cube, repeating: 0).reoriented(
        to: try #require(Orientation(code: orientation)))
      let order = VoxelOrder(for: geometries, in: stored.grid)
      #expect(order.axes == axes)
      let other = volume.reordered(order)
      #expect(other.reordered(order.inverse) == volume)
      for index in stride(from: 0, to: other.values.count, by: 97) {
        let v = other.grid.voxel(at: index)
        var source = SIMD3(0, 0, 0)
        for axis in 0..<3 { source[axes[axis]] = v[axis] }
        #expect(other.values[index] == volume[source.x, source.y, source.z])
        let place = other.grid.worldPoint(Double(v.x), Double(v.y), Double(v.z))
        let expected = volume.grid.worldPoint(
          Double(source.x), Double(source.y), Double(source.z))
        expectClose(length(place - expected), 0, atol: 1e-12, "place")
      }
    }
  }

  /// Reordering moves bits: of volumes that no tile divides, NaN among them, on any number of workers.
  @Test(arguments: [SIMD3(1, 1, 1), SIMD3(1, 17, 2), SIMD3(33, 1, 16), SIMD3(16, 15, 47)])
  func reorderingMovesBits(_ shape: SIMD3<Int>) throws {
    let geometries = try [NamedView.pa, .ap, .left, .right].map {
      try ViewSetup().geometry(of: $0)
    }
    var axesSeen = Set<[Int]>()
    for code in ["SAR", "RSA", "RAS"] {
      let stored = Volume(grid: .canonical(size: 4), repeating: 0).reoriented(
        to: try #require(Orientation(code: code)))
      let order = VoxelOrder(for: geometries, in: stored.grid)
      axesSeen.insert(order.axes)
      let grid = VoxelGrid(nx: shape.x, ny: shape.y, nz: shape.z, affine: .identity)
      var volume = Volume(grid: grid, values: randomValues(grid.count, seed: 1))
      volume.values[grid.count / 2] = Float(nan: 7, signaling: false)
      let target = grid.reordered(order)
      let expected = (0..<target.count).map { index in
        let v = target.voxel(at: index)
        var source = SIMD3(0, 0, 0)
        for axis in 0..<3 { source[order.axes[axis]] = v[axis] }
        return volume[source.x, source.y, source.z].bitPattern
      }
      for workers in [1, 2, 3] {
        let moved = Parallel.withWorkerCount(workers) {
          [true, false].map { volume.reordered(order, isParallel: $0).values.map(\.bitPattern) }
        }
        #expect(moved[0] == expected && moved[1] == expected, "\(code), \(workers) workers")
      }
    }
    #expect(axesSeen.count == 3)
  }

  @Test func manyViewsEqualSingleOnes() throws {
    var random = SeededGenerator(seed: 33)
    let volume = Scenes.noise(on: .canonical(size: 24), &random)
    let setup = ViewSetup(pixelSize: SIMD2(12, 12), columns: 31, rows: 29)
    let geometries = try [NamedView.pa, .left, .gantry(degrees: 20)].map {
      try setup.geometry(of: $0)
    }
    for projector in [JosephProjector(), ExactProjector()] as [any FastProjector] {
      let together = projector.forward(volume, geometries)
      for (image, geometry) in zip(together, geometries) {
        let largest = Double(image.max() ?? 0)
        // Odd detectors: a row and a column of rays run along faces in the middle of the volume. They
        // belong to the voxel with the larger index, in any order of the axes.
        expectClose(
          image, projector.forward(volume, geometry).map(Double.init),
          atol: 2e-5 * largest, "views together")
      }
    }
  }

  /// Rays exactly along the faces between voxels belong to the voxel with the larger index.
  @Test func raysAlongFaces() throws {
    let grid = VoxelGrid(nx: 4, ny: 6, nz: 4, affine: .identity)
    var volume = Volume(grid: grid, repeating: 0)
    for k in 0..<4 { for j in 0..<6 { for i in 0..<4 { volume[i, j, k] = Float(1 + i + 10 * k) } } }
    for orientation in [0, 1] {
      let (column, row) = (Vector3(1, 0, 0), Vector3(0, 0, 1))
      let geometry = try ProjectionGeometry(
        beam: .parallel(direction: Vector3(0, 1, 0)), pixelOrigin: Vector3(-0.5, 20, -0.5),
        columnStep: orientation == 0 ? column : row, rowStep: orientation == 0 ? row : column,
        columns: 5, rows: 5)
      let expected = Scenes.pixels(geometry).map { pixel -> Double in
        let (i, k) = orientation == 0 ? (pixel.column, pixel.row) : (pixel.row, pixel.column)
        return i < 4 && k < 4 ? 6 * Double(1 + i + 10 * k) : 0
      }
      expectClose(ExactProjector().forward(volume, geometry), expected, rtol: 1e-6, atol: 0, "fast")
      expectClose(
        ExactReference().forward(volume, geometry), expected, rtol: 1e-6, atol: 0, "plain")
    }
  }

  /// A voxel that is not a number makes rays through it not numbers, and no ray two voxels away.
  @Test func notANumberTravels() throws {
    var random = SeededGenerator(seed: 34)
    for number in 0..<16 {
      let level = try Scenes.levelView(number, 9, 10, 11, &random)
      let tilted = (try Scenes.geometry(parallel: number % 2 == 0, &random), level.1)
      for (geometry, grid) in [level, tilted] {
        let lit = SIMD3(4, 5, 5)
        var volume = Volume(grid: grid, repeating: 1)
        volume[lit.x, lit.y, lit.z] = .nan
        var (single, around) = (volume.withValues(volume.values.map { _ in Float(0) }), volume)
        single[lit.x, lit.y, lit.z] = 1
        for index in around.values.indices {
          let d = grid.voxel(at: index) &- lit
          let near = max(abs(d.x), abs(d.y), abs(d.z)) <= 2
          around.values[index] = near ? 1 : 0
        }
        for projector in [JosephProjector(), ExactProjector()] as [any FastProjector] {
          let image = projector.forward(volume, geometry)
          let through = projector.forward(single, geometry)
          let near = projector.forward(around, geometry)
          for pixel in image.indices {
            if through[pixel] > 1e-3 { #expect(image[pixel].isNaN) }
            if near[pixel] == 0 { #expect(!image[pixel].isNaN) }
          }
          // Nor does a pixel that is not a number vanish in the adjoint.
          var rays = [Float](repeating: 0, count: geometry.count)
          rays[through.indices.max { through[$0] < through[$1] } ?? 0] = .nan
          let back = projector.adjoint(rays, geometry, onto: grid)
          let brightest = through.max() ?? 0
          if brightest > 1e-3 { #expect(back[lit.x, lit.y, lit.z].isNaN) }
          #expect(back.values.contains { !$0.isNaN })
        }
      }
    }
  }
}

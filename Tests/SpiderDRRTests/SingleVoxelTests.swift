import SpiderCore
import SpiderDRR
import SpiderSupport
import SpiderTestSupport
import Testing

/// One lit voxel must appear where the geometry projects its centre: projector and geometry agree.
@Suite struct SingleVoxelTests {
  struct Case: Sendable {
    let geometry: ProjectionGeometry
    let grid: VoxelGrid
    let voxel: SIMD3<Int>
  }

  static func cases() throws -> [Case] {
    var random = SeededGenerator(seed: 77)
    var geometries: [ProjectionGeometry] = []
    for number in 0..<10 {
      geometries.append(
        try Scenes.geometry(
          parallel: number % 2 == 1, source: 700, detector: 300, pixel: 0.4, columns: 201,
          rows: 175,
          &random))
    }
    let setup = ViewSetup(pixelSize: SIMD2(0.5, 0.55), columns: 181, rows: 171)
    for view in [.pa, .ap, .left, .right, .gantry(degrees: 30), .gantry(degrees: 200)]
      as [NamedView]
    {
      geometries.append(try setup.geometry(of: view))
    }
    return geometries.map { geometry in
      let grid = Scenes.grid(9, 10, 11, &random)
      let voxel = SIMD3(
        random.index(below: 9), random.index(below: 10), random.index(below: 11))
      return Case(geometry: geometry, grid: grid, voxel: voxel)
    }
  }

  @Test(arguments: try cases()) func appearsWhereProjectSays(_ item: Case) {
    let (geometry, grid, v) = (item.geometry, item.grid, item.voxel)
    var volume = Volume(grid: grid, repeating: 0)
    volume[v.x, v.y, v.z] = 1
    let center = grid.worldPoint(Double(v.x), Double(v.y), Double(v.z))
    let expected = geometry.project(center)
    for projector in [JosephProjector(), ExactProjector()] as [any Projector] {
      let image = projector.forward(volume, geometry).map(Double.init)
      let pixels = Scenes.pixels(geometry)
      let brightest = image.indices.max { image[$0] < image[$1] } ?? 0
      let total = image.reduce(0, +)
      let column = zip(image, pixels).reduce(0) { $0 + $1.0 * Double($1.1.column) } / total
      let row = zip(image, pixels).reduce(0) { $0 + $1.0 * Double($1.1.row) } / total
      expectClose(column, expected.x, atol: 0.1, "column of the centroid")
      expectClose(row, expected.y, atol: 0.1, "row of the centroid")
      // No parallel ray through a box is longer than the one through its centre, but others may be as
      // long: the exact image has a flat top. Joseph's interpolation makes a peak of it.
      let place = Int(expected.y.rounded()) * geometry.columns + Int(expected.x.rounded())
      #expect(image[place] > 0.8 * image[brightest])
      if projector is JosephProjector {
        #expect(abs(Double(pixels[brightest].column) - expected.x) <= 1)
        #expect(abs(Double(pixels[brightest].row) - expected.y) <= 1)
      }

      // The image integrates to the voxel's volume: pixel area across the ray, brought to its depth.
      let direction = geometry.rayDirection(column: expected.x, row: expected.y)
      var area = abs(dot(cross(geometry.columnStep, geometry.rowStep), direction))
      if case .cone(let source) = geometry.beam {
        let end = geometry.pixelCenter(column: expected.x, row: expected.y)
        let ratio = length(center - source) / length(end - source)
        area *= ratio * ratio
      }
      expectClose(total * area, abs(grid.affine.determinant), rtol: 0.02, atol: 0, "volume")
    }
  }

  /// A ray through the centre of a voxel crosses one plane there: one voxel length along the ray.
  @Test func centralRayGivesOneVoxelLength() throws {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<12 {
      let turn = Affine.rotation(
        angle: random.uniform(in: 0...6), axis: Scenes.direction(&random))
      let scale = Affine(
        scale: Vector3(random.uniform(in: 1...3), random.uniform(in: 1...3), 2))
      let grid = VoxelGrid(nx: 6, ny: 7, nz: 5, affine: turn.composed(with: scale))
      var volume = Volume(grid: grid, repeating: 0)
      volume[3, 2, 4] = 1
      let center = grid.worldPoint(3, 2, 4)
      let along = Scenes.direction(&random)
      let across = normalized(cross(along, Scenes.direction(&random)))
      let geometry = try ProjectionGeometry(
        beam: .cone(source: center - along * 400), pixelOrigin: center + along * 200,
        columnStep: across, rowStep: cross(along, across), columns: 1, rows: 1)
      let index = grid.affine.inverse.applyLinear(along)
      let expected = 1 / max(abs(index.x), abs(index.y), abs(index.z))
      expectClose(
        JosephProjector().forward(volume, geometry)[0], expected, rtol: 1e-5, atol: 0, "Joseph")
      expectClose(
        ExactReference().lineIntegrals(volume, geometry)[0], expected, rtol: 1e-9, atol: 0, "plain")
      expectClose(
        ExactProjector().forward(volume, geometry)[0], expected, rtol: 1e-5, atol: 0, "exact")
    }
  }
}

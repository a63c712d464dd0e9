import SpiderCore
import SpiderDRR
import SpiderSupport

/// Random volumes, grids and geometries for the projector tests.
enum Scenes {
  /// A unit vector of any direction.
  static func direction(_ random: inout SeededGenerator) -> Vector3 {
    normalized(Vector3(random.normal(), random.normal(), random.normal()))
  }

  /// A grid with an oblique, anisotropic, sheared and perhaps mirrored affine near the world origin.
  static func grid(_ nx: Int, _ ny: Int, _ nz: Int, _ random: inout SeededGenerator) -> VoxelGrid {
    let turn = Affine.rotation(angle: random.uniform(in: 0...6), axis: direction(&random))
    let sign = random.uniform() < 0.5 ? 1.0 : -1.0
    let shear = Affine(
      columns: (
        Vector3(random.uniform(in: 1...3), 0, 0),
        Vector3(random.uniform(in: -0.5...0.5), random.uniform(in: 1...3), 0),
        Vector3(0, random.uniform(in: -0.5...0.5), sign * random.uniform(in: 1...3))
      ), translation: .zero)
    let linear = turn.composed(with: shear)
    let middle = linear.applyLinear(Vector3(Double(nx - 1), Double(ny - 1), Double(nz - 1)) / 2)
    let shift = Vector3(random.normal(), random.normal(), random.normal()) * 3
    return VoxelGrid(
      nx: nx, ny: ny, nz: nz, affine: Affine(columns: linear.columns, translation: shift - middle))
  }

  /// A volume of uniform noise in [0, 1): nothing cancels.
  static func noise(on grid: VoxelGrid, _ random: inout SeededGenerator) -> Volume {
    Volume(grid: grid, values: (0..<grid.count).map { _ in Float(random.uniform()) })
  }

  /// A view from any direction, with a tilted and turned detector of oblong pixels about the origin.
  static func geometry(
    parallel: Bool, source: Double = 300, detector: Double = 200, pixel: Double = 5,
    columns: Int = 21, rows: Int = 18, _ random: inout SeededGenerator
  ) throws -> ProjectionGeometry {
    let along = direction(&random)
    let tilted = normalized(along + 0.2 * direction(&random))
    let helper = abs(tilted.x) < 0.8 ? Vector3(1, 0, 0) : Vector3(0, 1, 0)
    let across = Affine.rotation(angle: random.uniform(in: 0...6), axis: tilted)
      .applyLinear(normalized(cross(tilted, helper)))
    let columnStep = across * pixel
    let rowStep = cross(tilted, across) * (pixel * 1.2)
    let middle = along * detector + 4 * direction(&random)
    return try ProjectionGeometry(
      beam: parallel ? .parallel(direction: along) : .cone(source: along * -source),
      pixelOrigin: middle - columnStep * (Double(columns - 1) / 2)
        - rowStep * (Double(rows - 1) / 2),
      columnStep: columnStep, rowStep: rowStep, columns: columns, rows: rows)
  }

  /// Cone and parallel views from outside, and cone views with source or detector inside the volume.
  static func geometries(count: Int, seed: UInt64) throws -> [ProjectionGeometry] {
    var random = SeededGenerator(seed: seed)
    return try (0..<count).map { number in
      switch number % 4 {
      case 0: return try geometry(parallel: false, &random)
      case 1: return try geometry(parallel: true, &random)
      case 2: return try geometry(parallel: false, source: 4, detector: 60, &random)
      default: return try geometry(parallel: number % 8 == 3, detector: 3, pixel: 2, &random)
      }
    }
  }

  /// A view from any side whose columns are parallel to the world's z axis, and an upright grid whose
  /// voxel axes lie along the world's in one of the 48 ways.
  ///
  /// By number: cone and parallel; source or detector inside the volume; detectors so near that rays run
  /// more along their columns than across; pixels from a fraction of a voxel to several voxels.
  static func levelView(
    _ number: Int, _ nx: Int, _ ny: Int, _ nz: Int, _ random: inout SeededGenerator
  ) throws -> (ProjectionGeometry, VoxelGrid) {
    let spacing = Vector3(
      random.uniform(in: 1...3), random.uniform(in: 1...3), random.uniform(in: 1...3))
    let half = spacing * Vector3(Double(nx), Double(ny), Double(nz)) / 2
    let shift = direction(&random) * 2
    let standard = VoxelGrid(nx: nx, ny: ny, nz: nz, boxFrom: shift - half, to: shift + half)
    let orientation = Orientation.all[random.index(below: 48)]
    let grid = Volume(grid: standard, repeating: 0).reoriented(to: orientation).grid

    let angle = random.uniform(in: 0...6.28)
    let turn = Affine.rotation(angle: angle, axis: Vector3(0, 0, 1))
    let sizes = [(300.0, 200.0, 4.0), (300, 200, 0.7), (4, 60, 5), (300, 3, 1.5), (6, 20, 6)]
    let (source, detector, pixel) = sizes[number % sizes.count]
    let (columns, rows) = (19, 22)
    let column = turn.applyLinear(Vector3(1, 0.1 * random.uniform(), 0)) * pixel
    let row = Vector3(0, 0, -1.3 * pixel)
    let along = turn.applyLinear(Vector3(0, 1, parallelTilt(number)))
    let middle = turn.applyLinear(Vector3(random.normal(), detector, random.normal()))
    let geometry = try ProjectionGeometry(
      beam: number % 3 == 0
        ? .parallel(direction: along) : .cone(source: turn.applyLinear(Vector3(0, -source, 1))),
      pixelOrigin: middle - column * (Double(columns - 1) / 2) - row * (Double(rows - 1) / 2),
      columnStep: column, rowStep: row, columns: columns, rows: rows)
    return (geometry, grid)
  }

  private static func parallelTilt(_ number: Int) -> Double { number % 2 == 0 ? 0 : 0.3 }

  /// The length (mm) of a pixel's ray inside the box between two corners, in closed form.
  static func chord(
    _ geometry: ProjectionGeometry, column: Int, row: Int, from low: Vector3, to high: Vector3
  ) -> Double {
    let end = geometry.pixelCenter(column: Double(column), row: Double(row))
    let direction = geometry.rayDirection(column: Double(column), row: Double(row))
    // Distances are counted backwards from the pixel.
    var near = 0.0
    var far = Double.infinity
    if case .cone(let source) = geometry.beam { far = length(end - source) }
    for axis in 0..<3 where direction[axis] != 0 {
      let a = (end[axis] - low[axis]) / direction[axis]
      let b = (end[axis] - high[axis]) / direction[axis]
      near = max(near, min(a, b))
      far = min(far, max(a, b))
    }
    for axis in 0..<3 where direction[axis] == 0 {
      if end[axis] <= low[axis] || end[axis] >= high[axis] { return 0 }
    }
    return max(0, far - near)
  }

  /// All pixels of a detector, row by row.
  static func pixels(_ geometry: ProjectionGeometry) -> [(column: Int, row: Int)] {
    (0..<geometry.count).map { ($0 % geometry.columns, $0 / geometry.columns) }
  }
}

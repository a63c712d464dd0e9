import SpiderCore

print("\(Parallel.workerCount) workers")
let stopwatch = Stopwatch()

// Reorienting reads memory against its grain when the axes change places: the worst case is the order
// KJI, beside a plain copy as the floor.
let grid = VoxelGrid.canonical(size: 192)
let volume = Volume(grid: grid, values: (0..<grid.count).map { Float($0 % 4096) - 1024 })
stopwatch.measure("copy a volume", amount: grid.count, unit: "voxel") {
  volume.values.map { $0 + 1 }
}
for code in ["LPS", "ARS", "SAR"] {
  guard let orientation = Orientation(code: code) else { continue }
  stopwatch.measure("reorient RAS to \(code)", amount: grid.count, unit: "voxel") {
    volume.reoriented(to: orientation)
  }
}

// Where a point of the patient appears in a view: asked once a point and view by the networks.
let geometry = try ViewSetup().geometry(of: .left)
let matrix = geometry.matrix
var generator = SeededGenerator(seed: 1)
let points = (0..<100_000).map { _ in
  Vector3(generator.uniform(), generator.uniform(), generator.uniform()) * 200 - 100
}
stopwatch.measure("project points", amount: points.count, unit: "point") {
  points.reduce(SIMD2<Double>.zero) { $0 + matrix.project($1) }
}

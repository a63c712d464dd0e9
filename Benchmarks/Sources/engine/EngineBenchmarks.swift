import SpiderCore

/// The micro-benchmarks, one function a part of the engine. (Not top-level code: its variables are globals,
/// which the optimiser treats differently from what programs do.)
@main struct EngineBenchmarks {
  static func main() throws {
    print("\(Parallel.workerCount) workers, OpenBLAS kernels for \(BLAS.coreName)")
    let stopwatch = Stopwatch()
    reorientation(stopwatch)
    try projection(stopwatch)
  }

  /// Reorienting reads memory against its grain when the axes change places. A plain copy is the floor.
  static func reorientation(_ stopwatch: Stopwatch) {
    let grid = VoxelGrid.canonical(size: 192)
    let volume = Volume(grid: grid, values: (0..<grid.count).map { Float($0 % 4096) - 1024 })
    stopwatch.measure("copy a volume", amount: grid.count, unit: "voxel") {
      var copy = volume.values
      copy[0] += 1  // Arrays are copied when they are first written.
      return copy
    }
    for code in ["LPS", "ARS", "SAR"] {
      guard let orientation = Orientation(code: code) else { continue }
      stopwatch.measure("reorient RAS to \(code)", amount: grid.count, unit: "voxel") {
        volume.reoriented(to: orientation)
      }
    }
  }

  /// Where points of the patient appear in a view: asked once a point and view by the networks.
  static func projection(_ stopwatch: Stopwatch) throws {
    let matrix = try ViewSetup().geometry(of: .left).matrix
    var generator = SeededGenerator(seed: 1)
    let points = (0..<100_000).map { _ in
      Vector3(generator.uniform(), generator.uniform(), generator.uniform()) * 200 - 100
    }
    stopwatch.measure("project points", amount: points.count, unit: "point") {
      points.reduce(SIMD2<Double>.zero) { $0 + matrix.project($1) }
    }
  }
}

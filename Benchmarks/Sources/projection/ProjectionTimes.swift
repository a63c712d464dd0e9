import Foundation
import SpiderCore
import SpiderDRR

/// Times of the projectors on the task by which other programs are measured: a volume of 512 x 512 x 200
/// voxels (0.5 x 0.5 x 1 mm), centred, to 256 x 256 pixels of a 400 mm detector, SAD 1000, SID 1500; and on
/// the small views of training.
struct ProjectionTimes {
  /// How often each thing is timed; the least counts.
  let repeats: Int

  func measure() throws -> [String: Any] {
    var report: [String: Any] = ["threads": Parallel.workerCount, "repeats": repeats]
    let half = Vector3(128, 128, 100)
    let stored = Self.volume(
      on: VoxelGrid(nx: 512, ny: 512, nz: 200, boxFrom: -half, to: half))
    let level = try stride(from: 0.0, to: 90, by: 11).map { try Self.view($0, tilt: 0) }
    let tilted = try stride(from: 0.0, to: 90, by: 11).map { try Self.view($0, tilt: 10) }
    let order = VoxelOrder(for: level, in: stored.grid)
    let arranged = stored.reordered(order)
    report["reorder"] = best { _ = stored.reordered(order) }
    for (name, projector) in Self.projectors {
      report[name] = perView(level) { _ = projector.forward(arranged, $0) }
      report[name + "_tilted"] = perView(tilted) { _ = projector.forward(arranged, $0) }
      report[name + "_tilted_stored"] = perView(tilted) { _ = projector.forward(stored, $0) }
      report[name + "_two_views_stored"] = best {
        _ = projector.forward(stored, [level[0], level[8]])
      }
      let image = projector.forward(arranged, level[3])
      var sum = Volume(grid: arranged.grid, repeating: 0)
      report[name + "_adjoint"] = perView(level) { projector.addAdjoint(image, $0, to: &sum) }
      report[name + "_adjoint_tilted"] = perView(tilted) {
        projector.addAdjoint(image, $0, to: &sum)
      }
    }
    for size in [64, 128] {
      let volume = Self.volume(on: .canonical(size: size))
      let small = ViewSetup(pixelSize: SIMD2(3.6, 3.6), columns: 128, rows: 128)
      let pa = try small.geometry(of: .pa)
      let turned = try Self.turned(pa)
      for (name, projector) in Self.projectors {
        report["\(name)_\(size)"] = perView([pa]) { _ = projector.forward(volume, $0) }
        report["\(name)_\(size)_tilted"] = perView([turned]) { _ = projector.forward(volume, $0) }
      }
    }
    return report
  }

  private static var projectors: [(String, any FastProjector)] {
    [("exact", ExactProjector()), ("joseph", JosephProjector())]
  }

  /// A head-like ellipsoid with noise, so that neither values nor branches repeat.
  private static func volume(on grid: VoxelGrid) -> Volume {
    var random = SeededGenerator(seed: 1)
    let noise = (0..<4096).map { _ in Float(random.uniform()) * 0.001 }
    let radii = Vector3(90, 110, 120)
    return Volume(grid: grid) { k in
      (0..<grid.nx * grid.ny).map { index in
        let point =
          grid.worldPoint(
            Double(index % grid.nx), Double(index / grid.nx), Double(k)) / radii
        return (dot(point, point) < 1 ? 0.02 : 0) + noise[(index &* 7 &+ k &* 13) & 4095]
      }
    }
  }

  /// A view from gantry angle g, the source raised by a tilt; both in degrees.
  private static func view(_ gantry: Double, tilt: Double) throws -> ProjectionGeometry {
    let (g, t) = (gantry * .pi / 180, tilt * .pi / 180)
    let source = Vector3(-sin(g) * cos(t), cos(g) * cos(t), sin(t))
    let column = Vector3(-cos(g), -sin(g), 0)
    let row = cross(-source, column)
    let pixel = 400.0 / 256
    return try ProjectionGeometry(
      beam: .cone(source: source * 1000),
      pixelOrigin: source * -500 - (column + row) * (pixel * 127.5), columnStep: column * pixel,
      rowStep: row * pixel, columns: 256, rows: 256)
  }

  /// A view turned by some degrees about a slanting axis, as training turns patients.
  private static func turned(_ geometry: ProjectionGeometry) throws -> ProjectionGeometry {
    let turn = Affine.rotation(angle: 0.15, axis: normalized(Vector3(1, 0.5, -0.7)))
    guard case .cone(let source) = geometry.beam else { return geometry }
    return try ProjectionGeometry(
      beam: .cone(source: turn.apply(source)), pixelOrigin: turn.apply(geometry.pixelOrigin),
      columnStep: turn.applyLinear(geometry.columnStep),
      rowStep: turn.applyLinear(geometry.rowStep), columns: geometry.columns, rows: geometry.rows)
  }

  /// Milliseconds of wall clock and of processor time of the best run.
  private func best(_ work: () -> Void) -> [String: Double] {
    work()
    var least = (wall: Double.infinity, processor: Double.infinity)
    for _ in 0..<repeats {
      let cpu = clock()
      let wall = ContinuousClock().measure(work) / .milliseconds(1)
      least.wall = min(least.wall, wall)
      least.processor = min(least.processor, Double(clock() - cpu) * 1000 / Double(CLOCKS_PER_SEC))
    }
    return ["wall_ms": least.wall, "cpu_ms": least.processor]
  }

  /// The same a view, over several views.
  private func perView(
    _ views: [ProjectionGeometry], _ work: (ProjectionGeometry) -> Void
  ) -> [String: Double] {
    let whole = best { for view in views { work(view) } }
    return whole.mapValues { $0 / Double(views.count) }
  }
}

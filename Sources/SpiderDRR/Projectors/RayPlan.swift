import SpiderImaging

/// The plan by which the rays of one geometry are traced through one grid.
///
/// - *By lines*, where a direction of the detector (down its columns or along its rows) is parallel to
///   the voxel axis that is fastest in memory: the rays along that direction share their path through
///   the other two axes, and read whole lines of voxels. True of every named view of an upright volume,
///   once it is in the right order.
/// - *By bundles* otherwise (tilted views, turned patients): eight neighbours at a time, along the
///   direction of the detector that is nearest to the fastest axis.
///
/// Where another order of the axes suits the view much better, a reordered copy of the volume is made,
/// provided that there is enough work to pay for it.
///
/// Both follow each ray plane by plane across its own main axis, the one along which its index changes
/// fastest, and give the same result up to rounding.
struct RayPlan {
  /// A direction of the detector.
  enum Direction: Sendable { case downColumns, alongRows }

  /// The memory order in which the volume is read.
  let order: VoxelOrder
  /// The direction in which neighbouring rays are taken together.
  let neighbours: Direction
  /// Whether they share their path.
  let byLines: Bool

  init(_ geometry: ProjectionGeometry, in grid: VoxelGrid) {
    // A copy of a voxel costs about as much as two samples of a ray save.
    let samples = geometry.count * max(grid.nx, grid.ny, grid.nz)
    let order =
      samples >= grid.count / 2 ? VoxelOrder(for: [geometry], in: grid) : VoxelOrder.standard
    let rays = IndexRays(geometry, in: grid.reordered(order))
    let direction = Self.lineDirection(rays, axis: 0)
    let nearest: Direction =
      Self.alignment(rays.rowStep, axis: 0) >= Self.alignment(rays.columnStep, axis: 0)
      ? .downColumns : .alongRows
    self.order = order
    neighbours = direction ?? nearest
    byLines = direction != nil
  }

  /// The least gain in suitability for which a reordered copy is made.
  static let worthwhileGain = 0.4

  /// The suitability of a view's rays to a memory order whose fastest axis is given: 2 by lines; by
  /// bundles, the cosine between the axis and the nearer direction of the detector. (An axis that runs
  /// along the rays themselves is the worst: then neighbouring rays share no cache line.)
  static func suitability(of axis: Int, for rays: IndexRays) -> Double {
    guard lineDirection(rays, axis: axis) == nil else { return 2 }
    return max(alignment(rays.rowStep, axis: axis), alignment(rays.columnStep, axis: axis))
  }

  /// The direction of the detector that is parallel to a voxel axis, if there is one.
  private static func lineDirection(_ rays: IndexRays, axis: Int) -> Direction? {
    if isParallel(rays.rowStep * Double(rays.rows), axis: axis) { return .downColumns }
    if isParallel(rays.columnStep * Double(rays.columns), axis: axis) { return .alongRows }
    return nil
  }

  /// Parallel enough: across the whole detector, what is neglected stays below the rounding of
  /// positions in float.
  private static func isParallel(_ span: Vector3, axis: Int) -> Bool {
    (0..<3).allSatisfy { $0 == axis || abs(span[$0]) < 1e-6 } && span[axis] != 0
  }

  private static func alignment(_ step: Vector3, axis: Int) -> Double {
    abs(step[axis]) / length(step)
  }
}

/// An order of a volume's three axes in memory, fastest first.
///
/// Rays are followed fastest when the axis that varies fastest in memory is parallel to the columns of
/// the detector, or to its rows: then the rays of a whole column share their path through the other two
/// axes. Where many views of one volume are taken, or a reconstruction goes to and fro between volume
/// and images, bring it into that order once:
///
///     let order = VoxelOrder(for: geometries, in: volume.grid)
///     let arranged = volume.reordered(order)
///     let images = geometries.map { projector.forward(arranged, $0) }
///     let back = arranged.reordered(order.inverse)
///
/// Only memory order and affine change; every voxel stays in its place in the world.
public struct VoxelOrder: Equatable, Sendable {
  /// The axes of the volume as it was, in their new order.
  public let axes: [Int]

  /// The order in which volumes are made and stored.
  public static let standard = VoxelOrder(axes: [0, 1, 2])

  private init(axes: [Int]) { self.axes = axes }

  /// The order with one axis first and the others as they were.
  init(fastest axis: Int) { axes = [axis] + (0..<3).filter { $0 != axis } }

  /// The best order for some views of a grid: the axis that most of them can follow by lines, else the
  /// one that lies most nearly along their detectors. One that is about as good already is kept.
  public init(for geometries: [ProjectionGeometry], in grid: VoxelGrid) {
    var scores = [0.0, 0.0, 0.0]
    for geometry in geometries {
      let rays = IndexRays(geometry, in: grid)
      for axis in 0..<3 { scores[axis] += RayPlan.suitability(of: axis, for: rays) }
    }
    let best = (0..<3).max { scores[$0] < scores[$1] } ?? 0
    let gain = scores[best] - scores[0]
    self.init(fastest: gain > RayPlan.worthwhileGain * Double(geometries.count) ? best : 0)
  }

  /// The order that undoes this one.
  public var inverse: VoxelOrder {
    VoxelOrder(axes: (0..<3).map { axis in axes.firstIndex(of: axis) ?? 0 })
  }
}

extension VoxelGrid {
  /// The same voxels with their axes in another order.
  public func reordered(_ order: VoxelOrder) -> VoxelGrid {
    let columns = [affine.columns.0, affine.columns.1, affine.columns.2]
    let axes = order.axes
    return VoxelGrid(
      nx: shape[axes[0]], ny: shape[axes[1]], nz: shape[axes[2]],
      affine: Affine(
        columns: (columns[axes[0]], columns[axes[1]], columns[axes[2]]),
        translation: affine.translation))
  }
}

extension Volume {
  /// The same voxels stored in another order of their axes, in the same place in the world.
  public func reordered(_ order: VoxelOrder, isParallel: Bool = true) -> Volume {
    guard order != .standard else { return self }
    let target = grid.reordered(order)
    return Volume(
      grid: target,
      values: RayKernel.reordered(values, order, from: grid, to: target, isParallel: isParallel))
  }
}

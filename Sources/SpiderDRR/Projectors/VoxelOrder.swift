import SpiderImaging

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

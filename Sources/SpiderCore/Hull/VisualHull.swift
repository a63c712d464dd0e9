/// The part of space that radiographs allow the patient to be in: a point whose ray met no attenuation in
/// some view is air, and needs no answer from a network (the visual hull of Laurentini 1994, of X-ray
/// shadows).
///
/// No voxel of the patient is taken away as long as the pose is within the tolerance. Hence:
/// - Only pixels count that are not masked, and only where the open field is certain; a view without one
///   says nothing. See `Silhouette`.
/// - A view says nothing of points that it does not show, or that lie behind its source.
/// - The shadow, and with it what is unknown, is dilated by two pixels (of the model's images, or of the
///   radiograph's own where those are larger; for coarse grids by half a voxel's diagonal if that is more)
///   and by what the pose tolerance moves a corner of the field of view.
public struct VisualHull: Sendable {
  private let views: [HullView]
  private let isocenter: Vector3
  private let side: Double

  /// Finds the shadows.
  ///
  /// - Parameters:
  ///   - radiographs: as they were given, in any order.
  ///   - pixel: the size at the isocentre of the pixels that the model is fed, mm.
  ///   - isocenter: the middle of the field of view, mm.
  ///   - side: the side of the field of view, mm.
  ///   - tolerance: how far the patient may be from where he is said to be.
  public init(
    _ radiographs: [Radiograph], pixel: Double, isocenter: Vector3, side: Double,
    tolerance: PoseTolerance = PoseTolerance()
  ) {
    let corners = (0..<8).map { corner in
      isocenter
        + Vector3(
          corner & 1 == 0 ? -side / 2 : side / 2, corner & 2 == 0 ? -side / 2 : side / 2,
          corner & 4 == 0 ? -side / 2 : side / 2)
    }
    views = radiographs.compactMap {
      HullView(
        $0, pixel: pixel, isocenter: isocenter, corners: corners, tolerance: tolerance)
    }
    self.isocenter = isocenter
    self.side = side
  }

  /// The hull for a model: with its pixels and its field of view.
  public init(
    _ radiographs: [Radiograph], model: ModelDescription, isocenter: Vector3,
    tolerance: PoseTolerance = PoseTolerance()
  ) {
    let setup = model.setup
    let pixel = max(setup.pixelSize.x, setup.pixelSize.y)
    self.init(
      radiographs,
      pixel: setup.isParallel ? pixel : pixel * setup.sourceToAxis / setup.sourceToDetector,
      isocenter: isocenter, side: model.fieldOfView, tolerance: tolerance)
  }

  /// How many of the radiographs say anything.
  public var viewCount: Int { views.count }

  /// The hull as the voxels of a grid see it.
  public func prepared(for grid: VoxelGrid) -> GridHull {
    GridHull(grid: grid, views: views, isocenter: isocenter, side: side)
  }
}

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

/// How far the patient may have been from where the radiographs' geometry says, without culling taking
/// any of him away.
public struct PoseTolerance: Sendable, Equatable {
  /// A displacement in any direction, mm.
  public var shift: Double
  /// A turn about any axis through the isocentre, degrees.
  public var turnDegrees: Double

  /// By default 1 mm and half a degree: a patient who held still between calibrated views.
  public init(shift: Double = 1, turnDegrees: Double = 0.5) {
    precondition(
      shift >= 0 && turnDegrees >= 0, "a tolerance of \(shift) mm and \(turnDegrees) degrees")
    self.shift = shift
    self.turnDegrees = turnDegrees
  }

  /// The farthest that a point at a distance from the isocentre moves, mm.
  func displacement(atDistance distance: Double) -> Double {
    shift + distance * turnDegrees * .pi / 180
  }
}

/// One view's part in a visual hull: how far each pixel of its detector is from the patient's shadow.
struct HullView: Sendable {
  let matrix: ProjectionMatrix
  let columns: Int
  let rows: Int
  /// Pixels that a millimetre spans at most, anywhere in the field of view.
  private let density: Double
  /// Squared distances in pixels to the nearest pixel of shadow, 0 where nothing is known, with a border of
  /// zeros: `rows + 2` rows of `columns + 2`.
  private let distances: [Float]
  /// What the shadow is dilated by for every grid, pixels.
  private let margin: Double
  /// What it is further dilated by for the pose, pixels.
  private let poseMargin: Double

  /// Finds the shadow; nil where the radiograph says nothing for certain.
  ///
  /// - Parameters:
  ///   - radiograph: at the size in which it was given.
  ///   - pixel: the size at the isocentre of the pixels that the model is fed, mm. Finer ones are
  ///     averaged.
  ///   - corners: the corners of the field of view, world mm.
  init?(
    _ radiograph: Radiograph, pixel: Double, isocenter: Vector3, corners: [Vector3],
    tolerance: PoseTolerance
  ) {
    let own = radiograph.geometry.matrix.pixelsPerMillimetre(at: isocenter)
    guard own.isFinite, own > 0 else { return nil }
    let bins = Int(max(1, min(64, (pixel * own + 1e-6).rounded(.down))))
    guard let image = try? radiograph.binned(by: bins) else { return nil }
    let matrix = image.geometry.matrix
    // The projection's derivative is largest at a corner: it falls with depth, which is linear.
    density = corners.map(matrix.pixelsPerMillimetre(at:)).max() ?? .infinity
    guard density.isFinite, density > 0,
      let silhouette = Silhouette(image, pixel: Double(bins) / own)
    else { return nil }
    let (columns, rows) = (image.geometry.columns, image.geometry.rows)
    self.matrix = matrix
    self.columns = columns
    self.rows = rows
    margin = 2 * max(1, pixel * own / Double(bins))
    let distance = corners.map { length($0 - isocenter) }.max() ?? 0
    poseMargin = density * tolerance.displacement(atDistance: distance)
    // What is unknown may be the patient only as far as he may have moved out of it.
    let unknown = Self.distances(columns: columns, rows: rows) { silhouette.unknown[$0] }
    let pose = Float(poseMargin)
    distances = zip(
      Self.distances(columns: columns, rows: rows, beyond: false) { silhouette.shadow[$0] }, unknown
    ).map { $1 > pose * pose ? $0 : 0 }
  }

  /// Squared distances to pixels of a kind, with a border; what lies beyond the detector is of that kind or
  /// not.
  private static func distances(
    columns: Int, rows: Int, beyond: Bool = true, _ isIn: (Int) -> Bool
  ) -> [Float] {
    let padded = VoxelGrid(nx: columns + 2, ny: rows + 2, nz: 1, affine: .identity)
    let mask = (0..<padded.count).map { index in
      let (column, row) = (index % (columns + 2) - 1, index / (columns + 2) - 1)
      guard (0..<columns).contains(column), (0..<rows).contains(row) else { return beyond }
      return isIn(row * columns + column)
    }
    return DistanceTransform.squared(to: Mask(grid: padded, values: mask))
  }

  /// The pixels whose rays, and those within the margins about them, met air alone. `reach` is the
  /// distance from a voxel's centre to its corners, mm.
  func airMap(reach: Double) -> HullKernels.AirMap {
    let radius = Float(max(margin, density * reach) + poseMargin)
    // An infinite radius leaves no air.
    return HullKernels.AirMap(
      columns: columns, rows: rows, pixels: distances.map { $0 > radius * radius ? 1 : 0 })
  }
}

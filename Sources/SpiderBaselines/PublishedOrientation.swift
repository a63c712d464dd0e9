import SpiderCore

/// The one place where Spider's volumes and radiographs are turned to the storage of the published
/// networks, and back.
///
/// Published volumes are (D, H, W). View 1 looks along H: rows run along D, columns along W. View 2
/// looks along W: rows along D, columns along H. D runs from superior to inferior; the source of view 1
/// lies at the far end of H, that of view 2 at the far end of W. With the published views, source behind
/// and source at the patient's left, H runs from anterior to posterior and W from right to left; taken
/// from another side, an axis runs the other way, and the networks see a mirror image that comes back
/// as it was. What a radiograph shows is read off its geometry's vectors, never its name.
public struct PublishedOrientation: Equatable, Sendable {
  /// The two views of the published networks.
  public enum View: String, Sendable {
    /// Along H: frontal.
    case frontal
    /// Along W: lateral.
    case lateral
  }

  /// The directions of the patient in which H and W count.
  let (h, w): (AnatomicalAxis, AnatomicalAxis)

  /// That of the published data: views `pa` and `right`.
  public static let published = PublishedOrientation(h: .posterior, w: .left)

  private init(h: AnatomicalAxis, w: AnatomicalAxis) { (self.h, self.w) = (h, w) }

  /// The storage for X-rays from two sides, one frontal and one lateral.
  ///
  /// - Throws: ``BaselineError/otherViews(_:)`` when the views are any others.
  public init(views: [NamedView]) throws {
    let sources = try Self.roles(of: views)
    guard let frontal = sources.firstIndex(of: .frontal),
      let lateral = sources.firstIndex(of: .lateral)
    else { throw BaselineError.otherViews(views) }
    self.init(
      h: AnatomicalAxis(worldAxis: 1, positive: views[frontal].sourceDirection.y > 0),
      w: AnatomicalAxis(worldAxis: 0, positive: views[lateral].sourceDirection.x > 0))
  }

  /// Which view of the networks each of two views is.
  public static func roles(of views: [NamedView]) throws -> [View] {
    let roles = views.map { view -> View in
      abs(view.sourceDirection.y) > abs(view.sourceDirection.x) ? .frontal : .lateral
    }
    guard roles.count == 2, roles[0] != roles[1] else { throw BaselineError.otherViews(views) }
    return roles
  }

  /// The orientation of stored volumes, the fastest axis first.
  private var volumes: Orientation? { Orientation(axes: [w, h, .inferior]) }

  /// A volume as the networks store it: (D, H, W), W fastest.
  public func stored(_ volume: Volume) -> Volume {
    volumes.map { volume.reoriented(to: $0) } ?? volume
  }

  /// Stored numbers (D, H, W) as a volume on a grid of any orientation along the patient's axes.
  public func volume(_ values: [Float], on grid: VoxelGrid) -> Volume {
    let placed = stored(Volume(grid: grid, repeating: 0)).grid
    return Volume(grid: placed, values: values).reoriented(to: grid.orientation)
  }

  /// Coordinates along D, H and W as a vector of the world, in their unit.
  public func world(_ point: Vector3) -> Vector3 {
    AnatomicalAxis.inferior.direction * point.x + h.direction * point.y + w.direction * point.z
  }

  /// A radiograph as X2CT-GAN's view 1 or 2 has it; values and geometry turn together.
  ///
  /// - Throws: ``BaselineError/otherView(wanted:)`` when it looks along another axis.
  public func image(_ radiograph: Radiograph, as view: View) throws -> Radiograph {
    let g = radiograph.geometry
    let (ray, columns) = view == .frontal ? (h, w) : (w, h)
    func along(_ a: Vector3, _ b: AnatomicalAxis) -> Double { dot(a, b.direction) / length(a) }
    // Half of a right angle apart, another axis would be as near.
    let limit = 0.5.squareRoot()
    let column = along(g.columnStep, columns)
    let row = along(g.rowStep, .inferior)
    guard abs(along(g.centralDirection, ray)) > limit, abs(column) > limit, abs(row) > limit
    else { throw BaselineError.otherView(wanted: view.rawValue) }
    return try radiograph.flipped(columns: column < 0, rows: row < 0)
  }

  /// The pixels of an image of X2CT-GAN as PerX2CT has them: view 1 mirrored left to right, view 2
  /// transposed and then turned upside down. `values` are rows of `side` pixels, `side` of them.
  public static func perX2CT(_ values: [Float], side: Int, as view: View) -> [Float] {
    precondition(values.count == side * side, "\(values.count) pixels of \(side) a side")
    return (0..<side * side).map { index in
      let (row, column) = (index / side, index % side)
      switch view {
      case .frontal: return values[row * side + side - 1 - column]
      // Row r of the result is column side - 1 - r of the image.
      case .lateral: return values[column * side + side - 1 - row]
      }
    }
  }

  /// Where a pixel position (column, row) of an image of X2CT-GAN lies in that of PerX2CT.
  public static func perX2CT(pixel: SIMD2<Double>, side: Int, as view: View) -> SIMD2<Double> {
    let mirrored = Double(side - 1) - pixel.x
    return view == .frontal ? SIMD2(mirrored, pixel.y) : SIMD2(pixel.y, mirrored)
  }
}

import SpiderCore

/// One slice of the volume, and the coarse grid of points of it that features are looked up for.
///
/// Coordinates are (D, H, W) in units of the volume's side, the volume's centre at 0: voxel k lies at
/// (k - (n - 1) / 2) / n of n = 128, or as many as a network has.
public struct SliceLattice: Equatable, Sendable {
  /// Which axis a slice is perpendicular to.
  public enum Axis: String, CaseIterable, Sendable {
    /// Perpendicular to D: H rows, W columns.
    case axial
    /// Perpendicular to H: D rows, W columns.
    case coronal
    /// Perpendicular to W: D rows, H columns.
    case sagittal
  }

  /// A part of a slice: `size` voxels a side, from voxel (row, column) on.
  public struct Zoom: Equatable, Sendable {
    /// Voxels along a side of the part; 128 is the whole slice.
    public var size: Double
    /// The first voxel.
    public var row: Double
    /// The first voxel.
    public var column: Double

    /// Cuts out a part.
    public init(size: Double, row: Double, column: Double) {
      self.size = size
      self.row = row
      self.column = column
    }
  }

  /// The axis.
  public let axis: Axis
  /// The index along it, from 0 on.
  public let index: Int
  /// The part that is made; nil for all.
  public let zoom: Zoom?

  /// A slice by its place.
  public init(_ axis: Axis, _ index: Int, zoom: Zoom? = nil) {
    self.axis = axis
    self.index = index
    self.zoom = zoom
  }

  /// The points of a slice of `size` x `size` voxels that `count` x `count` cells have as their centres,
  /// row by row: cells of 4 x 4 voxels where a slice is decoded, single ones where it is compared.
  public func points(size voxels: Int, count: Int) -> [Vector3] {
    let size = Double(voxels)
    func world(_ index: Double) -> Double { (index - (size - 1) / 2) / size }
    let cell = size / Double(count)
    let first = world((cell - 1) / 2)
    func inPlane(_ step: Int, _ offset: Double?) -> Double {
      let x = world(Double(step) * cell + (cell - 1) / 2)
      guard let zoom, let offset else { return x }
      let share = zoom.size / size
      return x * share + offset / size - (first * share - first)
    }
    let across = world(Double(index))
    return (0..<count * count).map { place in
      let row = inPlane(place / count, zoom?.row)
      let column = inPlane(place % count, zoom?.column)
      switch axis {
      case .axial: return Vector3(across, row, column)
      case .coronal: return Vector3(row, across, column)
      case .sagittal: return Vector3(row, column, across)
      }
    }
  }
}

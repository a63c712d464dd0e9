import SpiderCore

/// The one place where Spider's volumes and radiographs are turned to the storage of the published
/// networks, and back.
///
/// Published volumes are (D, H, W) with D from superior to inferior, H from anterior to posterior, W
/// from the patient's right to left. View 1 looks along H: rows run along D, columns along W. View 2
/// looks along W: rows along D, columns along H. What a radiograph shows is read off its geometry's
/// vectors, never its name.
public enum PublishedOrientation {
  /// The two views of the published networks.
  public enum View: String, Sendable {
    /// Along H: frontal.
    case frontal
    /// Along W: lateral.
    case lateral

    /// The directions (RAS) of rays, columns and rows; of rays only the axis counts.
    var directions: (ray: Vector3, column: Vector3, row: Vector3) {
      switch self {
      case .frontal: (Vector3(0, 1, 0), Vector3(-1, 0, 0), Vector3(0, 0, -1))
      case .lateral: (Vector3(1, 0, 0), Vector3(0, -1, 0), Vector3(0, 0, -1))
      }
    }
  }

  /// The orientation of published volumes, the fastest axis first.
  static let volumes = Orientation(axes: [.left, .posterior, .inferior])

  /// A volume in published storage: (D, H, W), W fastest.
  public static func stored(_ volume: Volume) -> Volume {
    volumes.map { volume.reoriented(to: $0) } ?? volume
  }

  /// Published numbers (D, H, W) as a volume on a grid of any orientation along the patient's axes.
  public static func volume(_ values: [Float], on grid: VoxelGrid) -> Volume {
    let placed = stored(Volume(grid: grid, repeating: 0)).grid
    return Volume(grid: placed, values: values).reoriented(to: grid.orientation)
  }

  /// A radiograph as X2CT-GAN's view 1 or 2 has it; values and geometry turn together.
  ///
  /// - Throws: ``BaselineError/otherView(wanted:)`` when it looks along another axis.
  public static func image(_ radiograph: Radiograph, as view: View) throws -> Radiograph {
    let (g, wanted) = (radiograph.geometry, view.directions)
    func along(_ a: Vector3, _ b: Vector3) -> Double { dot(a, b) / length(a) }
    // Half of a right angle apart, another axis would be as near.
    let limit = 0.5.squareRoot()
    let column = along(g.columnStep, wanted.column)
    let row = along(g.rowStep, wanted.row)
    guard abs(along(g.centralDirection, wanted.ray)) > limit, abs(column) > limit, abs(row) > limit
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
}

import Foundation

/// What a user should know of X-rays and voxels that a model was not made for.
public enum ReconstructionWarnings {
  /// Warnings, in words.
  ///
  /// - Parameters:
  ///   - radiographs: as they were given.
  ///   - grid: where answers are wanted.
  ///   - isocenter: the middle of the field of view, world mm.
  ///   - setup: how the model's own X-rays were taken.
  ///   - fieldOfView: the side of what the model shows, mm.
  public static func of(
    _ radiographs: [Radiograph], on grid: VoxelGrid, isocenter: Vector3, setup: ViewSetup,
    fieldOfView: Double
  ) -> [String] {
    var warnings: [String] = []
    for (index, radiograph) in radiographs.enumerated() {
      switch radiograph.geometry.beam {
      case .parallel where !setup.isParallel:
        warnings.append("radiograph \(index + 1) is parallel; the model was trained on cone beams")
      case .cone(let source):
        let distance = length(source - isocenter)
        if setup.isParallel || abs(distance / setup.sourceToAxis - 1) > 0.2 {
          warnings.append(
            "radiograph \(index + 1) was taken from \(whole(distance)) mm; the model was trained at "
              + (setup.isParallel ? "infinity" : "\(whole(setup.sourceToAxis)) mm"))
        }
      default: break
      }
    }
    let half = fieldOfView / 2 + 1e-6
    let corners = (0..<8).map { corner in
      grid.worldPoint(
        corner & 1 == 0 ? 0 : Double(grid.nx - 1), corner & 2 == 0 ? 0 : Double(grid.ny - 1),
        corner & 4 == 0 ? 0 : Double(grid.nz - 1)) - isocenter
    }
    if corners.contains(where: { max(abs($0.x), abs($0.y), abs($0.z)) > half }) {
      warnings.append(
        "the grid reaches beyond the model's field of view of \(whole(fieldOfView)) mm; voxels there "
          + "are air, labelled as outside")
    }
    return warnings
  }

  /// A length as people read it, whatever its size.
  private static func whole(_ millimetres: Double) -> String {
    String(format: "%.0f", millimetres)
  }
}

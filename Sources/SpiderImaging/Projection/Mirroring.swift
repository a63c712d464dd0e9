/// The world seen in a mirror: every x about a sagittal plane turned round. Pixels and voxels keep their numbers and
/// their order; only where they lie changes.
extension Vector3 {
  /// The mirror image of a point about the plane x = `x`, mm.
  fileprivate func mirrored(atX x: Double) -> Vector3 { Vector3(2 * x - self.x, y, z) }

  /// The mirror image of a direction.
  fileprivate var mirroredDirection: Vector3 { Vector3(-x, y, z) }
}

extension ProjectionGeometry {
  /// The geometry whose rays are the mirror images of these about the plane x = `x`, mm: what a view from the
  /// right is to a patient, its mirror image, a view from the left, is to the patient's.
  package func mirrored(atX x: Double) throws(GeometryError) -> ProjectionGeometry {
    let mirror: Beam
    switch beam {
    case .cone(let source): mirror = .cone(source: source.mirrored(atX: x))
    case .parallel(let direction): mirror = .parallel(direction: direction.mirroredDirection)
    }
    return try ProjectionGeometry(
      beam: mirror, pixelOrigin: pixelOrigin.mirrored(atX: x),
      columnStep: columnStep.mirroredDirection, rowStep: rowStep.mirroredDirection,
      columns: columns, rows: rows, isocenter: isocenter?.mirrored(atX: x))
  }
}

extension VoxelGrid {
  /// The grid whose voxels lie at the mirror images of these, about the plane x = `x`, mm.
  package func mirrored(atX x: Double) -> VoxelGrid {
    let (columns, origin) = (affine.columns, affine.translation)
    return VoxelGrid(
      nx: nx, ny: ny, nz: nz,
      affine: Affine(
        columns: (
          columns.0.mirroredDirection, columns.1.mirroredDirection, columns.2.mirroredDirection
        ), translation: origin.mirrored(atX: x)))
  }
}

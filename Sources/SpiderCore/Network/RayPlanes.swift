import SpiderTensor

/// Where the rays of an X-ray's pixels run: three planes beside its own, the unit vector from source to pixel along
/// each axis of the world.
///
/// A network that reads X-rays from anywhere is told by them from where, and with the bend of a plane over the
/// image, from how far. Where a ray passes the isocentre is the pixel's place: on the model's detector a pixel is
/// always as large at the isocentre.
package enum RayPlanes {
  /// How many planes.
  package static let count = 3

  /// Writes the planes of a geometry: (3, H, W).
  package static func fill(_ geometry: ProjectionGeometry, into planes: FloatSlice) {
    let (rows, columns) = (geometry.rows, geometry.columns)
    precondition(planes.count == count * rows * columns, "\(planes.count) numbers for ray planes")
    for row in 0..<rows {
      for column in 0..<columns {
        let direction = geometry.rayDirection(column: Double(column), row: Double(row))
        for axis in 0..<count {
          planes[(axis * rows + row) * columns + column] = Float(direction[axis])
        }
      }
    }
  }
}

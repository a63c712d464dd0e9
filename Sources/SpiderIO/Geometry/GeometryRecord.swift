import SpiderCore

/// A projection geometry with the keys of the geometry sidecar's explicit form, to stand in other JSON.
package struct GeometryRecord: Encodable, Sendable, Equatable {
  private let geometry: ProjectionGeometry

  /// Takes down a geometry.
  package init(_ geometry: ProjectionGeometry) { self.geometry = geometry }

  enum CodingKeys: String, CodingKey {
    case schema, beam, direction, columns, rows
    case source = "source_mm"
    case origin = "pixel_origin_mm"
    case columnStep = "column_step_mm"
    case rowStep = "row_step_mm"
    case isocenter = "isocenter_mm"
  }

  /// Writes the explicit form.
  package func encode(to encoder: any Encoder) throws {
    func list(_ vector: Vector3) -> [Double] { [vector.x, vector.y, vector.z] }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(GeometrySidecar.schema, forKey: .schema)
    switch geometry.beam {
    case .cone(let source):
      try container.encode("cone", forKey: .beam)
      try container.encode(list(source), forKey: .source)
    case .parallel(let direction):
      try container.encode("parallel", forKey: .beam)
      try container.encode(list(direction), forKey: .direction)
    }
    try container.encode(list(geometry.pixelOrigin), forKey: .origin)
    try container.encode(list(geometry.columnStep), forKey: .columnStep)
    try container.encode(list(geometry.rowStep), forKey: .rowStep)
    try container.encode(geometry.columns, forKey: .columns)
    try container.encode(geometry.rows, forKey: .rows)
    try container.encodeIfPresent(geometry.isocenter.map(list), forKey: .isocenter)
  }
}

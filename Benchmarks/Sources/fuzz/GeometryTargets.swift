import SpiderCore
import SpiderIO

extension Target {
  /// What is done with a geometry: places are seen through it, and it is said in the other forms.
  private static func use(_ geometry: ProjectionGeometry) throws {
    for point in [Vector3.zero, Vector3(100, -50, 80)] { _ = geometry.project(point) }
    _ = GeometrySidecar(geometry: geometry).json
    _ = try? PlastimatchGeometry(geometry)
    _ = try? RTKProjection.from(geometry)
  }

  /// Spider's own geometry files, in both forms.
  static func sidecar() -> Target {
    let carm = """
      {"schema": "spider.geometry/1", "beam": "cone", "gantry_degrees": 30, "tilt_degrees": -5,
       "sad_mm": 1000, "sid_mm": 1500, "pixel_mm": [3.6, 3.2], "columns": 128, "rows": 96,
       "principal_point": [63, 40.5], "isocenter_mm": [1, 2, 3], "intensity": "relative"}
      """
    let setup = ViewSetup()
    let explicit = [NamedView.pa, .left].compactMap { try? setup.geometry(of: $0) }
      .map { GeometrySidecar(geometry: $0).json }
    let parallel = """
      {"schema": "spider.geometry/1", "beam": "parallel", "direction": [0, 1, 0],
       "pixel_origin_mm": [-200, 300, 200], "column_step_mm": [3, 0, 0], "row_step_mm": [0, 0, -3],
       "columns": 128, "rows": 128}
      """
    return text("geometry", ending: "json", seeds: explicit + [carm, parallel]) {
      try use(try GeometrySidecar.read($0).geometry)
    }
  }

  /// RTK's geometry files.
  static func rtk() -> Target {
    let views = [0.0, 90, 33].map {
      RTKProjection(
        gantryAngle: $0, outOfPlaneAngle: $0 / 10, inPlaneAngle: 2, sourceToIsocenter: 1000,
        sourceToDetector: 1536, sourceOffset: SIMD2(1, 2), projectionOffset: SIMD2(-3, $0))
    }
    let words = [
      "<!DOCTYPE a [<!NOTATION n SYSTEM \"x\">]>", "<!DOCTYPE a [<!ENTITY b \"c\">]>", "&b;",
      "&#0;",
      "&#xFFFFFFFF;", "<![CDATA[x]]>", "<!--", "-->", "<?x", "<a>", "</a>", "<a/>",
      "<a b='c' b='d'/>",
      "\u{e9}", "xmlns:x=\"y\"",
    ]
    return text(
      "rtk", ending: "xml",
      seeds: [RTKGeometryFile.text(views), RTKGeometryFile.text([views[2]])], words: words
    ) {
      let detector = RTKDetector(centered: 64, 48, pixelSize: SIMD2(2, 2))
      for projection in try RTKGeometryFile.read($0) {
        if let geometry = try? projection.geometry(detector) { try use(geometry) }
      }
    }
  }

  /// The arguments of plastimatch drr.
  static func plastimatch() -> Target {
    let seeds = [
      "plastimatch drr -n \"0 -1 0\" --vup \"0 0 1\" -g \"1000 1500\" -r \"256 256\" -z \"400 400\"",
      "-nrm \"0.7 -0.7 0.1\" --sad 1000 --sid 1536 -o \"1 2 3\" -r \"64 48\" -z \"300 200\" -c \"31.5 23\"",
    ]
    return text(
      "plastimatch", ending: "txt", seeds: seeds, words: ["-n", "-r", "-z", "-c", "--sad"]
    ) {
      let text = String(decoding: try bytes(of: $0), as: UTF8.self)
      try use(try PlastimatchGeometry(arguments: text).geometry())
    }
  }

  /// Projection matrices.
  static func matrix() -> Target {
    let setup = ViewSetup()
    let seeds = [NamedView.pa, .left].compactMap { try? setup.geometry(of: $0) }
      .map { ProjectionMatrixFile.text($0.matrix) }
    return text("matrix", ending: "txt", seeds: seeds, words: ["#", ";", ","]) {
      let matrix = try ProjectionMatrixFile.read($0)
      for scale in [DetectorScale.pixel(2), .sourceToDetector(1500)] {
        try use(try matrix.geometry(columns: 64, rows: 48, scale: scale, seen: .zero))
      }
    }
  }

  /// Points to calibrate by, as a table and as JSON.
  static func points() -> Target {
    var places: [(world: Vector3, pixel: SIMD2<Double>)] = []
    if let geometry = try? ViewSetup().geometry(of: .pa) {
      for index in 0..<12 {
        let (x, y, z) = (Double(index % 3), Double(index / 3 % 2), Double(index / 6))
        let point = Vector3(60 * x - 60, 90 * y - 40 + 7 * x, 80 * z - 40 + 11 * y)
        places.append((point, geometry.project(point)))
      }
    }
    let table = places.map {
      "\($0.world.x),\($0.world.y),\($0.world.z),\($0.pixel.x),\($0.pixel.y)\n"
    }
    let json = places.map {
      "{\"world_mm\": [\($0.world.x), \($0.world.y), \($0.world.z)], \"pixel\": [\($0.pixel.x), \($0.pixel.y)]}"
    }
    return text(
      "points", ending: "csv",
      seeds: [
        "x,y,z,column,row\n" + table.joined(), "{\"points\": [\(json.joined(separator: ",\n"))]}",
      ]
    ) {
      let points = try CalibrationPointFile.read($0)
      let found = try GeometryCalibration(pixelSize: SIMD2(3.6, 3.6)).geometry(
        of: points, columns: 128, rows: 128)
      try use(found.geometry)
    }
  }
}

import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

@Suite struct GeometrySidecarTests {
  private func read(_ text: String) throws -> GeometrySidecar {
    let folder = try TemporaryFolder()
    return try GeometrySidecar.read(folder.file("g.json", Array(text.utf8)))
  }

  /// A sidecar of the C-arm form; `more` adds or replaces lines.
  private func arm(_ more: [String: String] = [:]) -> String {
    object(
      [
        "schema": "\"spider.geometry/1\"", "beam": "\"cone\"", "gantry_degrees": "30",
        "sad_mm": "1000", "sid_mm": "1500", "pixel_mm": "[3.6, 1.8]", "columns": "64",
        "rows": "100",
      ], more)
  }

  private func explicit(_ more: [String: String] = [:]) -> String {
    object(
      [
        "schema": "\"spider.geometry/1\"", "beam": "\"cone\"", "source_mm": "[0, -1000, 0]",
        "pixel_origin_mm": "[100, 500, 80]", "column_step_mm": "[-2, 0, 0]",
        "row_step_mm": "[0, 0, -2]", "columns": "101", "rows": "81",
      ], more)
  }

  /// JSON of some lines; a replacement by the empty text leaves a key out.
  private func object(_ lines: [String: String], _ more: [String: String]) -> String {
    let all = lines.merging(more) { $1 }.filter { $0.value != "" }
    return "{" + all.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ") + "}"
  }

  private func expectEqual(_ a: ProjectionGeometry, _ b: ProjectionGeometry, _ what: String) {
    func numbers(_ g: ProjectionGeometry) -> [Double] {
      let beam: Vector3
      switch g.beam {
      case .cone(let source): beam = source
      case .parallel(let direction): beam = direction
      }
      return [beam, g.pixelOrigin, g.columnStep, g.rowStep, g.isocenter ?? Vector3(9, 9, 9)]
        .flatMap { [$0.x, $0.y, $0.z] }
    }
    #expect((a.columns, a.rows) == (b.columns, b.rows), "\(what)")
    // Sines of multiples of 90 degrees, times 1500 mm.
    expectClose(numbers(a), numbers(b), atol: 1e-9, what)
  }

  @Test(arguments: [-725.5, 0, 30, 90, 180, 270, 300])
  func theArmFormIsTheGantryView(_ degrees: Double) throws {
    for isParallel in [false, true] {
      let setup = ViewSetup(
        pixelSize: SIMD2(3.6, 1.8), columns: 64, rows: 100, isParallel: isParallel)
      let center = Vector3(10, -20, 30)
      let expected = try setup.geometry(of: .gantry(degrees: degrees), isocenter: center)
      let found = try read(
        arm([
          "gantry_degrees": "\(degrees)", "isocenter_mm": "[10, -20, 30]",
          "beam": isParallel ? "\"parallel\"" : "\"cone\"",
        ]))
      expectEqual(found.geometry, expected, "\(degrees)")
    }
  }

  /// ap is 0; pa is 180, left 270 and right 90 with their columns reversed.
  @Test(arguments: [(NamedView.ap, 0.0, 1.0), (.pa, 180, -1), (.left, 270, -1), (.right, 90, -1)])
  func theArmFormGivesTheNamedViews(
    _ view: NamedView, _ degrees: Double, _ sign: Double
  ) throws {
    let setup = ViewSetup(pixelSize: SIMD2(3.6, 1.8), columns: 64, rows: 100)
    let named = try setup.geometry(of: view)
    let found = try read(arm(["gantry_degrees": "\(degrees)"])).geometry
    let first = sign > 0 ? 0.0 : 63
    let turned = try ProjectionGeometry(
      beam: found.beam, pixelOrigin: found.pixelCenter(column: first, row: 0),
      columnStep: found.columnStep * sign, rowStep: found.rowStep, columns: 64, rows: 100,
      isocenter: .zero)
    expectEqual(turned, named, "\(view)")
  }

  @Test func tiltAndPrincipalPoint() throws {
    let geometry = try read(
      arm([
        "gantry_degrees": "0", "tilt_degrees": "30", "principal_point": "[10, 20.5]",
        "isocenter_mm": "[1, 2, 3]",
      ])
    ).geometry
    let (s, c) = (0.5, 0.75.squareRoot())
    guard case .cone(let source) = geometry.beam else {
      Issue.record("not a cone")
      return
    }
    func list(_ v: Vector3) -> [Double] { [v.x, v.y, v.z] }
    // Source in front, 30 degrees up.
    expectClose(list(source), [1, 2 + 1000 * c, 3 + 1000 * s], atol: 1e-9, "source")
    expectClose(list(geometry.columnStep), [-3.6, 0, 0], atol: 1e-9, "column step")
    expectClose(list(geometry.rowStep), [0, 1.8 * s, -1.8 * c], atol: 1e-9, "row step")
    let principal = geometry.project(Vector3(1, 2, 3))
    expectClose([principal.x, principal.y], [10, 20.5], atol: 1e-9, "principal point")
    let center = geometry.pixelCenter(column: 10, row: 20.5)
    expectClose(list(center), [1, 2 - 500 * c, 3 - 500 * s], atol: 1e-9, "detector")
  }

  @Test func theExplicitFormIsTakenAsItStands() throws {
    let sidecar = try read(explicit(["intensity": "\"relative\""]))
    let geometry = sidecar.geometry
    #expect(geometry.beam == .cone(source: Vector3(0, -1000, 0)))
    #expect(geometry.pixelOrigin == Vector3(100, 500, 80))
    #expect(geometry.columnStep == Vector3(-2, 0, 0) && geometry.rowStep == Vector3(0, 0, -2))
    #expect((geometry.columns, geometry.rows) == (101, 81))
    #expect(geometry.isocenter == nil && sidecar.intensity == .relative)
    let parallel = try read(
      explicit(["beam": "\"parallel\"", "source_mm": "", "direction": "[0, 2, 0]"]))
    #expect(parallel.geometry.beam == .parallel(direction: Vector3(0, 1, 0)))
    #expect(parallel.intensity == nil)
  }

  @Test(arguments: [false, true])
  func whatIsWrittenComesBackExactly(_ isParallel: Bool) throws {
    let folder = try TemporaryFolder()
    let setup = ViewSetup(sourceToAxis: 812.3, columns: 7, rows: 9, isParallel: isParallel)
    let geometry = try setup.geometry(
      of: .gantry(degrees: 33.3), isocenter: Vector3(0.1, 1e-17, -1e5 / 3))
    for intensity in [nil, RadiographIntensity.absolute, .relative] {
      let energy = intensity == .absolute ? 59.54 : nil
      let sidecar = GeometrySidecar(
        geometry: geometry, intensity: intensity, photonEnergy: energy)
      try sidecar.write(to: folder["g.json"], overwrite: true)
      let back = try GeometrySidecar.read(folder["g.json"])
      #expect(back.geometry.pixelOrigin == geometry.pixelOrigin)
      #expect(back.geometry.isocenter == geometry.isocenter)
      #expect(back.intensity == intensity && back.photonEnergy == energy)
      // A parallel direction is normalised again, which may cost the last bit.
      if !isParallel { #expect(back == sidecar) }
    }
  }

  @Test func faultsAreNamedByTheirKey() throws {
    func expectFault(
      _ key: String, _ text: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
      #expect(sourceLocation: sourceLocation) {
        try read(text)
      } throws: { error in
        guard case FileError.badValue(let url, key, _) = error else { return false }
        return url.lastPathComponent == "g.json" && "\(error)".contains("\"\(key)\"")
      }
    }
    for key in ["schema", "beam", "source_mm", "pixel_origin_mm", "column_step_mm", "columns"] {
      expectFault(key, explicit([key: ""]))
      expectFault(key, explicit([key: "null"]))
      expectFault(key, explicit([key: "{}"]))
    }
    for key in ["gantry_degrees", "sad_mm", "sid_mm", "pixel_mm"] {
      // Without its number the form is still recognised by the others.
      expectFault(key, arm([key: ""]))
      expectFault(key, arm([key: "true"]))
      expectFault(key, arm([key: "\"30\""]))
    }
    for bad in ["0", "-4", "2.5", "true", "1e10", "\"64\""] {
      expectFault("columns", arm(["columns": bad]))
      expectFault("rows", explicit(["rows": bad]))
    }
    expectFault("schema", arm(["schema": "\"spider.geometry/2\""]))
    expectFault("beam", arm(["beam": "\"fan\""]))
    expectFault("intensity", arm(["intensity": "\"some\""]))
    for bad in ["0", "-70", "7e4", "\"70\"", "null"] {
      expectFault("photon_energy_kev", arm(["photon_energy_kev": bad]))
    }
    expectFault("sad_mm", arm(["sad_mm": "0"]))
    expectFault("sad_mm", arm(["sad_mm": "-1000"]))
    expectFault("sid_mm", arm(["sid_mm": "900"]))
    expectFault("pixel_mm", arm(["pixel_mm": "[1, 0]"]))
    expectFault("pixel_mm", arm(["pixel_mm": "[1]"]))
    expectFault("tilt_degrees", arm(["tilt_degrees": "91"]))
    expectFault("principal_point", arm(["principal_point": "[1, null]"]))
    expectFault("isocenter_mm", explicit(["isocenter_mm": "[1, 2]"]))
    expectFault("isocenter_mm", explicit(["isocenter_mm": "[1, 2, \"NaN\"]"]))
    // Misspelt, of the other form, of the other beam.
    expectFault("tilt_degree", arm(["tilt_degree": "10"]))
    expectFault("source_mm", arm(["source_mm": "[0, 0, 0]"]))
    expectFault("direction", explicit(["direction": "[0, 1, 0]"]))
    expectFault(
      "direction",
      explicit(["beam": "\"parallel\"", "source_mm": "", "direction": "[0, 0, 0]"]))
    expectFault("column_step_mm", explicit(["column_step_mm": "[0, 0, 0]"]))
    expectFault("source_mm", explicit(["source_mm": "[0, 500, 0]"]))
    // Numbers that no room holds.
    for key in ["source_mm", "pixel_origin_mm", "column_step_mm", "row_step_mm", "isocenter_mm"] {
      expectFault(key, explicit([key: "[0, -1e20, 0]"]))
    }
    expectFault("sad_mm", arm(["sad_mm": "1e20", "sid_mm": "1e20"]))
    expectFault("sid_mm", arm(["sid_mm": "2e5"]))
    expectFault("pixel_mm", arm(["pixel_mm": "[1e300, 1]"]))
    expectFault("pixel_mm", arm(["pixel_mm": "[9e4, 1]", "columns": "1000000"]))
    expectFault("principal_point", arm(["principal_point": "[0, 1e12]"]))
    expectFault("isocenter_mm", arm(["isocenter_mm": "[0, 0, 1e20]"]))
  }

  @Test(arguments: ["", "{", "[]", "NaN", #"{"columns": NaN}"#, #"{"columns": 1e999}"#, "\u{0}"])
  func whatIsNoJSONObjectIsRefused(_ text: String) throws {
    #expect(throws: FileError.self) { try read(text) }
  }

  @Test func sidecarsAreFoundByTheImagesName() {
    for name in ["x.nii", "x.nii.gz", "x.png", "x.PNG", "x.tif", "x"] {
      let url = GeometrySidecar.url(beside: URL(fileURLWithPath: "/data/1.2.\(name)"))
      #expect(url.path == (name == "x" ? "/data/1.2.json" : "/data/1.2.x.json"))
    }
  }

  /// The open field of both forms, straight and as a polygon, is read and written the same.
  @Test func openFields() throws {
    for text in [explicit, arm] {
      let plain = try read(text([:]))
      #expect(plain.openPixels == nil)
      let found = try read(text(["open_field_pixels": "[3, 5, 40, 60]"]))
      let mask = try #require(found.openPixels?.mask(columns: 64, rows: 81))
      #expect(mask.count(where: { $0 }) == 38 * 56)
      #expect(mask[5 * 64 + 3] && mask[60 * 64 + 40] && !mask[5 * 64 + 2] && !mask[61 * 64 + 40])
      #expect(try read(found.json) == found && found.json.contains("[3, 5, 40, 60]"))
    }
    // In either sense, from any corner.
    let forms = [
      "[[30, 0], [60, 30], [30, 60], [0, 30]]", "[[0, 30], [30, 60], [60, 30], [30, 0]]",
    ]
    let found = try forms.map { try read(explicit(["open_field_pixels": $0])) }
    #expect(found[0].openPixels == found[1].openPixels)
    let mask = try #require(found[0].openPixels?.mask(columns: 101, rows: 81))
    for index in mask.indices {
      let (column, row) = (index % 101, index / 101)
      #expect(mask[index] == (abs(column - 30) + abs(row - 30) <= 30))
    }
    #expect(try read(found[0].json) == found[0])
  }

  /// The outline of any convex field gives its pixels back.
  @Test func outlinesGiveMasksBack() throws {
    func mask(_ isOpen: (Double, Double) -> Bool) -> [Bool] {
      (0..<90 * 70).map { isOpen(Double($0 % 90), Double($0 / 90)) }
    }
    let fields = [
      mask { x, y in x >= 10 && x < 71 && y >= 3 && y < 60 },
      mask { x, y in (x - 44) * (x - 44) + (y - 33) * (y - 33) < 700 },
      mask { x, y in abs(0.9 * (x - 40) + 0.2 * (y - 30)) < 20 && abs(y - 30 - 0.2 * x) < 15 },
      mask { x, y in x == 7 && y == 9 }, mask { x, y in x + y > 100 },
    ]
    for field in fields {
      let outline = try #require(OpenPixels(of: field, columns: 90, rows: 70))
      #expect(outline.mask(columns: 90, rows: 70) == field)
    }
    // A field with a hole or a dent has no such outline, nor has one without edges.
    let dented = mask { x, y in x < 50 && !(x > 20 && y > 20 && y < 40) }
    #expect(OpenPixels(of: dented, columns: 90, rows: 70) == nil)
    #expect(OpenPixels(of: mask { _, _ in true }, columns: 90, rows: 70) == nil)
    #expect(OpenPixels(of: mask { _, _ in false }, columns: 90, rows: 70) == nil)
    #expect(OpenPixels(of: nil, columns: 90, rows: 70) == nil)
  }

  @Test(arguments: [
    ("[0, 0, 101, 80]", "outside the detector"), ("[-1, 0, 9, 9]", "outside the detector"),
    ("[9, 0, 3, 9]", "ends before it begins"), ("[0, 0, 9]", "4 whole numbers"),
    ("[0.5, 0, 9, 9]", "no whole numbers"), ("\"all\"", "list"), ("[]", "list"),
    ("[[0, 0], [9, 0], [9, 9, 9]]", "corners"), ("[[0, 0], [9, 9]]", "convex"),
    ("[[0, 0], [9, 9], [9, 0], [0, 9]]", "convex"), ("[[0, 0], [9, 0], [2, 2], [0, 9]]", "convex"),
    ("[[0, 0], [9, 0], [0, 81]]", "outside the detector"), ("[1, [2, 3]]", "list"),
  ])
  func malformedOpenFieldsAreRefusedByName(_ value: String, _ word: String) {
    #expect {
      _ = try read(explicit(["open_field_pixels": value]))
    } throws: { error in
      "\(error)".contains("\"open_field_pixels\"") && "\(error)".contains(word)
    }
  }
}

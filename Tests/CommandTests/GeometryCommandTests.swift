import Foundation
import SpiderCore
import SpiderIO
import SpiderSupport
import SpiderTestSupport
import Testing

/// `spider drr` with poses and geometry files, `spider geometry`, `spider calibrate`.
@Suite struct GeometryCommandTests {
  let scene: Scene
  init() throws { scene = try Scene() }

  private func succeed(
    _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> SpiderProgram.Run {
    let run = try SpiderProgram.run(arguments)
    #expect(run.status == 0, "\(run.errors)", sourceLocation: sourceLocation)
    return run
  }

  private func fail(
    _ arguments: String..., saying words: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let run = try SpiderProgram.run(arguments)
    #expect(run.status == 1, "\(run.errors)", sourceLocation: sourceLocation)
    for word in words {
      #expect(run.errors.contains(word), "\(run.errors)", sourceLocation: sourceLocation)
    }
  }

  private func geometry(_ name: String) throws -> ProjectionGeometry {
    try GeometrySidecar.read(scene.folder[name]).geometry
  }

  @Test func manyCTsWithFilmsAndOverlays() throws {
    try FileManager.default.copyItem(at: scene.folder["head.nii.gz"], to: scene.folder["b.nii.gz"])
    let out = scene.path("out")
    let run = try succeed(
      "drr", scene.ct, scene.path("b.nii.gz"), "--view", "pa", "--view", "30", "--size", "64x48",
      "--film", "--overlay", "--out", out, "--json")
    let endings = [".json", ".nii.gz", ".png", "_film.json", "_film.png", "_overlay.png"]
    let expected = ["b_30", "b_pa", "head_30", "head_pa"].flatMap { name in
      endings.map { name + $0 }
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: out).sorted() == expected.sorted())
    let answer = try run.object()
    #expect((answer["cases"] as? [[String: Any]])?.count == 2)
    #expect((answer["views"] as? [[String: Any]])?.count == 4)
    #expect(answer["isocenter_mm"] is NSNull)
    #expect(run.errors.contains("drr: 100 %"))

    // The film is 8-bit grey, fine enough to read; of the detector's own shape.
    let film = try PNG.readGrey(scene.folder["out/head_pa_film.png"])
    #expect((film.width, film.height, film.bitDepth) == (1024, 768, 8))
    #expect((film.values.max() ?? 0) > 200 && film.values[0] == 0)
    // The picture is what it was: 16-bit, and it reads back as a relative radiograph.
    let picture = scene.folder["out/head_pa.png"]
    #expect(try PNG.readGrey(picture).bitDepth == 16)
    let back = try RadiographFile.read(image: picture).radiograph
    let absolute = try RadiographFile.read(image: scene.folder["out/head_pa.nii.gz"]).radiograph
    #expect(back.intensity == .relative)
    // Beyond the percentile at which white begins, a picture is white; below, it has 16 bits.
    func bounded(_ radiograph: Radiograph) -> [Float] {
      radiograph.relative().values.map { min($0, 0.98) }
    }
    expectClose(bounded(back), bounded(absolute), atol: 1e-3)
  }

  /// The film's pixels are finer than the X-ray's: only a geometry of its own fits it.
  @Test func filmsAreReconstructedAsTheyAreWritten() throws {
    let out = scene.path("films")
    let answer = try succeed(
      "drr", scene.ct, "--size", "64", "--film", "--out", out, "--json"
    ).object()
    let views = try #require(answer["views"] as? [[String: Any]])
    let files = try #require(views.first?["files"] as? [String: Any])
    #expect(files["film_geometry"] as? String == out + "/head_pa_film.json")
    let film = try RadiographFile.read(image: scene.folder["films/head_pa_film.png"]).radiograph
    let xray = try geometry("films/head_pa.json")
    #expect(film.intensity == .relative && film.geometry.columns == 1024)
    // Both cover one detector: corner on corner.
    let corner = xray.pixelCenter(column: -0.5, row: -0.5)
    #expect(length(film.geometry.pixelCenter(column: -0.5, row: -0.5) - corner) < 1e-6)
    #expect(length(film.geometry.columnStep * 16 - xray.columnStep) < 1e-9)
    _ = try succeed(
      "reconstruct", out + "/head_pa_film.png", out + "/head_left_film.png", "--model",
      scene.model, "--size", "8", "--accept-faults", "--out", scene.path("film.nii.gz"))
  }

  @Test func oneCTKeepsItsKeys() throws {
    let answer = try succeed(
      "drr", scene.ct, "--view", "left", "--size", "16", "--out", scene.path("out"), "--json"
    ).object()
    #expect((answer["isocenter_mm"] as? [Double])?.count == 3)
    #expect(answer["isocenter_note"] is String)
    let view = try #require((answer["views"] as? [[String: Any]])?.first)
    #expect(view["view"] as? String == "left")
    let files = try #require(view["files"] as? [String: Any])
    #expect(files["film"] is NSNull && files["image"] is String)
  }

  @Test func posesAreWrittenDown() throws {
    _ = try succeed(
      "drr", scene.ct, "--view", "pa", "--tilt", "-23", "--principal-point", "10,20.5", "--size",
      "32", "--isocenter", "1,2,3", "--sad", "900", "--sid", "1400", "--out", scene.path("a"))
    let tilted = try geometry("a/head_pa.json")
    let setup = ViewSetup(
      sourceToAxis: 900, sourceToDetector: 1400, pixelSize: SIMD2(14.4, 14.4), columns: 32,
      rows: 32)
    #expect(
      try tilted
        == setup.geometry(
          of: .pa, isocenter: Vector3(1, 2, 3), tiltDegrees: -23,
          principalPoint: SIMD2(10, 20.5)))
    // 28.8 mm along the columns are two pixels of 14.4: the central ray meets a lower column.
    _ = try succeed(
      "drr", scene.ct, "--view", "left", "--offset", "28.8,-14.4", "--size", "32", "--out",
      scene.path("b"))
    let moved = try geometry("b/head_left.json")
    let foot = try #require(moved.principalPoint)
    expectClose([foot.x, foot.y], [13.5, 16.5], atol: 1e-9)
  }

  @Test func byGeometryFile() throws {
    let carm = try ViewSetup(pixelSize: SIMD2(10, 10), columns: 40, rows: 36)
      .geometry(of: .gantry(degrees: 35), tiltDegrees: 10)
    try GeometrySidecar(geometry: carm).write(to: scene.folder["carm.json"])
    _ = try succeed(
      "drr", scene.ct, "--geometry", scene.path("carm.json"), "--algorithm", "exact", "--out",
      scene.path("out"))
    #expect(try geometry("out/head_carm.json") == carm)
    let image = try RadiographFile.read(image: scene.folder["out/head_carm.nii.gz"]).radiograph
    #expect((image.values.max() ?? 0) > 1)
  }

  /// The stated rule: nothing is seen of what lies behind source or detector, or beside the beam; the
  /// image is made, and the reason told.
  @Test func volumesOutsideTheBeam() throws {
    func write(_ isocenter: Vector3, _ name: String) throws {
      let geometry = try ViewSetup(pixelSize: SIMD2(9, 9), columns: 20, rows: 20)
        .geometry(of: .ap, isocenter: isocenter)
      try GeometrySidecar(geometry: geometry).write(to: scene.folder[name])
    }
    try write(Vector3(0, -2000, 0), "behind.json")
    try write(Vector3(0, 2000, 0), "before.json")
    try write(Vector3(900, 0, 0), "beside.json")
    let run = try succeed(
      "drr", scene.ct, "--geometry", scene.path("behind.json"), "--geometry",
      scene.path("before.json"), "--geometry", scene.path("beside.json"), "--out",
      scene.path("out"))
    for words in [
      "'behind' shows nothing: the volume lies behind the source",
      "'before' shows nothing: the volume lies behind the detector",
      "'beside' shows nothing: the volume's shadow falls beside the detector",
    ] {
      #expect(run.errors.contains(words), "\(run.errors)")
    }
  }

  @Test func geometryFilesThatCannotBe() throws {
    try Data("{\"schema\": \"spider.geometry/1\", \"beam\": \"cone\"}".utf8)
      .write(to: scene.folder["bad.json"])
    try fail(
      "drr", scene.ct, "--geometry", scene.path("bad.json"), "--out", scene.path("out"),
      saying: "bad.json")
    try fail(
      "drr", scene.ct, "--geometry", scene.path("none.json"), "--out", scene.path("out"),
      saying: "none.json", "no such file")
    // Steps that are parallel.
    let text = GeometrySidecar(geometry: try ViewSetup().geometry(of: .pa)).json
      .replacingOccurrences(
        of: "\"row_step_mm\": [0.0, 0.0, -3.6]", with: "\"row_step_mm\": [1,0,0]")
    #expect(text.contains("[1,0,0]"))
    try Data(text.utf8).write(to: scene.folder["flat.json"])
    try fail(
      "drr", scene.ct, "--geometry", scene.path("flat.json"), "--out", scene.path("out"),
      saying: "flat.json", "must span a plane")
    #expect(!FileManager.default.fileExists(atPath: scene.path("out")))
    // Two CTs of one name.
    try FileManager.default.createDirectory(
      at: scene.folder["sub"], withIntermediateDirectories: false)
    try FileManager.default.copyItem(
      at: scene.folder["head.nii.gz"], to: scene.folder["sub/head.nii.gz"])
    try fail(
      "drr", scene.ct, scene.path("sub/head.nii.gz"), "--out", scene.path("out"),
      saying: "sub/head.nii.gz", "would have the name of one of")
  }

  /// Round all forms and back.
  @Test func conversions() throws {
    let start = try ViewSetup(pixelSize: SIMD2(0.5, 0.5), columns: 64, rows: 48)
      .geometry(of: .gantry(degrees: 33), isocenter: Vector3(5, 6, 7), tiltDegrees: 8)
    try GeometrySidecar(geometry: start).write(to: scene.folder["start.json"])
    let (file, size) = (scene.path("start.json"), ["--size", "64x48", "--pixel", "0.5"])
    func written(_ name: String, _ arguments: [String]) throws -> ProjectionGeometry {
      let run = try SpiderProgram.run(
        ["geometry"] + arguments + ["--out", scene.path(name)])
      #expect(run.status == 0, "\(run.errors)")
      return try geometry(name)
    }
    func expectSame(_ found: ProjectionGeometry, _ what: String) throws {
      var random = SeededGenerator(seed: 1)
      for _ in 0..<20 {
        let p = Vector3(random.normal(), random.normal(), random.normal()) * 50
        let (a, b) = (found.project(p), start.project(p))
        expectClose([a.x, a.y], [b.x, b.y], atol: 1e-6, what)
      }
    }
    let arguments = try succeed("geometry", file, "--to", "plastimatch").output
    try expectSame(
      try written(
        "p.json", ["--plastimatch", arguments.trimmingCharacters(in: .whitespacesAndNewlines)]),
      "plastimatch")
    _ = try succeed("geometry", file, "--to", "rtk", "--out", scene.path("r.xml"))
    let rtk = try written(
      "r.json", [scene.path("r.xml"), "--isocenter", "5,6,7"] + size)
    try expectSame(rtk, "RTK")
    #expect(length(rtk.rowStep - start.rowStep) < 1e-9)
    let up = try written(
      "u.json", [scene.path("r.xml"), "--isocenter", "5,6,7", "--rows-up"] + size)
    #expect(length(up.rowStep + start.rowStep) < 1e-9)
    _ = try succeed("geometry", file, "--to", "matrix", "--out", scene.path("m.txt"))
    try expectSame(
      try written("m.json", [scene.path("m.txt"), "--isocenter", "5,6,7"] + size), "matrix")
    let answer = try succeed("geometry", file, "--flip-columns", "--json").object()
    #expect((answer["matrix"] as? [[Double]])?.count == 3)

    let pa = try ViewSetup().geometry(of: .pa)
    try GeometrySidecar(geometry: pa).write(to: scene.folder["pa.json"])
    try fail(
      "geometry", scene.path("pa.json"), "--to", "plastimatch", saying: "pa.json", "mirrored")
    try fail(
      "geometry", "--plastimatch", "-n \"0 0 1\" --vup \"0 0 1\"", saying: "must span a plane")
    try fail("geometry", "--plastimatch", "-w \"1 2 3 4\"", saying: "'-w'")
    try fail("geometry", scene.ct, "--to", "rtk", saying: "head.nii.gz")
    try fail(
      "geometry", scene.path("r.xml"), "--projection", "5", "--size", "9", "--pixel", "1",
      saying: "r.xml", "holds 1 projection, from 0")
    try Data("1 2 3 4 1 2 3 4 0 0 1 0".utf8).write(to: scene.folder["s.txt"])
    try fail(
      "geometry", scene.path("s.txt"), "--size", "9", "--pixel", "1", saying: "s.txt",
      "no inverse")
    try fail(
      "geometry", file, "--out", file, saying: "already there")
  }

  /// What a file states beside the geometry goes with it, turned over where the picture is.
  @Test func statementsAreKept() throws {
    let pa = try ViewSetup(columns: 8, rows: 6).geometry(of: .pa)
    var open = [Bool](repeating: false, count: 48)
    for row in 1...4 { for column in 1...2 + row { open[row * 8 + column] = true } }
    let stated = GeometrySidecar(
      geometry: pa, intensity: .absolute, openPixels: OpenPixels(of: open, columns: 8, rows: 6),
      photonEnergy: 60)
    #expect(stated.openPixels?.corners.count == 4)
    try stated.write(to: scene.folder["stated.json"])
    for flips in [[], ["--flip-columns"], ["--flip-rows"], ["--flip-columns", "--flip-rows"]] {
      let (columns, rows) = (flips.contains("--flip-columns"), flips.contains("--flip-rows"))
      let (from, to) = (scene.path("stated.json"), scene.path("kept.json"))
      let answer = try SpiderProgram.run(
        ["geometry", from, "--out", to, "--overwrite", "--json"] + flips
      ).object()
      let found = try GeometrySidecar.read(scene.folder["kept.json"])
      #expect(found.intensity == .absolute && found.photonEnergy == 60)
      let mask = found.openPixels?.mask(columns: 8, rows: 6)
      var expected: [Bool] = []
      for row in rows ? [5, 4, 3, 2, 1, 0] : [0, 1, 2, 3, 4, 5] {
        let line = open[row * 8..<row * 8 + 8]
        expected += columns ? line.reversed() : Array(line)
      }
      #expect(mask == expected, "\(flips)")
      let geometry = try #require(answer["geometry"] as? [String: Any])
      #expect(geometry["photon_energy_kev"] as? Double == 60)
    }
    // A line of pixels is no polygon, and is kept all the same.
    let text = stated.json.replacing(
      /"open_field_pixels": .*/, with: "\"open_field_pixels\": [1, 0, 1, 5]")
    try Data(text.utf8).write(to: scene.folder["line.json"])
    _ = try succeed(
      "geometry", scene.path("line.json"), "--flip-columns", "--out", scene.path("turned.json"))
    let line = try #require(try GeometrySidecar.read(scene.folder["turned.json"]).openPixels)
    let shown = line.mask(columns: 8, rows: 6).indices { $0 }
    #expect(shown.ranges.count == 6 && shown.contains(6) && shown.contains(46))
    // What another form has no place for is said.
    let matrix = try succeed("geometry", scene.path("stated.json"), "--to", "matrix")
    #expect(matrix.errors.contains("no place for the open field, the energy"), "\(matrix.errors)")
  }

  @Test func calibration() throws {
    let truth = try ViewSetup(pixelSize: SIMD2(0.5, 0.5), columns: 600, rows: 500)
      .geometry(of: .left, tiltDegrees: 4, principalPoint: SIMD2(310, 240))
    var random = SeededGenerator(seed: 9)
    var lines = ["x,y,z,column,row"]
    for _ in 0..<15 {
      let p = Vector3(
        random.uniform(in: -80...80), random.uniform(in: -80...80), random.uniform(in: -80...80))
      let q = truth.project(p)
      lines.append("\(p.x), \(p.y), \(p.z), \(q.x), \(q.y)")
    }
    func write(_ lines: [String], _ name: String) throws -> String {
      try Data(lines.joined(separator: "\n").utf8).write(to: scene.folder[name])
      return scene.path(name)
    }
    let points = try write(lines, "points.csv")
    let (size, pixel) = (["--size", "600x500"], ["--pixel", "0.5"])
    func calibrate(_ file: String, _ more: String...) throws -> SpiderProgram.Run {
      try SpiderProgram.run(["calibrate", file] + size + pixel + more)
    }
    let run = try calibrate(points, "--out", scene.path("found.json"), "--json")
    #expect(run.status == 0, "\(run.errors)")
    let answer = try run.object()
    #expect((answer["rms_pixels"] as? Double ?? 1) < 1e-6)
    #expect((answer["residuals_pixels"] as? [[Double]])?.count == 15)
    let found = try geometry("found.json")
    expectClose(found.sourceToDetector ?? 0, 1500, atol: 1e-3)
    #expect(length(found.columnStep - truth.columnStep) < 1e-6)
    let text = try calibrate(points)
    #expect(text.output.contains("root mean square error") && text.output.contains("1500.00 mm"))

    for (file, words) in [
      (try write(Array(lines[..<6]), "few.csv"), "5 points; at least 6"),
      (
        try write(
          lines.map { $0.contains("x") ? $0 : "0," + $0.drop { $0 != "," }.dropFirst() },
          "flat.csv"), "one plane"
      ),
      (try write(lines + ["1,2,nan,4,5"], "nan.csv"), "'nan'"),
      (try write(lines + ["1,2,3,4"], "short.csv"), "line 17"),
    ] {
      let run = try calibrate(file, "--out", scene.path("no.json"))
      #expect(run.status == 1 && run.errors.contains(words), "\(run.errors)")
      #expect(run.errors.contains(file))
      #expect(!FileManager.default.fileExists(atPath: scene.path("no.json")))
    }
  }

  @Test func letters() throws {
    _ = try succeed("phantom", "--letters", "--size", "64", "--out", scene.path("l"))
    let cube = try NIfTI.readVolume(scene.folder["l/letters.nii.gz"])
    #expect(cube.grid.nx == 64 && (cube.values.max() ?? 0) > 1000)
    // The letter L is on the patient's left only.
    let left = (0..<cube.grid.count).count { index in
      let v = cube.grid.voxel(at: index)
      return cube.values[index] > 0
        && cube.grid.worldPoint(Double(v.x), Double(v.y), Double(v.z)).x < -84
    }
    #expect(left > 0)
  }

  @Test(
    arguments: [
      (["drr", "a.nii", "--tilt", "100"], "--tilt"),
      (["drr", "a.nii", "--tilt", "nan"], "--tilt"),
      (["drr", "a.nii", "--principal-point", "1"], "--principal-point"),
      (["drr", "a.nii", "--principal-point", "1,2", "--offset", "1,2"], "not both"),
      (["drr", "a.nii", "--geometry", "g.json", "--sad", "900"], "--geometry says all"),
      (["drr", "a.nii", "--geometry", "g.json", "--tilt", "9"], "--geometry says all"),
      (["drr", "a.nii", "--sad", "0"], "--sad"), (["drr", "a.nii", "--sid", "-1500"], "--sid"),
      (["geometry"], "--plastimatch"),
      (["geometry", "a.json", "--plastimatch", "x"], "one of them"),
      (["geometry", "a.json", "--to", "tigre"], "tigre"),
      (["geometry", "a.json", "--sid", "0"], "--sid"),
      (["calibrate", "p.csv", "--size", "9"], "--pixel"),
      (["calibrate", "p.csv", "--pixel", "9"], "--size"), (["calibrate"], "points"),
      (["phantom", "--letters", "--seed", "3", "--out", "x"], "--letters"),
      (["phantom", "--seed", "-1", "--out", "x"], "from 0 to"),
      (
        ["phantom", "--seed", "18446744073709551615", "--count", "2", "--out", "x"],
        "18446744073709551614"
      ),
      (["phantom", "--count", "1000001", "--out", "x"], "1 to 1000000"),
      (["mesh", "x.nii", "--faces", "9223372036854775807", "--out", "x.stl"], "4 to 1000000000"),
      (["train", "--seed", "1.5", "--data", "x", "--out", "x"], "from 0 to"),
    ] as [([String], String)]) func badUsage(arguments: [String], word: String) throws
  {
    let run = try SpiderProgram.run(arguments)
    #expect(run.status == 64, "\(arguments): \(run.errors)")
    #expect(run.errors.contains(word), "\(run.errors)")
  }
}

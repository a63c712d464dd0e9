import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

@Suite struct RadiographFileTests {
  private let setup = ViewSetup(pixelSize: SIMD2(3.6, 1.8), columns: 6, rows: 4)

  private func radiograph(_ view: NamedView = .pa) throws -> Radiograph {
    let geometry = try setup.geometry(of: view, isocenter: Vector3(10, 20, 30))
    return Radiograph(geometry: geometry, values: (0..<24).map { Float($0) / 7 })
  }

  private func expectFault(
    _ word: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
  ) {
    #expect(sourceLocation: sourceLocation) {
      try body()
    } throws: {
      $0 is FileError && "\($0)".contains(word)
    }
  }

  @Test(arguments: ["pa", "ap", "left", "right", "37"], ["a.nii", "a.nii.gz"])
  func radiographsComeBack(_ view: String, _ name: String) throws {
    let folder = try TemporaryFolder()
    let radiograph = try radiograph(#require(NamedView(view)))
    try RadiographFile.write(radiograph, to: folder[name])
    try GeometrySidecar(geometry: radiograph.geometry).write(
      to: GeometrySidecar.url(beside: folder[name]))
    let loaded = try RadiographFile.read(image: folder[name])
    #expect(loaded.radiograph == radiograph)
    #expect(loaded.sidecar == folder["a.json"] && loaded.notes.isEmpty)
    let named = try #require(ViewSpecification("\(view)=\(folder[name].path)"))
    #expect(try RadiographFile.read(named).radiograph == radiograph)
  }

  /// A mask is kept as NaN; what lay under it is not.
  @Test func masksComeBack() throws {
    let folder = try TemporaryFolder()
    var radiograph = try radiograph()
    radiograph.mask = (0..<24).map { $0 % 5 != 2 }
    try RadiographFile.write(radiograph, to: folder["a.nii"])
    try GeometrySidecar(geometry: radiograph.geometry).write(to: folder["a.json"])
    let loaded = try RadiographFile.read(image: folder["a.nii"])
    #expect(loaded.radiograph.mask == radiograph.mask)
    for index in 0..<24 {
      #expect(
        loaded.radiograph.values[index] == (index % 5 == 2 ? 0 : radiograph.values[index]))
    }
    #expect(loaded.notes == ["5 pixels are masked"])
  }

  @Test func theFileSaysWhereTheDetectorIs() throws {
    let folder = try TemporaryFolder()
    let radiograph = try radiograph(.left)
    try RadiographFile.write(radiograph, to: folder["a.nii"])
    let summary = try NIfTI.summary(of: folder["a.nii"])
    #expect(summary.shape == [6, 4, 1] && summary.datatype == "float32")
    let origin = radiograph.geometry.pixelOrigin
    // Columns run to posterior, rows down, the central ray from left to right... as RAS, to -x.
    let expected: [[Double]] = [
      [0, 0, -1, origin.x], [-3.6, 0, 0, origin.y], [0, -1.8, 0, origin.z], [0, 0, 0, 1],
    ]
    expectClose(
      summary.affine?.flatMap { $0 } ?? [], expected.flatMap { $0 }, rtol: 1e-6, atol: 1e-6)
  }

  @Test func aGeometryThatContradictsTheImageIsRefused() throws {
    let folder = try TemporaryFolder()
    let image = folder["a.nii"]
    try RadiographFile.write(radiograph(), to: image)
    func sidecar(_ geometry: ProjectionGeometry) throws {
      try GeometrySidecar(geometry: geometry).write(to: folder["a.json"], overwrite: true)
    }
    let center = Vector3(10, 20, 30)
    // 5 micrometres pass, 20 do not.
    try sidecar(setup.geometry(of: .pa, isocenter: center + Vector3(0.005, 0, 0)))
    #expect(throws: Never.self) { try RadiographFile.read(image: image) }
    try sidecar(setup.geometry(of: .pa, isocenter: center + Vector3(0.02, 0, 0)))
    expectFault("differ by 0.02 mm") { _ = try RadiographFile.read(image: image) }
    try sidecar(setup.geometry(of: .ap, isocenter: center))
    expectFault("differ") { _ = try RadiographFile.read(image: image) }
    var other = setup
    other.columns = 7
    try sidecar(other.geometry(of: .pa, isocenter: center))
    expectFault("7 x 4 pixels") { _ = try RadiographFile.read(image: image) }
    // The same holds for a geometry of the caller, since Spider wrote the image.
    try FileManager.default.removeItem(at: folder["a.json"])
    #expect(throws: Never.self) {
      try RadiographFile.read(image: image) { _, _ in try setup.geometry(of: .pa, isocenter: center)
      }
    }
    expectFault("differ") {
      _ = try RadiographFile.read(image: image) { _, _ in
        try setup.geometry(of: .left, isocenter: center)
      }
    }
  }

  @Test func aNameMustAgreeWithTheSidecar() throws {
    let folder = try TemporaryFolder()
    let image = folder["a.nii"].path
    try RadiographFile.write(radiograph(), to: folder["a.nii"])
    try GeometrySidecar(geometry: radiograph().geometry).write(to: folder["b.json"])
    for (view, isGood) in [("pa", true), ("ap", false), ("left", false), ("180", false)] {
      let specification = try #require(
        ViewSpecification("\(view)=\(image):\(folder["b.json"].path)"))
      if isGood {
        #expect(try RadiographFile.read(specification).sidecar == folder["b.json"])
      } else {
        expectFault("view \(view)") { _ = try RadiographFile.read(specification) }
      }
    }
  }

  @Test func picturesAreRelative() throws {
    let folder = try TemporaryFolder()
    let radiograph = try radiograph()
    let top = try #require(radiograph.values.max())
    try PNG.writeGrey16(
      radiograph.values.map { UInt16(($0 / top * 65535).rounded()) },
      width: radiograph.geometry.columns, height: radiograph.geometry.rows, to: folder["a.png"])
    let named = try #require(ViewSpecification("pa=\(folder["a.png"].path)"))
    expectFault("image without geometry") { _ = try RadiographFile.read(named) }
    let loaded = try RadiographFile.read(named) { columns, rows in
      #expect((columns, rows) == (6, 4))
      return radiograph.geometry
    }
    #expect(loaded.radiograph.intensity == .relative && loaded.sidecar == nil)
    // Half a step of 16 bits.
    expectClose(loaded.radiograph.values, radiograph.values.map { $0 / top }, atol: 0.5 / 65535)
    try GeometrySidecar(geometry: radiograph.geometry, intensity: .absolute).write(
      to: folder["a.json"])
    let absolute = try RadiographFile.read(named)
    #expect(absolute.radiograph.intensity == .relative)
    #expect(absolute.notes.contains { $0.contains("relative") })
  }

  @Test func theSidecarSaysWhatTheNumbersMean() throws {
    let folder = try TemporaryFolder()
    let radiograph = try radiograph()
    try RadiographFile.write(radiograph, to: folder["a.nii"])
    for intensity in [nil, RadiographIntensity.absolute, .relative] {
      try GeometrySidecar(geometry: radiograph.geometry, intensity: intensity).write(
        to: folder["a.json"], overwrite: true)
      let loaded = try RadiographFile.read(image: folder["a.nii"])
      #expect(loaded.radiograph.intensity == intensity ?? .absolute)
    }
  }

  @Test func whatIsNoRadiographIsRefused() throws {
    let folder = try TemporaryFolder()
    try NIfTI.write(
      Volume(grid: .canonical(size: 4), repeating: 0), to: folder["a.nii"])
    expectFault("this is a 3D volume") { _ = try RadiographFile.read(image: folder["a.nii"]) }
    let jpeg = try folder.file(
      "a.jpg", [0xFF, 0xD8, 0xFF, 0xE0] + [UInt8](repeating: 0, count: 400))
    expectFault("JPEG") { _ = try RadiographFile.read(image: jpeg) }
    expectFault("no such file") { _ = try RadiographFile.read(image: folder["b.png"]) }
    try RadiographFile.write(radiograph(), to: folder["c.nii"])
    expectFault("no such file") {
      _ = try RadiographFile.read(image: folder["c.nii"], sidecar: folder["d.json"])
    }
    expectFault("image without geometry") {
      _ = try RadiographFile.read(image: folder["c.nii"])
    }
  }

  @Test func pixelsThatAreNotFiniteAreMasked() throws {
    let folder = try TemporaryFolder()
    var file = NIfTIBytes(sformCode: 0)
    file.dim = [3, 6, 4, 1, 1, 1, 1, 1]
    let numbers = (0..<24).map { $0 == 9 ? Float.nan : Float($0) }
    file.store(numbers.map(\.bitPattern), datatype: 16)
    let url = try folder.file("a.nii", file.bytes)
    let loaded = try RadiographFile.read(image: url, firstRow: .top) { _, _ in
      try radiograph().geometry
    }
    #expect(loaded.radiograph.mask == (0..<24).map { $0 != 9 })
    #expect(loaded.radiograph.values == (0..<24).map { $0 == 9 ? 0 : Float($0) })
  }

  /// A NIfTI image of another program, pixel (c, r) holding 10 r + c, with an affine's rows.
  private func foreign(_ sform: [Double]?, named name: String = "a.nii") throws -> URL {
    var file = NIfTIBytes(sformCode: sform == nil ? 0 : 1)
    file.dim = [3, 6, 4, 1, 1, 1, 1, 1]
    if let sform { file.sform = sform }
    let numbers: [Int16] = (0..<24).map { (index: Int) -> Int16 in
      let (row, column) = (index / 6, index % 6)
      return Int16(10 * row + column)
    }
    file.store(numbers, datatype: 4)
    return try folder.file(name, file.bytes)
  }
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func hung(
    _ url: URL, _ view: NamedView = .pa, firstRow: RadiographFile.FirstRow? = nil
  ) throws -> (corners: [Float], notes: String) {
    let loaded = try RadiographFile.read(image: url, firstRow: firstRow) { _, _ in
      try setup.geometry(of: view)
    }
    let values = loaded.radiograph.values
    return ([values[0], values[5], values[18], values[23]], loaded.notes.joined(separator: "; "))
  }

  /// An affine by its columns' and rows' steps, and how pixels hang as a view then.
  struct Hanging: Sendable {
    let column: [Double]
    let row: [Double]
    let view: String
    let corners: [Float]
    let word: String

    var sform: [Double] {
      let third =
        column[2] == 0 && row[2] == 0 ? [0.0, 0, 1] : column[0] == 0 ? [1, 0, 0] : [0, 1, 0]
      return (0..<3).flatMap { axis in [column[axis], row[axis], third[axis], 0] }
    }
  }

  static let hangings: [Hanging] = [
    // A flat picture: y is up, x says nothing.
    Hanging(column: [-3, 0, 0], row: [0, -3, 0], view: "pa", corners: [0, 5, 30, 35], word: ""),
    Hanging(
      column: [-3, 0, 0], row: [0, 3, 0], view: "pa", corners: [30, 35, 0, 5], word: "rows"),
    Hanging(
      column: [3, 0, 0], row: [0, 3, 0], view: "left", corners: [30, 35, 0, 5], word: "rows"),
    // Placed in the patient: columns to the right or left, to front or back, rows to head or feet.
    Hanging(column: [-1, 0, 0], row: [0, 0, -1], view: "pa", corners: [0, 5, 30, 35], word: ""),
    Hanging(
      column: [-1, 0, 0], row: [0, 0, 1], view: "pa", corners: [30, 35, 0, 5], word: "rows"),
    Hanging(
      column: [1, 0, 0], row: [0, 0, -1], view: "pa", corners: [5, 0, 35, 30], word: "columns"),
    Hanging(
      column: [0, 1, 0], row: [0, 0, 1], view: "left", corners: [35, 30, 5, 0], word: "columns"),
    Hanging(
      column: [0, 1, 0], row: [0, 0, 1], view: "right", corners: [30, 35, 0, 5], word: "rows"),
  ]

  @Test(arguments: hangings) func foreignImagesHangAsTheirAffineSays(_ hanging: Hanging) throws {
    let found = try hung(foreign(hanging.sform), #require(NamedView(hanging.view)))
    #expect(found.corners == hanging.corners)
    let says = hanging.word.isEmpty ? found.notes.isEmpty : found.notes.contains(hanging.word)
    #expect(says, "\(found.notes)")
  }

  @Test func foreignImagesThatDoNotSayHowTheyHangAreRefused() throws {
    let identity: [Double] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]
    for sform in [nil, identity] {
      let url = try foreign(sform)
      expectFault("upside down") { _ = try hung(url) }
      #expect(try hung(url, firstRow: .top).corners == [0, 5, 30, 35])
      let turned = try hung(url, firstRow: .bottom)
      #expect(turned.corners == [30, 35, 0, 5] && turned.notes.contains("rows"))
    }
    let quarter = try foreign([0, 2, 0, 0, 2, 0, 0, 0, 0, 0, 1, 0])
    expectFault("turned by a quarter") { _ = try hung(quarter) }
    // A picture of the patient's side cannot be one of his front.
    let side = try foreign([0, 0, 1, 0, 1, 0, 0, 0, 0, -1, 0, 0])
    expectFault("columns run along the rays") { _ = try hung(side) }
    // What is stated counts more than the affine, and a geometry file more than both.
    #expect(try hung(side, firstRow: .top).corners == [0, 5, 30, 35])
  }

  @Test(
    arguments: [
      (#"{"Modality": "DX", "ConversionSoftware": "dcm2niix"}"#, "BIDS"),
      (#"{"notes": "taken in bed"}"#, "not a geometry file"), ("[1, 2]", "not a geometry file"),
      (#"{"schema": "org.example.image/4"}"#, "not a geometry file"),
    ])
  func anotherProgramsFileBesideIsIgnored(_ text: String, _ word: String) throws {
    let url = try foreign([-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0])
    let beside = try folder.file("a.json", Array(text.utf8))
    let found = try hung(url)
    #expect(found.notes.contains(word) && found.notes.contains("ignored"), "\(found.notes)")
    expectFault("image without geometry") { _ = try RadiographFile.read(image: url) }
    // Named by the user, it is meant.
    expectFault("a.json") { _ = try RadiographFile.read(image: url, sidecar: beside) }
  }

  /// A file that claims to be ours is never passed over.
  @Test(
    arguments: [
      #"{"schema": "spider.geometry/2"}"#, #"{"schema": "spider.geometry/1", "beam": "cone"}"#,
      #"{"source_mm": [0, -1000, 0]}"#, #"{"sad_mm": 1000, "Modality": "DX"}"#,
      #"{"schema": "spider.geom"#, "",
    ])
  func aBrokenGeometryFileBesideIsAnError(_ text: String) throws {
    let url = try foreign([-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0])
    _ = try folder.file("a.json", Array(text.utf8))
    #expect(throws: FileError.self) { try hung(url) }
  }
}

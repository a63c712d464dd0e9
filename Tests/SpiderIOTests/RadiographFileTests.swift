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
    let loaded = try RadiographFile.read(image: url) { _, _ in try radiograph().geometry }
    #expect(loaded.radiograph.mask == (0..<24).map { $0 != 9 })
    #expect(loaded.radiograph.values == (0..<24).map { $0 == 9 ? 0 : Float($0) })
  }
}

import Foundation
import SpiderCore
import SpiderDICOM
import SpiderIO
import SpiderTestSupport
import Testing

/// The header's attributes become source, detector and hanging; what they lack is named.
@Suite struct HeaderGeometryTests {
  @Test(arguments: [
    "pa", "ap", "left", "right", "mirrored", "upside_down", "transposed", "left_facing_right",
    "no_orientation", "calibrated", "magnification", "film", "imager_before_calibrated", "arm_0",
    "arm_lao30", "arm_lateral", "arm_rao25_cra20", "coded",
  ])
  func headersPlaceSourceAndDetector(_ name: String) throws {
    let truth = try Truth("geometry/\(name).dcm")
    let loaded = try Truth.xray(truth.name)
    let geometry = loaded.radiograph.geometry
    let vectors = try truth.part("geometry")
    guard case .cone(let source) = geometry.beam else {
      Issue.record("no cone")
      return
    }
    for (found, key) in [
      (source, "source"), (geometry.pixelOrigin, "origin"), (geometry.columnStep, "column"),
      (geometry.rowStep, "row"),
    ] {
      #expect(length(found - (try vectors.vector(key))) < 1e-4, "\(key) is \(found)")
    }
    expectClose(loaded.radiograph.values, try truth.numbers("values"), atol: 1e-6, name)
    #expect(loaded.sidecar == truth.url)
  }

  @Test func hangingThatIsNotStatedIsTakenAndSaid() throws {
    let notes = try Truth.xray("geometry/no_orientation.dcm").notes
    #expect(notes.contains { $0.contains("Patient Orientation (0020,0020) is not stated") })
    #expect(try Truth.xray("geometry/mirrored.dcm").notes.contains { $0.contains("flipped left") })
  }

  @Test func whatIsMissingIsNamedWithItsTag() throws {
    let all = [
      "View Position (0018,5101)", "Distance Source to Detector (0018,1110)",
      "Distance Source to Patient (0018,1111)", "Imager Pixel Spacing (0018,1164)",
    ]
    let file = Truth.file("geometry/nothing.dcm")
    #expect(throws: DICOMError.incompleteGeometry(file, missing: all)) {
      try Truth.xray("geometry/nothing.dcm")
    }
    let message = Truth.message { try Truth.xray("geometry/no_distances.dcm") }
    #expect(message.contains("no_distances.dcm: this DICOM X-ray has no complete geometry"))
    #expect(message.contains("(0018,1110), Distance Source to Patient (0018,1111) are missing"))
    #expect(!message.contains("--"))
  }

  /// Without a geometry a DICOM X-ray is a picture, and what its header says of the size of pixels counts.
  @Test func picturesWhosePlaceIsToBeFoundKeepTheirScale() throws {
    func unplaced(_ name: String) throws -> LoadedRadiograph {
      try RadiographSource.readUnplaced(Truth.file("geometry/\(name).dcm"))
    }
    let nothing = try unplaced("nothing")
    #expect(nothing.sidecar == nil && nothing.pixelAtPatient == nil)
    #expect(nothing.radiograph.values == (try Truth.xray("geometry/pa.dcm").radiograph.values))
    #expect(try unplaced("no_distances").pixelAtPatient == nil)
    // Pixel Spacing 0.4 across, calibrated at the patient.
    #expect(try unplaced("calibrated").pixelAtPatient == 0.4)
    // The imager's pixels at the detector, divided by the magnification 1500 / 1000.
    let placed = try Truth.xray("geometry/pa.dcm").radiograph.geometry
    let size = try #require(try unplaced("pa").pixelAtPatient)
    #expect(abs(size - length(placed.columnStep) / placed.magnification(at: .zero)) < 1e-9)
  }

  @Test func whatIsSaidFillsWhatIsMissing() throws {
    let stated = StatedBeam(
      sourceToAxis: 1000, sourceToDetector: 1500, pixelSize: SIMD2(0.4, 0.5),
      isocenter: Vector3(1, 2, 3))
    let geometry = try Truth.xray("geometry/nothing.dcm", .pa, stated: stated).radiograph.geometry
    let vectors = try Truth("geometry/pa.dcm").part("geometry")
    #expect(length(geometry.pixelOrigin - (try vectors.vector("origin") + Vector3(1, 2, 3))) < 1e-4)
    #expect(geometry.isocenter == Vector3(1, 2, 3))
    let half = StatedBeam(sourceToAxis: 1000, sourceToDetector: 1500)
    #expect(
      try Truth.xray("geometry/no_distances.dcm", stated: half).radiograph.geometry.columns == 24)
  }

  @Test func contradictionsAreRefused() throws {
    #expect(Truth.message { try Truth.xray("geometry/left.dcm", .pa) }.contains("not the view pa"))
    #expect(Truth.message { try Truth.xray("geometry/left.dcm", .right) }.contains("View Position"))
    #expect(try Truth.xray("geometry/left.dcm", .left).radiograph.geometry.columns == 24)
    // 30 degrees to the left of the front: the source at gantry angle 210.
    let arm = "geometry/arm_lao30.dcm"
    #expect(try Truth.xray(arm, .gantry(degrees: 210)).radiograph.geometry.columns == 24)
    #expect(
      Truth.message { try Truth.xray(arm, .gantry(degrees: 150)) }.contains("not the view 150"))
    let message = Truth.message { try Truth.xray("geometry/wrong_orientation.dcm") }
    #expect(message.contains("A\\F is not that of the view pa"))
    let far = StatedBeam(sourceToDetector: 1800)
    #expect(
      Truth.message { try Truth.xray("geometry/pa.dcm", stated: far) }.contains(
        "1800.0 mm was given"))
  }

  @Test func aGeometryFileWinsAndNothingIsTurned() throws {
    let folder = try TemporaryFolder()
    let image = folder["x.dcm"]
    try FileManager.default.copyItem(at: Truth.file("geometry/mirrored.dcm"), to: image)
    let geometry = try ViewSetup(
      sourceToAxis: 700, sourceToDetector: 900, pixelSize: SIMD2(1, 1), columns: 24, rows: 16
    ).geometry(of: .right)
    try GeometrySidecar(geometry: geometry).write(to: folder["x.json"])
    let loaded = try RadiographSource.read(ViewSpecification(view: nil, image: image))
    #expect(loaded.radiograph.geometry == geometry)
    #expect(loaded.sidecar == folder["x.json"])
    expectClose(
      loaded.radiograph.values, try Truth("geometry/pa.dcm").numbers("values"), atol: 1e-6)
    #expect(throws: (any Error).self) {
      try RadiographSource.read(ViewSpecification(view: .left, image: image))
    }
  }

  @Test func otherImagesAreReadAsBefore() throws {
    let folder = try TemporaryFolder()
    let geometry = try ViewSetup(columns: 4, rows: 4).geometry(of: .pa)
    let radiograph = Radiograph(geometry: geometry, values: (0..<16).map { Float($0) })
    try RadiographFile.write(radiograph, to: folder["x.nii.gz"])
    try GeometrySidecar(geometry: geometry).write(to: folder["x.json"])
    let loaded = try RadiographSource.read(ViewSpecification(view: .pa, image: folder["x.nii.gz"]))
    #expect(loaded.radiograph.values == radiograph.values)
  }
}

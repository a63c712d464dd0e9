import Foundation
import SpiderCore
import SpiderIO
import SpiderTensor
import SpiderTestSupport
import Testing

/// Geometries of other programs, and points, as files and arguments.
@Suite struct ForeignGeometryTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func error(_ body: () throws -> Void) -> FileError? {
    do { try body() } catch { return error as? FileError }
    return nil
  }

  private func file(_ name: String, _ text: String) throws -> URL {
    try folder.file(name, Array(text.utf8))
  }

  /// The example of RTK's documentation (documentation/docs/Geometry.md), with a flat detector.
  private let example = """
    <?xml version="1.0"?>
    <!DOCTYPE RTKGEOMETRY>
    <RTKThreeDCircularGeometry version="3">
      <SourceToIsocenterDistance>1000</SourceToIsocenterDistance>
      <SourceToDetectorDistance>1536</SourceToDetectorDistance>
      <Projection>
        <GantryAngle>271.847274780273</GantryAngle>
        <ProjectionOffsetX>-117.056503295898</ProjectionOffsetX>
        <ProjectionOffsetY>-1.01195001602173</ProjectionOffsetY>
        <Matrix>
              -166.5093078829                   0   -1531.42837748039   -117056.503295898
            -1.01142410874151               -1536  0.0326206557691505   -1011.95001602173
           -0.999480303105996                   0  0.0322354417240802               -1000
        </Matrix>
      </Projection>
      <Projection>
        <GantryAngle>271.852905273438</GantryAngle>
        <SourceToDetectorDistance>1500</SourceToDetectorDistance>
        <OutOfPlaneAngle>2</OutOfPlaneAngle>
        <CollimationUInf>40</CollimationUInf>
      </Projection>
    </RTKThreeDCircularGeometry>
    """

  @Test func rtkFile() throws {
    let found = try RTKGeometryFile.read(try file("g.xml", example))
    #expect(
      found == [
        RTKProjection(
          gantryAngle: 271.847274780273, sourceToIsocenter: 1000, sourceToDetector: 1536,
          projectionOffset: SIMD2(-117.056503295898, -1.01195001602173)),
        RTKProjection(
          gantryAngle: 271.852905273438, outOfPlaneAngle: 2, sourceToIsocenter: 1000,
          sourceToDetector: 1500),
      ])
    let again = try RTKGeometryFile.read(try file("again.xml", RTKGeometryFile.text(found)))
    #expect(again == found)
  }

  @Test func rtkFilesWithFaults() throws {
    let faults: [(String, String, String)] = [
      ("version=\"3\"", "version=\"7\"", "version 7"),
      ("<OutOfPlaneAngle>2<", "<OutOfPlaneAngle>two<", "OutOfPlaneAngle"),
      ("<OutOfPlaneAngle>2<", "<OutOfPlaneAngle>nan<", "OutOfPlaneAngle"),
      ("<OutOfPlaneAngle>2<", "<OutOfPlaneAngle><", "OutOfPlaneAngle"),
      ("OutOfPlaneAngle>", "OutOfPlainAngle>", "OutOfPlainAngle"),
      (
        "<OutOfPlaneAngle>2</OutOfPlaneAngle>",
        "<RadiusCylindricalDetector>9</RadiusCylindricalDetector>", "curved"
      ),
      // Somebody changed the angle and not the matrix.
      ("271.847274780273", "271.9", "matrix of projection 0"),
      ("-1000\n", "\n", "Matrix"),
      ("</RTKThreeDCircularGeometry>", "", "ends before its last tag"),
      ("RTKThreeDCircularGeometry", "SomethingElse", "not a geometry of RTK"),
    ]
    for (sound, broken, word) in faults {
      let text = example.replacingOccurrences(of: sound, with: broken)
      #expect(text != example)
      let url = try file("broken.xml", text)
      let found = error { _ = try RTKGeometryFile.read(url) }
      #expect(found?.description.contains(word) == true, "\(word): \(String(describing: found))")
    }
    #expect(error { _ = try RTKGeometryFile.read(folder["none.xml"]) } != nil)
    let torn = try file("torn.xml", String(example.prefix(700)))
    #expect(error { _ = try RTKGeometryFile.read(torn) } != nil)
    let empty = try file("empty.xml", "")
    #expect(error { _ = try RTKGeometryFile.read(empty) } != nil)
    let bare = try file("bare.xml", "<RTKThreeDCircularGeometry version=\"3\"/>")
    #expect(error { _ = try RTKGeometryFile.read(bare) }?.description.contains("no proj") == true)
  }

  @Test func matrixFile() throws {
    let matrix = try ViewSetup().geometry(of: .gantry(degrees: 33), tiltDegrees: 5).matrix
    let url = try file("m.txt", ProjectionMatrixFile.text(matrix))
    #expect(try ProjectionMatrixFile.read(url) == matrix)
    let loose = try file("loose.txt", "# one line\n1,2,3,4; 5 6\t7 8 9 10 11 -1.2e1 # end\n")
    #expect(
      try ProjectionMatrixFile.read(loose).rows == [
        [1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, -12],
      ])
    for text in ["", "1 2 3", "1 2 3 4 5 6 7 8 9 10 11 nan", "1 2 3 4 5 6 7 8 9 10 11 12 13"] {
      let url = try file("bad.txt", text)
      #expect(error { _ = try ProjectionMatrixFile.read(url) }?.url == url, "\(text)")
    }
    let binary = try folder.file("binary.txt", [0xFF, 0xFE, 0x00, 0x80])
    #expect(error { _ = try ProjectionMatrixFile.read(binary) } != nil)
  }

  @Test func calibrationPoints() throws {
    let expected = [
      CalibrationPoint(world: Vector3(1, -2, 3.5), pixel: SIMD2(100, 200.25)),
      CalibrationPoint(world: Vector3(0, 0, 1e2), pixel: SIMD2(-5, 7)),
    ]
    let table = try file(
      "p.csv", "x,y,z,column,row\n# measured by hand\n1,-2,3.5,100,200.25\r\n\n0, 0, 1e2, -5, 7")
    #expect(try CalibrationPointFile.read(table) == expected)
    let json = try file(
      "p.json",
      """
      {"points": [{"world_mm": [1, -2, 3.5], "pixel": [100, 200.25]},
                  {"world_mm": [0, 0, 100], "pixel": [-5, 7]}]}
      """)
    #expect(try CalibrationPointFile.read(json) == expected)
    for (text, word) in [
      ("1,2,3,4\n", "line 1"), ("1,2,3,4,5\n1,2,x,4,5", "'x'"), ("1,2,3,4,inf", "'inf'"),
      ("{\"points\": 5}", "points"), ("{\"points\": [{\"world_mm\": [1,2,3]}]}", "pixel"),
      ("{\"points\": [{\"world_mm\": [1,2], \"pixel\": [1, 2]}]}", "world_mm"),
      ("{\"points\": [7]}", "points"), ("{\"dots\": []}", "dots"),
    ] {
      let url = try file("bad.csv", text)
      let found = error { _ = try CalibrationPointFile.read(url) }
      #expect(found?.description.contains(word) == true, "\(text): \(String(describing: found))")
    }
  }

  @Test func plastimatchArguments() throws {
    let typed =
      "plastimatch drr -n \"0.3 -1 0.2\" --vup '0.1 0.2 1' -g \"900 1400\" -o \"-5 10 -20\" "
      + "-r \"200 160\" -z \"400 300\" -c \"90 70\""
    let expected = PlastimatchGeometry(
      normal: Vector3(0.3, -1, 0.2), up: Vector3(0.1, 0.2, 1), sourceToAxis: 900,
      sourceToDetector: 1400, isocenter: Vector3(-5, 10, -20), size: SIMD2(200, 160),
      extent: SIMD2(400, 300), center: SIMD2(90, 70))
    #expect(try PlastimatchGeometry(arguments: typed) == expected)
    #expect(try PlastimatchGeometry(arguments: expected.arguments) == expected)
    #expect(try PlastimatchGeometry(arguments: "") == PlastimatchGeometry())
    #expect(throws: PlastimatchArgumentError.unknown("-i")) {
      try PlastimatchGeometry(arguments: "-i exact")
    }
    #expect(throws: PlastimatchArgumentError.badValue("-o", expected: "3 finite numbers")) {
      try PlastimatchGeometry(arguments: "-o \"1 2\" --sad 5")
    }
    #expect(throws: PlastimatchArgumentError.self) {
      try PlastimatchGeometry(arguments: "--sad nan")
    }
    #expect(throws: PlastimatchArgumentError.self) {
      try PlastimatchGeometry(arguments: "-r \"10.5 10\"")
    }
  }
}

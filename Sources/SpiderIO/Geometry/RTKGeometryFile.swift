import Foundation
import SpiderCore

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The XML file in which RTK keeps a `ThreeDCircularProjectionGeometry` (versions 2 and 3, flat panels).
///
/// A parameter stands once in the root when it is the same for all projections, in each projection
/// otherwise, and is 0 when it stands nowhere. A `Matrix` says the same again; where it does not, the file
/// is refused.
public enum RTKGeometryFile {
  /// The largest distance on the detector between matrix and parameters, mm.
  private static let agreement = 0.01

  /// Reads all projections.
  ///
  /// - Throws: ``FileError``.
  public static func read(_ url: URL) throws(FileError) -> [RTKProjection] {
    let what = "a geometry of RTK (XML)"
    let data = try InputFile.content(of: url, limit: 1 << 28, what: what)
    let collector = Collector()
    let parser = XMLParser(data: data)
    parser.shouldResolveExternalEntities = false
    parser.delegate = collector
    guard parser.parse() else {
      if let problem = collector.problem { throw problem(url) }
      throw .unknownFormat(
        url, expected: what, found: data.isEmpty ? "an empty file" : "no valid XML")
    }
    guard collector.isGeometry else {
      throw .unknownFormat(url, expected: what, found: "XML of another kind")
    }
    // The parser itself takes a file that breaks off.
    guard collector.isComplete else {
      throw .corrupt(url, fault: "it ends before its last tag")
    }
    guard !collector.projections.isEmpty else {
      throw .corrupt(url, fault: "it holds no projection")
    }
    var projections: [RTKProjection] = []
    for (index, own) in collector.projections.enumerated() {
      let all = collector.common.merging(own) { $1 }
      let projection = try projection(all, url)
      if let matrix = all["Matrix"] { try check(matrix, projection, index, url) }
      projections.append(projection)
    }
    return projections
  }

  private static func projection(
    _ values: [String: [Double]], _ url: URL
  ) throws(FileError) -> RTKProjection {
    func number(_ key: String) -> Double { values[key]?.first ?? 0 }
    for (key, numbers) in values where key != "Matrix" && numbers.count != 1 {
      throw .badValue(url, key: key, fault: "is no single number")
    }
    guard number("RadiusCylindricalDetector") == 0 else {
      throw .unsupported(
        url, fault: "its detector is curved", remedy: "give the geometry of a flat detector")
    }
    return RTKProjection(
      gantryAngle: number("GantryAngle"), outOfPlaneAngle: number("OutOfPlaneAngle"),
      inPlaneAngle: number("InPlaneAngle"),
      sourceToIsocenter: number("SourceToIsocenterDistance"),
      sourceToDetector: number("SourceToDetectorDistance"),
      sourceOffset: SIMD2(number("SourceOffsetX"), number("SourceOffsetY")),
      projectionOffset: SIMD2(number("ProjectionOffsetX"), number("ProjectionOffsetY")))
  }

  /// Compares where matrix and parameters put some points.
  private static func check(
    _ numbers: [Double], _ projection: RTKProjection, _ index: Int, _ url: URL
  ) throws(FileError) {
    guard numbers.count == 12, numbers.allSatisfy(\.isFinite) else {
      throw .badValue(url, key: "Matrix", fault: "has no 12 numbers in projection \(index)")
    }
    let millimetres = RTKDetector(origin: .zero, spacing: SIMD2(1, 1), columns: 1, rows: 1)
    // What cannot be placed at all is found when the projection is used.
    guard let geometry = try? projection.geometry(millimetres) else { return }
    let matrix = ProjectionMatrix(
      rows: (0..<3).map { Array(numbers[4 * $0..<4 * $0 + 4]) })
    for point in [Vector3.zero, Vector3(100, 0, 0), Vector3(0, 100, 0), Vector3(0, 0, 100)] {
      // The matrix reads RTK's fixed system: left, superior, anterior.
      let stated = matrix.project(Vector3(-point.x, point.z, point.y))
      let found = geometry.project(point)
      // Written so that NaN is a contradiction.
      guard max(abs(stated.x - found.x), abs(stated.y - found.y)) <= agreement else {
        throw .disagreement(
          url, fault: "the matrix of projection \(index) is not that of its parameters",
          remedy: "have RTK write it again")
      }
    }
  }

  /// The file that holds some projections, version 3, with their numbers exact.
  public static func text(_ projections: [RTKProjection]) -> String {
    let blocks = projections.map { p in
      let lines = [
        ("SourceToIsocenterDistance", p.sourceToIsocenter),
        ("SourceToDetectorDistance", p.sourceToDetector), ("GantryAngle", p.gantryAngle),
        ("OutOfPlaneAngle", p.outOfPlaneAngle), ("InPlaneAngle", p.inPlaneAngle),
        ("SourceOffsetX", p.sourceOffset.x), ("SourceOffsetY", p.sourceOffset.y),
        ("ProjectionOffsetX", p.projectionOffset.x), ("ProjectionOffsetY", p.projectionOffset.y),
      ].map { "    <\($0.0)>\($0.1)</\($0.0)>" }
      return "  <Projection>\n\(lines.joined(separator: "\n"))\n  </Projection>\n"
    }
    return """
      <?xml version="1.0"?>
      <!DOCTYPE RTKGEOMETRY>
      <RTKThreeDCircularGeometry version="3">
      \(blocks.joined())</RTKThreeDCircularGeometry>

      """
  }

  /// Gathers the numbers of a file.
  private final class Collector: NSObject, XMLParserDelegate {
    private static let keys: Set<String> = [
      "SourceToIsocenterDistance", "SourceToDetectorDistance", "GantryAngle", "OutOfPlaneAngle",
      "InPlaneAngle", "SourceOffsetX", "SourceOffsetY", "ProjectionOffsetX", "ProjectionOffsetY",
      "RadiusCylindricalDetector", "Matrix",
    ]
    /// Jaws: which part of the detector is lit says nothing about where it is.
    private static let ignored: Set<String> = [
      "CollimationUInf", "CollimationUSup", "CollimationVInf", "CollimationVSup",
    ]

    var isGeometry = false
    /// Whether the root element was closed.
    var isComplete = false
    var common: [String: [Double]] = [:]
    var projections: [[String: [Double]]] = []
    /// The first fault found.
    var problem: ((URL) -> FileError)?
    private var isInProjection = false
    private var text = ""

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      text = ""
      switch name {
      case "RTKThreeDCircularGeometry":
        isGeometry = true
        let version = attributes["version"] ?? "none"
        guard ["2", "3"].contains(version) else {
          return stop(parser) {
            .unsupported(
              $0, fault: "a geometry of version \(version); 2 and 3 are read",
              remedy: "have RTK write it again")
          }
        }
      case "Projection":
        isInProjection = true
        projections.append([:])
      default:
        guard isGeometry else { return parser.abortParsing() }
        guard Self.keys.contains(name) || Self.ignored.contains(name) else {
          return stop(parser) { .badValue($0, key: name, fault: "is not known here") }
        }
      }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
      qualifiedName: String?
    ) {
      if name == "Projection" { isInProjection = false }
      if name == "RTKThreeDCircularGeometry" { isComplete = true }
      guard Self.keys.contains(name) else { return }
      let words = text.split(whereSeparator: \.isWhitespace)
      let numbers = words.compactMap { Double($0) }
      guard numbers.count == words.count, numbers.allSatisfy(\.isFinite), !numbers.isEmpty else {
        return stop(parser) { .badValue($0, key: name, fault: "is no finite number") }
      }
      if isInProjection {
        projections[projections.count - 1][name] = numbers
      } else {
        common[name] = numbers
      }
    }

    private func stop(_ parser: XMLParser, _ problem: @escaping (URL) -> FileError) {
      self.problem = problem
      parser.abortParsing()
    }
  }
}

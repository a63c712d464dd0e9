import Foundation
import SpiderCore

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
    let bytes = Array(try InputFile.content(of: url, limit: 1 << 28, what: what))
    var content = RTKContent(url)
    do {
      try content.read(bytes)
    } catch .content(let error) {
      throw error
    } catch .xml(.endsEarly) where content.isGeometry {
      throw .corrupt(url, fault: "it ends before its last tag")
    } catch .xml(let fault) where content.isGeometry {
      throw .corrupt(url, fault: "\(fault)")
    } catch {
      throw .unknownFormat(
        url, expected: what, found: bytes.isEmpty ? "an empty file" : "no valid XML (\(error))")
    }
    guard !content.projections.isEmpty else {
      throw .corrupt(url, fault: "it holds no projection")
    }
    var projections: [RTKProjection] = []
    for (index, own) in content.projections.enumerated() {
      let all = content.common.merging(own) { $1 }
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
    let sourceToDetector = number("SourceToDetectorDistance")
    guard sourceToDetector == 0 || abs(sourceToDetector) >= 1 else {
      throw .badValue(
        url, key: "SourceToDetectorDistance",
        fault: "is \(sourceToDetector) mm; 0 stands for parallel rays, and a cone needs a length")
    }
    return RTKProjection(
      gantryAngle: number("GantryAngle"), outOfPlaneAngle: number("OutOfPlaneAngle"),
      inPlaneAngle: number("InPlaneAngle"),
      sourceToIsocenter: number("SourceToIsocenterDistance"),
      sourceToDetector: sourceToDetector,
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
}

/// The numbers of RTK's XML file, element by element.
struct RTKContent {
  private static let keys: Set<String> = [
    "SourceToIsocenterDistance", "SourceToDetectorDistance", "GantryAngle", "OutOfPlaneAngle",
    "InPlaneAngle", "SourceOffsetX", "SourceOffsetY", "ProjectionOffsetX", "ProjectionOffsetY",
    "RadiusCylindricalDetector", "Matrix",
  ]
  /// Jaws: which part of the detector is lit says nothing about where it is.
  private static let ignored: Set<String> = [
    "CollimationUInf", "CollimationUSup", "CollimationVInf", "CollimationVSup",
  ]

  /// Whether the root element is RTK's.
  private(set) var isGeometry = false
  /// What holds for all projections.
  private(set) var common: [String: [Double]] = [:]
  /// What each projection says for itself.
  private(set) var projections: [[String: [Double]]] = []
  private let url: URL

  /// What ends the reading.
  enum Failure: Error, CustomStringConvertible {
    case xml(XMLFault)
    case content(FileError)

    var description: String {
      switch self {
      case .xml(let fault): return "\(fault)"
      case .content(let error): return "\(error)"
      }
    }
  }

  init(_ url: URL) { self.url = url }

  /// Reads a whole file; what was read before a fault stays.
  mutating func read(_ bytes: [UInt8]) throws(Failure) {
    do {
      var xml = try XMLReader(bytes)
      var path: [String] = []
      var text = ""
      while let event = try xml.next() {
        switch event {
        case .start(let name, let attributes):
          if let problem = start(name, attributes, in: path) { throw Failure.content(problem) }
          path.append(name)
          text = ""
        case .text(let more): text += more
        case .end:
          let name = path.removeLast()
          if let problem = end(name, text, in: path) { throw Failure.content(problem) }
        }
      }
    } catch let failure as Failure {
      throw failure
    } catch let fault as XMLFault {
      throw .xml(fault)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  private mutating func start(
    _ name: String, _ attributes: [String: String], in path: [String]
  ) -> FileError? {
    if path.isEmpty {
      guard name == "RTKThreeDCircularGeometry" else {
        return .unknownFormat(
          url, expected: "a geometry of RTK (XML)", found: "XML of another kind")
      }
      isGeometry = true
      let version = attributes["version"] ?? "none"
      guard ["2", "3"].contains(version) else {
        return .unsupported(
          url, fault: "a geometry of version \(version); 2 and 3 are read",
          remedy: "have RTK write it again")
      }
      return nil
    }
    if name == "Projection", path.count == 1 {
      projections.append([:])
      return nil
    }
    // Numbers stand in the root or in a projection, and hold no elements.
    let isPlace = path.count == 1 || path.count == 2 && path[1] == "Projection"
    guard isPlace, Self.keys.contains(name) || Self.ignored.contains(name) else {
      return .badValue(url, key: name, fault: "is not known here")
    }
    return nil
  }

  private mutating func end(_ name: String, _ text: String, in path: [String]) -> FileError? {
    guard Self.keys.contains(name) else { return nil }
    let words = text.split(whereSeparator: \.isWhitespace)
    let numbers = words.compactMap { Double($0) }
    guard numbers.count == words.count, numbers.allSatisfy(\.isFinite), !numbers.isEmpty else {
      return .badValue(url, key: name, fault: "is no finite number")
    }
    let isTwice: Bool
    if path.count == 2 {
      isTwice = projections[projections.count - 1].updateValue(numbers, forKey: name) != nil
    } else {
      isTwice = common.updateValue(numbers, forKey: name) != nil
    }
    return isTwice ? .badValue(url, key: name, fault: "stands there twice") : nil
  }
}

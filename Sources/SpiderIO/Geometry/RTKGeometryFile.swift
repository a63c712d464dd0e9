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

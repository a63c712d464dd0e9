import Foundation
import SpiderCore
import SpiderSupport

/// The kinds of files that say how an X-ray is taken, told apart by their first visible character.
package enum GeometryFileKind: Sendable {
  /// Spider's own JSON.
  case sidecar
  /// RTK's XML.
  case rtk
  /// Twelve numbers.
  case matrix

  /// Looks at the beginning of a file.
  ///
  /// - Throws: ``FileError`` when there is no regular file to read.
  package static func of(_ url: URL) throws(FileError) -> GeometryFileKind {
    switch try FileKind.of(url) {
    case .json: return .sidecar
    case .picture, .safetensors:
      throw .unknownFormat(
        url, expected: "a geometry: Spider's (JSON), RTK's (XML) or a 3x4 matrix (text)",
        found: "another kind of file")
    case .other:
      let start = (try? FileHandle(forReadingFrom: url).read(upToCount: 64)) ?? Data()
      let visible = start.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
      return visible == UInt8(ascii: "<") ? .rtk : .matrix
    }
  }
}

/// A 3x4 projection matrix as text: twelve numbers, row by row, in any number of lines.
public enum ProjectionMatrixFile {
  /// Reads a matrix.
  ///
  /// - Throws: ``FileError``.
  public static func read(_ url: URL) throws(FileError) -> ProjectionMatrix {
    let numbers = try NumberTable(url, what: "a 3x4 matrix (text)").lines.flatMap(\.numbers)
    guard numbers.count == 12 else {
      throw .corrupt(
        url, fault: "\(counted(numbers.count, "number")); a 3x4 matrix has 12, row by row")
    }
    return ProjectionMatrix(rows: (0..<3).map { Array(numbers[4 * $0..<4 * $0 + 4]) })
  }

  /// The text of a matrix, three lines of four numbers that read back the same.
  public static func text(_ matrix: ProjectionMatrix) -> String {
    matrix.rows.map { $0.map { "\($0)" }.joined(separator: " ") + "\n" }.joined()
  }
}

/// Points whose places are known in the world and on an image: a table of x, y, z (world RAS+ mm), column,
/// row (pixels from the centre of pixel (0, 0)), or the same as JSON,
/// `{"points": [{"world_mm": [x, y, z], "pixel": [column, row]}]}`.
public enum CalibrationPointFile {
  private static let what = "a table of points: x,y,z,column,row in every line"

  /// Reads points, from JSON when the file begins with a brace.
  ///
  /// - Throws: ``FileError``.
  public static func read(_ url: URL) throws(FileError) -> [CalibrationPoint] {
    if try FileKind.of(url) == .json { return try readJSON(url) }
    let table = try NumberTable(url, what: what)
    var points: [CalibrationPoint] = []
    for (line, numbers) in table.lines {
      guard numbers.count == 5 else {
        throw .corrupt(
          url,
          fault: "line \(line) holds \(counted(numbers.count, "number")); a point has five: "
            + "x,y,z,column,row")
      }
      points.append(
        CalibrationPoint(
          world: Vector3(numbers[0], numbers[1], numbers[2]),
          pixel: SIMD2(numbers[3], numbers[4])))
    }
    return points
  }

  private static func readJSON(_ url: URL) throws(FileError) -> [CalibrationPoint] {
    let object = try JSONObjectReader(url, what: "points (JSON)")
    try object.allowOnly(["points"])
    var points: [CalibrationPoint] = []
    for item in try object.objects("points") {
      try item.allowOnly(["world_mm", "pixel"])
      let pixel = try item.numbers("pixel", 2)
      points.append(
        CalibrationPoint(world: try item.vector("world_mm"), pixel: SIMD2(pixel[0], pixel[1])))
    }
    return points
  }
}

/// Lines of numbers in a text file, separated by spaces, tabs, commas or semicolons.
///
/// Empty lines and what follows a `#` are skipped, and so is one line of column titles before the first
/// numbers.
struct NumberTable {
  /// The numbers of each line that has any.
  let lines: [(line: Int, numbers: [Double])]

  /// Reads a file of at most 1 MiB.
  ///
  /// - Throws: ``FileError``; a word that is no finite number is named with its line.
  init(_ url: URL, what: String) throws(FileError) {
    let data = try InputFile.content(of: url, limit: 1 << 20, what: what)
    guard let text = String(data: data, encoding: .utf8) else {
      throw .unknownFormat(url, expected: what, found: InputFile.kind(of: Array(data.prefix(132))))
    }
    var lines: [(line: Int, numbers: [Double])] = []
    var hasTitles = false
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      let content = line.prefix { $0 != "#" }
      let words = content.split { $0.isWhitespace || $0 == "," || $0 == ";" }
      guard !words.isEmpty else { continue }
      let numbers = words.compactMap { Double($0) }
      if numbers.isEmpty, lines.isEmpty, !hasTitles {
        hasTitles = true
        continue
      }
      guard numbers.count == words.count, numbers.allSatisfy(\.isFinite) else {
        let word = words.first { !(Double($0)?.isFinite ?? false) } ?? ""
        throw .corrupt(url, fault: "line \(index + 1) holds '\(word)', which is no finite number")
      }
      lines.append((index + 1, numbers))
    }
    self.lines = lines
  }
}

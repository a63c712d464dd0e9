import Foundation
import SpiderCore

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
          fault: "line \(line) holds \(numbers.count) numbers; a point has five: "
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
    let object = try JSONObjectReader(url, limit: 1 << 24, what: "points (JSON)")
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

import Foundation
import SpiderCore

/// Carries the intervals of measurements to and from the metadata of a model file; a model need not have them, and a
/// file of an earlier version has none.
enum MeasurementMetadata {
  /// The key, JSON.
  static let key = "spider.measurements"

  /// The entry of intervals.
  static func entries(_ intervals: MeasurementIntervals?) -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Widths are finite; encoding them cannot fail.
    guard let intervals, let json = try? encoder.encode(intervals) else { return [:] }
    return [key: String(decoding: json, as: UTF8.self)]
  }

  /// Reads the intervals; nil where the file has none.
  ///
  /// - Throws: ``FileError`` that names what makes them impossible.
  static func read(
    _ metadata: [String: String], _ url: URL
  ) throws(FileError) -> MeasurementIntervals? {
    guard let text = metadata[key] else { return nil }
    let intervals: MeasurementIntervals
    do {
      intervals = try JSONDecoder().decode(MeasurementIntervals.self, from: Data(text.utf8))
    } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
      throw .corrupt(
        url, fault: "its intervals of measurements are impossible: \(context.debugDescription)")
    } catch {
      throw .corrupt(url, fault: "its intervals of measurements (\(key)) cannot be read")
    }
    if let fault = intervals.fault {
      throw .corrupt(url, fault: "its intervals of measurements are impossible: \(fault)")
    }
    return intervals
  }
}

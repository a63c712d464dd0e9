import Foundation
import SpiderCore

/// A 3x4 projection matrix as text: twelve numbers, row by row, in any number of lines.
public enum ProjectionMatrixFile {
  /// Reads a matrix.
  ///
  /// - Throws: ``FileError``.
  public static func read(_ url: URL) throws(FileError) -> ProjectionMatrix {
    let numbers = try NumberTable(url, what: "a 3x4 matrix (text)").lines.flatMap(\.numbers)
    guard numbers.count == 12 else {
      throw .corrupt(url, fault: "\(numbers.count) numbers; a 3x4 matrix has 12, row by row")
    }
    return ProjectionMatrix(rows: (0..<3).map { Array(numbers[4 * $0..<4 * $0 + 4]) })
  }

  /// The text of a matrix, three lines of four numbers that read back the same.
  public static func text(_ matrix: ProjectionMatrix) -> String {
    matrix.rows.map { $0.map { "\($0)" }.joined(separator: " ") + "\n" }.joined()
  }
}

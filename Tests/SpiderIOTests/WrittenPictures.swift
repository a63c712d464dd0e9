import Foundation
import Testing

/// The pictures that another program wrote and read: Resources/make_pictures.py.
struct WrittenPicture: Decodable, CustomStringConvertible, Sendable {
  let name: String
  /// The file.
  let bytes: Data
  let width: Int?
  let height: Int?
  /// The grey values; nil when the picture is to be refused.
  let values: [Float]?
  let full: Float
  let tolerance: Float
  /// What the error says of one that is refused.
  let word: String?

  var description: String { name }

  /// The type of the file by its first byte.
  var isJPEG: Bool { bytes.first == 0xFF }

  static func all() throws -> [WrittenPicture] {
    let url = try #require(
      Bundle.module.url(forResource: "Resources/pictures", withExtension: "json"))
    return try JSONDecoder().decode([WrittenPicture].self, from: Data(contentsOf: url))
  }

  static func named(_ name: String) throws -> [UInt8] {
    Array(try #require(all().first { $0.name == name }).bytes)
  }
}

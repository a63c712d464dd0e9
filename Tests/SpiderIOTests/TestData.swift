import Foundation
import Testing

/// The folders of test data outside the repository, named by environment variables.
///
/// Without them their tests are skipped, saying so; SPIDER_REQUIRE_DATA=1 makes that a failure.
enum TestData {
  static let realCT = folder("SPIDER_REAL_CT")
  static let goldens = folder("SPIDER_GOLDENS")
  static let isRequired = ProcessInfo.processInfo.environment["SPIDER_REQUIRE_DATA"] == "1"

  private static func folder(_ variable: String) -> URL? {
    ProcessInfo.processInfo.environment[variable].map { URL(fileURLWithPath: $0) }
  }

  /// A file of the folder odd/ with difficult NIfTI files.
  static func odd(_ name: String) throws -> URL {
    try #require(realCT, "SPIDER_REAL_CT is not set").appendingPathComponent("odd/\(name)")
  }
}

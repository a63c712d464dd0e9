import Foundation
import Testing

extension Trait where Self == ConditionTrait {
  /// Takes more than about two seconds on two cores, in release: left out between two edits, where
  /// SPIDER_FAST_TESTS is set. (Swift 6.3's `swift test` selects tests by name, not by tag.)
  public static var slow: Self {
    .disabled(
      if: ProcessInfo.processInfo.environment["SPIDER_FAST_TESTS"] != nil,
      "slow, and SPIDER_FAST_TESTS is set")
  }
}

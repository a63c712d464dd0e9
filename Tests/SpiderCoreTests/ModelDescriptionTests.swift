import Foundation
import SpiderCore
import SpiderTestSupport
import Testing

/// Descriptions come from files: whatever they hold, the answer is a fault and never a trap.
@Suite struct ModelDescriptionTests {
  private func fault(_ change: (inout ModelDescription) -> Void) -> String? {
    var description = tinyModel().description
    change(&description)
    return description.fault
  }

  @Test func aSoundDescriptionHasNoFault() {
    #expect(fault { _ in } == nil)
    #expect(fault { $0.setup.isParallel = true } == nil)
  }

  @Test func fieldsOfViewHaveARange() {
    for side in [0, -256, 0.5, 1e-120, 1e6, 1e300, .infinity, .nan] {
      #expect(fault { $0.fieldOfView = side }?.contains("field of view") == true, "\(side)")
    }
  }

  @Test func imagesHaveARange() {
    for side in [0, -32, 8194, 1 << 62, Int.max - 1] {
      #expect(fault { $0.setup.columns = side }?.contains("images") == true, "\(side)")
      #expect(fault { $0.setup.rows = side }?.contains("images") == true, "\(side)")
    }
    let both = fault { ($0.setup.columns, $0.setup.rows) = (1 << 62, 1 << 62) }
    #expect(both?.contains("images") == true)
  }

  @Test func distancesHaveARange() {
    for length in [1e6, 1e300, .infinity, .nan] {
      #expect(fault { $0.setup.sourceToDetector = length } != nil, "\(length)")
      #expect(fault { $0.setup.sourceToAxis = length } != nil, "\(length)")
      #expect(fault { $0.setup.pixelSize.x = length } != nil, "\(length)")
    }
  }

  /// The initializer refuses such windows; a decoder does not go through it.
  @Test(arguments: [(5.0, 5.0), (2000, -1000)])
  func decodedWindowsAreChecked(_ low: Double, _ high: Double) throws {
    let text = "{\"low\": \(low), \"high\": \(high)}"
    let window = try JSONDecoder().decode(CTWindow.self, from: Data(text.utf8))
    #expect(fault { $0.window = window }?.contains("window") == true)
  }
}

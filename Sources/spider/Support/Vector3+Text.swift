import Foundation
import SpiderCore

extension Vector3 {
  /// A point in mm as options take it: "0,-12.5,30".
  var text: String { String(format: "%.6g,%.6g,%.6g", x, y, z) }
}

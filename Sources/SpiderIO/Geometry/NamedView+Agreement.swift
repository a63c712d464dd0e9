import Foundation
import SpiderCore

extension NamedView {
  /// Whether a geometry may carry this view's name: its source lies on the view's side, its columns
  /// count the view's way, and its rows count downwards.
  ///
  /// Directions are compared in the axial plane, so that a tilted tube (Caldwell, Towne) keeps its
  /// name. A name allows 45 degrees, the nearest of four sides; an angle, which says more, allows 5.
  public func agrees(with geometry: ProjectionGeometry) -> Bool {
    let limit: Double
    switch self {
    case .pa, .ap, .left, .right: limit = 45
    case .gantry: limit = 5
    }
    let toSource = -geometry.centralDirection
    return Self.angle(toSource, sourceDirection) <= limit
      && Self.angle(geometry.columnStep, columnDirection) <= limit && geometry.rowStep.z < 0
  }

  /// The angle in degrees between two directions as seen from above; 180 where one is vertical.
  private static func angle(_ a: Vector3, _ b: Vector3) -> Double {
    let (a, b) = (Vector3(a.x, a.y, 0), Vector3(b.x, b.y, 0))
    guard length(a) > 1e-6, length(b) > 1e-6 else { return 180 }
    return acos(min(max(dot(normalized(a), normalized(b)), -1), 1)) * 180 / .pi
  }
}

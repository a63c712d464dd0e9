/// Whether X-rays are looked at before they are used, and what follows when something is wrong with them.
public struct XrayInspection: Sendable, Equatable {
  /// Who looks.
  public var inspector: XrayInspector
  /// Whether grave faults are only noted, and not refused: for whoever knows better.
  public var acceptsFaults: Bool

  /// By default grave faults are refused.
  public init(_ inspector: XrayInspector, acceptsFaults: Bool = false) {
    self.inspector = inspector
    self.acceptsFaults = acceptsFaults
  }

  /// What is wrong with X-rays that have been given their places.
  ///
  /// - Throws: ``/SpiderImaging/ViewError/faulty(_:)`` with all faults where one is grave and such are not accepted.
  func faults(
    of views: [ViewInspection.Hung], isocenter: Vector3
  ) throws(ViewError) -> [ViewFault] {
    let faults = ViewInspection(inspector: inspector, isocenter: isocenter).faults(of: views)
    guard acceptsFaults || !faults.contains(where: \.isGrave) else { throw .faulty(faults) }
    return faults
  }
}

extension XrayInspector: Equatable {
  /// Whether two inspectors have the same parameters.
  public static func == (a: Self, b: Self) -> Bool {
    a.parameters.storage.values == b.parameters.storage.values
  }
}

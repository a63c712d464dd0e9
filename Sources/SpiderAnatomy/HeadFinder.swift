import Foundation
import SpiderImaging

/// Places the canonical field of view on a head: crown 12 mm under the top of the cube, centred
/// left-right and front-back on the upper 140 mm of the head.
public struct HeadFinder: Sendable {
  /// From the top of the field of view to the crown, mm.
  public static let crownMargin = 12.0
  /// The height under the crown over which the head is centred, mm.
  package static let slabHeight = 140.0
  /// From the widest level of an adult head to its crown, mm.
  static let vaultHeight = 95.0

  /// The side of the canonical field of view, mm.
  public var fieldOfView: Double

  /// A finder for a field of view of a given side in mm.
  public init(fieldOfView: Double = 256) { self.fieldOfView = fieldOfView }

  /// Finds the head in a CT of any orientation.
  public func locate(in ct: Volume) -> HeadLocation { locate(in: Scan(ct)) }

  /// Finds the head in a CT whose padding is known.
  package func locate(in scan: Scan) -> HeadLocation {
    let ct = scan.ct
    let work = scan.resampled(onto: ct.grid.covering(spacing: 2.5))
    guard let scene = AnatomyScene(ct: work.ct, covered: work.covered) else {
      return HeadLocation(
        isocenter: ct.grid.center, basis: .volumeCenter(because: "no patient is in the scan"))
    }
    return locate(
      body: scene.body, covered: work.covered, cavity: scene.cavity?.mask,
      fallback: ct.grid.center)
  }

  /// Finds the head when the body is known, on an axis-aligned RAS+ grid.
  ///
  /// - Parameters:
  ///   - body: the patient.
  ///   - covered: where the scan is, on the same grid; what is not in it is not known to be air.
  ///   - cavity: the cranial cavity, where one was found: it tells the head from arms beside it.
  ///   - fallback: the isocentre when there is no head, the middle of the scan.
  package func locate(
    body: Mask, covered: Mask, cavity: Mask? = nil, fallback: Vector3
  ) -> HeadLocation {
    precondition(body.grid == covered.grid, "body and scan must lie on one grid")
    func notFound(_ reason: String) -> HeadLocation {
      HeadLocation(isocenter: fallback, basis: .volumeCenter(because: reason))
    }
    let around = cavity.flatMap { Self.headAround($0, body: body) }
    let body = around?.body ?? body
    let levels = BodyLevel.all(of: body, coverage: covered)
    // A level counts from 8 cm^2 on: hair, a frame or noise above the crown do not make a crown.
    guard let top = Self.top(of: levels, above: around?.level) else {
      return notFound("no patient is in the scan")
    }
    let spacing = body.grid.spacing.z
    var crown = body.grid.worldPoint(0, 0, Double(top) + 0.5).z
    var basis = HeadLocation.Basis.crown
    // Two levels of slack: the outermost slice is often partial. An oblique scan cuts a level short
    // without touching the top, hence also the levels that reach its border.
    let isCut =
      levels[top].area >= 5000
      && (top + 2 >= levels.count || levels[min(top + 2, levels.count - 1)].covered < 800
        || levels[top].cutFraction > 0.3)
    if isCut {
      let missing = missingVault(levels, top: top, spacing: spacing)
      crown += missing
      basis = .estimatedCrown(aboveScan: missing)
    }
    let lowest = body.grid.affine.inverse.apply(Vector3(0, 0, crown - Self.slabHeight)).z
    let slab = levels[max(0, min(top, Int(lowest.rounded())))...top].filter { $0.area >= 800 }
    if let fault = Self.faultOfHead(slab) { return notFound(fault) }
    // Shoulders beside a bent neck are wider than any head; they do not shift its centre.
    let head = slab.filter { $0.high.x - $0.low.x <= 240 }
    guard let firstLevel = head.first else { return notFound("the body is too wide for a head") }
    let box = head.reduce((firstLevel.low, firstLevel.high)) {
      (pointwiseMin($0.0, $1.low), pointwiseMax($0.1, $1.high))
    }
    let center = (box.0 + box.1) / 2
    return HeadLocation(
      isocenter: Vector3(center.x, center.y, crown + Self.crownMargin - fieldOfView / 2),
      basis: basis)
  }

  /// The part of a body that can be the head around a cranial cavity, and the highest level of the
  /// cavity; nil for an empty cavity. Ears and nose reach less far from the cavity than this, arms
  /// beside the head are cut off.
  private static func headAround(_ cavity: Mask, body: Mask) -> (body: Mask, level: Int)? {
    let levels = BodyLevel.all(of: cavity, coverage: cavity)
    guard let level = levels.lastIndex(where: { $0.area > 0 }) else { return nil }
    let box = levels.filter { $0.area > 0 }.reduce((levels[level].low, levels[level].high)) {
      (pointwiseMin($0.0, $1.low), pointwiseMax($0.1, $1.high))
    }
    let grid = body.grid
    let head = Mask(grid: grid) { k in
      zip(body.slice(k).indices, body.slice(k)).map { index, isBody in
        guard isBody else { return false }
        let p = grid.worldPoint(of: index)
        return p.x > box.0.x - 45 && p.x < box.1.x + 45 && p.y > box.0.y - 45
          && p.y < box.1.y + 80
      }
    }
    return (head, level)
  }

  /// The highest level of a head: the last of 8 cm^2 in the scan, or going up from the cavity.
  private static func top(of levels: [BodyLevel], above cavity: Int?) -> Int? {
    guard let cavity else { return levels.lastIndex { $0.area >= 800 } }
    let end = levels[cavity...].firstIndex { $0.area < 800 } ?? levels.endIndex
    return end > cavity ? end - 1 : levels.lastIndex { $0.area >= 800 }
  }

  /// Estimates the height of the crown above a cut through the vault, mm.
  ///
  /// The cross sections of an ellipsoid of half height c shrink as A(z) = A(0) (1 - (z/c)^2) above
  /// the widest one; the cut's area relative to the widest in the scan gives z. A head that grows
  /// up to the cut is cut at or under its widest level.
  private func missingVault(_ levels: [BodyLevel], top: Int, spacing: Double) -> Double {
    let reach = max(0, top - Int(Self.slabHeight / spacing))
    let widest = levels[reach...top].map(\.area).max() ?? 0
    guard widest > 0 else { return Self.vaultHeight }
    let share = min(1, levels[top].area / widest)
    return Self.vaultHeight * (1 - (1 - share).squareRoot())
  }

  /// Why the levels under the crown cannot be a head's, or nil when they can.
  private static func faultOfHead(_ slab: [BodyLevel]) -> String? {
    func median(_ numbers: [Double]) -> Double {
      let sorted = numbers.sorted()
      return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
    let width = median(slab.map { $0.high.x - $0.low.x })
    let depth = median(slab.map { $0.high.y - $0.low.y })
    let size = String(format: "the body is %.0f mm wide and %.0f mm deep", width, depth)
    if width > 230 || depth > 280 { return "\(size), too large for a head" }
    if width < 70 || depth < 70 { return "\(size), too small for a head" }
    return nil
  }
}

/// The place of a head's canonical field of view, with its basis.
public struct HeadLocation: Equatable, Sendable {
  /// The basis of the isocentre.
  public enum Basis: Equatable, Sendable, CustomStringConvertible {
    /// The crown is in the scan: it lies 12 mm under the top of the cube.
    case crown
    /// The top of the head is cut off; the crown's height was estimated from the shape of the head,
    /// this many mm above the scan.
    case estimatedCrown(aboveScan: Double)
    /// No head was found: the middle of the volume.
    case volumeCenter(because: String)

    /// The basis in words, for logs.
    public var description: String {
      switch self {
      case .crown:
        return "isocentre from the crown of the head"
      case .estimatedCrown(let mm):
        return "the top of the head is cut off: isocentre from a crown estimated "
          + "\(Int(mm.rounded())) mm above the scan"
      case .volumeCenter(let reason):
        return "isocentre at the centre of the volume: \(reason)"
      }
    }
  }

  /// The centre of the canonical field of view, world mm.
  public let isocenter: Vector3
  /// The basis of the isocentre.
  public let basis: Basis

  /// Whether a head was found.
  public var foundHead: Bool {
    if case .volumeCenter = basis { return false }
    return true
  }

  /// The height of the crown (world z, mm) when the field of view has this side; nil without a
  /// head.
  func crown(side: Double) -> Double? {
    foundHead ? isocenter.z + side / 2 - HeadFinder.crownMargin : nil
  }
}

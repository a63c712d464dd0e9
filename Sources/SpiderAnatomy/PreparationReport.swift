import Foundation
import SpiderImaging

/// What was decided when a CT was prepared, and why: written beside the case as `preparation.json`.
public struct PreparationReport: Codable, Equatable, Sendable {
  /// A side on which the scan ends in the patient's tissue.
  public struct Cut: Codable, Equatable, Sendable {
    /// The side: left, right, anterior, posterior, superior or inferior.
    public let side: String
    /// How much tissue is cut there, cm^2.
    public let area: Double

    enum CodingKeys: String, CodingKey {
      case side
      case area = "area_cm2"
    }
  }

  /// The form of this file.
  public var schema = "spider.preparation/1"
  /// The scheme of the labels.
  public var scheme: String
  /// The isocentre in the world of the original scan, mm.
  public var isocenter: [Double] = []
  /// How it was found.
  public var isocenterBasis = ""
  /// mm by which the crown, as estimated, lies above the end of the scan; nil when it is in it.
  public var crownAboveScan: Double?
  /// Values of the file that were no numbers.
  public var notFinite = 0
  /// The share of the file that is padding, not scan.
  public var padding = 0.0
  /// The share of the field of view that is outside the scan.
  public var outsideScan = 0.0
  /// mL of table, head-holder and other matter outside the body that were removed.
  public var removed = 0.0
  /// Where tissue goes on beyond the scan or the field of view.
  public var cuts: [Cut] = []
  /// How the head lies, and what could not be labelled.
  public var findings: LabelFindings?
  /// mL of each class.
  public var volumes: [String: Double] = [:]
  /// mL within the patient whose structure is unknown.
  public var unknown = 0.0
  /// Who labelled it: "labeller" with its version, or "given".
  public var labelSource = ""
  /// What a user should look at.
  public var warnings: [String] = []

  enum CodingKeys: String, CodingKey {
    case schema, scheme
    case isocenter = "isocenter_mm"
    case isocenterBasis = "isocenter_basis"
    case crownAboveScan = "crown_above_scan_mm"
    case notFinite = "not_finite_voxels"
    case padding = "padding_share"
    case outsideScan = "outside_scan_share"
    case removed = "removed_ml"
    case cuts, findings
    case volumes = "volumes_ml"
    case unknown = "unknown_ml"
    case labelSource = "label_source"
    case warnings
  }

  init(scheme: LabelScheme) { self.scheme = scheme.name }

  /// The same in words, one line each.
  public var notes: [String] {
    var notes = [isocenterBasis]
    func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }
    if notFinite > 0 {
      notes.append("\(notFinite) values were not finite and count as air or as no scan")
    }
    if padding > 0 { notes.append("\(percent(padding)) of the file is padding, not scan") }
    if outsideScan > 0.005 {
      notes.append("\(percent(outsideScan)) of the field of view is outside the scan")
    }
    if removed >= 0.5 {
      notes.append("removed \(Int(removed.rounded())) mL outside the body (table, head-holder)")
    }
    if !cuts.isEmpty {
      let list = cuts.map { "\($0.side) (\(Int($0.area.rounded())) cm^2)" }
      notes.append("tissue goes on beyond the scan or the field: " + list.joined(separator: ", "))
    }
    if let pose = findings?.pose { notes.append(pose) }
    for (name, reason) in (findings?.missing ?? [:]).sorted(by: { $0.key < $1.key }) {
      notes.append("\(name): \(reason)")
    }
    return notes + warnings.map { "look at it: \($0)" }
  }
}

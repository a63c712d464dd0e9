import Foundation
import SpiderImaging

/// The record of a CT's preparation, written beside the case as `preparation.json`.
public struct PreparationReport: Codable, Equatable, Sendable {
  /// A side on which the scan ends in the patient's tissue.
  public struct Cut: Codable, Equatable, Sendable {
    /// The side: left, right, anterior, posterior, superior or inferior.
    public let side: String
    /// The area of tissue cut there, cm^2.
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
  /// The basis of the isocentre.
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
  /// The sides on which tissue continues beyond the scan or the field of view.
  public var cuts: [Cut] = []
  /// The pose of the head, and the structures without labels.
  public var findings: LabelFindings?
  /// mL of each class.
  public var volumes: [String: Double] = [:]
  /// mL within the patient whose structure is unknown.
  public var unknown = 0.0
  /// Who labelled it: "labeller" with its version, or "given".
  public var labelSource = ""
  /// Warnings for the user.
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

extension PreparationReport {
  /// Notes what of a file is no scan, and refuses it when it holds no CT numbers.
  mutating func add(_ numbers: CTNumbers) throws(PreparationError) {
    notFinite = numbers.notFinite
    if let fault = numbers.fault { throw .notCTNumbers(fault) }
    guard numbers.hasAir else { throw .noAir(lowest: numbers.lowest) }
    if let measured = numbers.scan.measured {
      padding = 1 - Double(measured.population) / Double(measured.grid.count)
    }
    if let note = numbers.overflowNote { warnings.append(note) }
  }

  /// Notes where the field of view was put.
  mutating func place(_ point: Vector3, _ basis: String) {
    isocenter = [point.x, point.y, point.z]
    isocenterBasis = basis
  }

  /// Measures the labels, and says what is worth a look.
  mutating func add(_ labels: LabelVolume, scheme: LabelScheme) {
    let voxel = abs(labels.grid.affine.determinant) / 1000
    var counts = [Int](repeating: 0, count: 256)
    for label in labels.values { counts[Int(label)] += 1 }
    for (value, name) in scheme.classes.enumerated() {
      volumes[name] = Double(counts[value]) * voxel
    }
    unknown = Double(counts[Int(LabelScheme.unknown)]) * voxel
    cuts = Self.cuts(of: labels)

    let patient = volumes.filter { $0.key != scheme.classes[0] }.values.reduce(0, +) + unknown
    if unknown > 0.05 * patient {
      warnings.append(
        "the structure of \(Int((100 * unknown / max(1, patient)).rounded())) % of the patient is unknown"
      )
    }
    if crownAboveScan != nil { warnings.append("the place of the crown is an estimate") }
    if let findings {
      let turns = [findings.pitchDegrees, findings.turnDegrees, findings.inclinationDegrees]
      if turns.compactMap({ $0.map(abs) }).max() ?? 0 > 15 {
        warnings.append("the head is turned or bent by more than 15 degrees")
      }
    }
  }

  /// The sides on which more than 5 cm^2 of the patient ends at the end of the scan or of the grid.
  private static func cuts(of labels: LabelVolume) -> [Cut] {
    let grid = labels.grid
    let spacing = grid.spacing
    let faces = [spacing.y * spacing.z, spacing.x * spacing.z, spacing.x * spacing.y]
    let names = [["left", "right"], ["posterior", "anterior"], ["inferior", "superior"]]
    let size = [grid.nx, grid.ny, grid.nz]
    let strides = [1, grid.nx, grid.nx * grid.ny]
    var counts = [[0, 0], [0, 0], [0, 0]]
    for index in labels.values.indices {
      let label = labels.values[index]
      guard label != 0, label != LabelScheme.outsideScan else { continue }
      let voxel = grid.voxel(at: index)
      for axis in 0..<3 {
        for (side, step) in [(0, -1), (1, 1)] {
          let next = voxel[axis] + step
          let isEnd = next < 0 || next >= size[axis]
          if isEnd || labels.values[index + step * strides[axis]] == LabelScheme.outsideScan {
            counts[axis][side] += 1
          }
        }
      }
    }
    return (0..<6).compactMap { n in
      let area = Double(counts[n / 2][n % 2]) * faces[n / 2] / 100
      return area > 5 ? Cut(side: names[n / 2][n % 2], area: area) : nil
    }
  }
}

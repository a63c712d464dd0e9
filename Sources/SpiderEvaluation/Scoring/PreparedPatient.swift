import SpiderCore
import SpiderDataSet
import SpiderDRR

/// One patient in memory: CT and labels on the canonical grid, the attenuation the X-rays are made of,
/// and where the scan ends.
public struct PreparedPatient: Sendable {
  /// The case's name.
  public let id: String
  /// Whether it is a real patient and not a phantom.
  public let isReal: Bool
  /// HU on the canonical grid, the isocentre at the world's origin.
  public let ct: Volume
  /// Classes on the same grid.
  public let labels: LabelVolume
  /// Linear attenuation per mm on the same grid.
  public let attenuation: Volume
  /// Where tissue goes on beyond the scan.
  package let exit: TruncatedTissue

  /// Prepares a patient.
  public init(
    id: String, isReal: Bool, ct: Volume, labels: LabelVolume,
    attenuation: Attenuation = .standard
  ) {
    precondition(ct.grid == labels.grid, "CT and labels of '\(id)' lie on different grids")
    self.id = id
    self.isReal = isReal
    self.ct = ct
    self.labels = labels
    self.attenuation = attenuation.attenuation(of: ct)
    exit = TruncatedTissue(ct: ct, labels: labels)
  }
}

extension DataSet {
  /// A patient of this data set.
  public func patient(_ entry: DataSetIndex.Entry) throws -> PreparedPatient {
    let (ct, labels) = try load(entry)
    return PreparedPatient(id: entry.id, isReal: entry.isReal, ct: ct, labels: labels)
  }
}

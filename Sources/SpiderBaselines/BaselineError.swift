import SpiderCore

/// Why a baseline cannot be computed from what it was given.
public enum BaselineError: Error, Equatable, CustomStringConvertible {
  /// A volume or its label map lies on another grid than the first volume.
  case gridsDiffer(volume: Int)
  /// There is no volume to average.
  case noVolumes
  /// There is no radiograph to reconstruct from.
  case noViews
  /// A radiograph does not hold absolute line integrals.
  case notAbsolute(view: Int)
  /// A radiograph does not look the way a published network wants it.
  case otherView(wanted: String)
  /// The views of a model are not the two that published networks take.
  case otherViews([NamedView])

  /// What is wrong, and what would be right. Volumes and views are counted from 1.
  public var description: String {
    switch self {
    case .gridsDiffer(let volume):
      return
        "volume \(volume) of the mean, or its label map, lies on another grid than volume 1; "
        + "resample all cases to the canonical grid first"
    case .noVolumes: return "the mean of no volumes; give at least one training case"
    case .noViews: return "a reconstruction from no radiographs; give at least one view"
    case .notAbsolute(let view):
      return
        "view \(view) holds relative grey values; this reconstruction needs absolute line integrals "
        + "(-ln I/I0)"
    case .otherView(let wanted):
      return
        "the published networks need a frontal and a lateral radiograph, upright; one given as "
        + "\(wanted) is none"
    case .otherViews(let views):
      return
        "the published networks read two X-rays, one frontal and one lateral, not "
        + (views.isEmpty ? "none" : views.map(\.description).joined(separator: ", "))
    }
  }
}

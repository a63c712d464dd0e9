import SpiderImaging

/// Figures derived from the labels of a head: volumes in mL, and the distance between the condyles in mm.
///
/// ```swift
/// let figures = HeadMeasurements(head.labels)
/// if let skull = figures[.skull] { print("skull \(skull) mL") }
/// ```
///
/// A volume is the number of a class's voxels times a voxel's. The condyles are the two mL of the mandible that lie
/// furthest upwards and backwards (along (0, -1, 1) in world RAS+), one on each side of the sagittal plane through its
/// centroid; parts of less than a mL that are apart from the rest do not count. Their distance is that of the
/// centroids of these mL, so it holds for heads that nod by up to some 25 degrees.
public struct HeadMeasurements: Sendable, Equatable {
  private var values: [HeadMeasurement: Double] = [:]
  /// The figures of which a part meets the border of what is known: of the grid, of the scan or of the field of view.
  /// Of ``/SpiderImaging/HeadMeasurement/softTissue`` and
  /// ``/SpiderImaging/HeadMeasurement/cervicalSpine`` that is usual.
  public internal(set) var cutOff: Set<HeadMeasurement> = []
  /// The figures of which more than 2 % lies where one of the X-rays shows nothing: beside its detector or in its mask.
  public internal(set) var hidden: Set<HeadMeasurement> = []

  init() {}

  /// Measures the labels of a head.
  ///
  /// - Parameters:
  ///   - labels: classes of ``/SpiderImaging/LabelScheme/head`` on a grid in world RAS+ mm, of any spacing and
  ///     direction. ``/SpiderImaging/LabelScheme/unknown`` and ``/SpiderImaging/LabelScheme/outsideScan`` count nowhere.
  ///   - radiographs: the X-rays that the head was made of, for ``hidden``.
  public init(_ labels: LabelVolume, seenBy radiographs: [Radiograph] = []) {
    var measurer = HeadMeasurer(on: labels.grid, seenBy: radiographs)
    measurer.add(labels.values)
    self = measurer.measurements()
  }

  /// A figure in its unit. nil where there is no voxel of it; of the distance also where there are no two condyles, side
  /// by side and at least 60 mm apart, where one of them is cut off, or where a voxel has more than a mL.
  public internal(set) subscript(figure: HeadMeasurement) -> Double? {
    get { values[figure] }
    set { values[figure] = newValue }
  }
}

import SpiderCore
import SpiderDRR

/// Improves estimated geometries by what they lead to: a volume is reconstructed coarsely for many small changes,
/// and the change whose volume agrees best with the pictures is kept.
///
/// The changes are those on which two views contradict each other: a view's height, and its scale beside the
/// first view's; what is settled (``/SpiderCore/PlacedPicture``) stays. What both share, such as the absolute scale,
/// no agreement can tell.
public struct GeometrySearch: Sendable {
  /// Voxels along the side of the coarse volume.
  private static let size = 40

  private let model: any ReconstructionModel

  /// A search by the answers of a model that shows a field of view.
  public init(model: any ReconstructionModel) { self.model = model }

  /// Shifts and scales all pictures but the first until they agree best.
  ///
  /// - Returns: the pictures in their new places, and the mean agreement before and after.
  /// - Throws: ``/SpiderImaging/ViewError``, `CancellationError`.
  public func improved(
    _ pictures: [PlacedPicture], progress: ((Double) -> Void)? = nil
  ) throws -> (pictures: [PlacedPicture], before: Double, after: Double) {
    var best = pictures
    let before = try agreement(of: best)
    var highest = before
    let rounds = Self.rounds
    for (number, changes) in rounds.enumerated() {
      for place in best.indices.dropFirst() {
        let start = best[place]
        for change in changes where start.allows(change, beside: best[0]) {
          var trial = best
          trial[place] = try start.changed(by: change)
          let value = try agreement(of: trial)
          if value > highest { (best, highest) = (trial, value) }
        }
      }
      progress?(Double(number + 1) / Double(rounds.count))
    }
    return (best, before, highest)
  }

  /// The changes tried in each round: heights and scales in turn, ever finer.
  private static let rounds: [[PlacedPicture.Change]] = [
    [-24, -16, -8, 8, 16, 24].map { .init(height: $0) },
    [-0.08, -0.04, 0.04, 0.08].map { .init(scale: $0) },
    [-6, -3, 3, 6].map { .init(height: $0) },
    [-0.02, 0.02].map { .init(scale: $0) },
    [-1.5, 1.5].map { .init(height: $0) },
  ]

  private func agreement(of pictures: [PlacedPicture]) throws -> Double {
    let radiographs = pictures.map(\.radiograph)
    let result: ReconstructedVolume = try model.reconstruct(
      radiographs, on: model.traits.grid(about: .zero, size: Self.size), isocenter: .zero)
    let values = Reprojection.views(of: result.ct, radiographs).map { $0.agreement ?? 0 }
    return values.reduce(0, +) / Double(max(1, values.count))
  }
}

extension PlacedPicture {
  /// A small change of where a picture lies.
  struct Change {
    /// mm at the patient by which the picture is raised.
    var height = 0.0
    /// The share by which its pixels grow.
    var scale = 0.0
  }

  /// Whether a change leaves what is settled as it is.
  func allows(_ change: Change, beside first: PlacedPicture) -> Bool {
    (change.height == 0 || !isHeightSettled || !first.isHeightSettled)
      && (change.scale == 0 || !isSizeSettled)
  }

  /// The picture in another place.
  func changed(by change: Change) throws -> PlacedPicture {
    let old = radiograph.geometry
    let growth = 1 + change.scale
    let (column, row) = (old.columnStep * growth, old.rowStep * growth)
    let isocenter = old.isocenter ?? .zero
    // The pixel that shows the isocentre goes on showing it, but for the height.
    let pixel = old.project(isocenter)
    let foot = old.pixelCenter(column: pixel.x, row: pixel.y)
    let lift = normalized(old.rowStep) * (-change.height * old.magnification(at: isocenter))
    var result = self
    result.radiograph = Radiograph(
      geometry: try ProjectionGeometry(
        beam: old.beam, pixelOrigin: foot + lift - column * pixel.x - row * pixel.y,
        columnStep: column, rowStep: row, columns: old.columns, rows: old.rows,
        isocenter: isocenter),
      values: radiograph.values, intensity: radiograph.intensity, mask: radiograph.mask,
      photonEnergy: radiograph.photonEnergy)
    result.pixelSize *= growth
    return result
  }
}

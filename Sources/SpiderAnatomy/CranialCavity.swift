import SpiderImaging

/// The cranial cavity as found, and how far it can be believed.
struct CranialCavity: Sendable {
  /// Its voxels.
  let mask: Mask
  /// The share of its surface with neither bone nor air nor the end of the scan beside it. The
  /// foramen magnum and the smaller holes make up to 0.04.
  let openShare: Double
  /// Soft tissue beyond the openings of a cavity that is not closed: nobody knows what of it is
  /// inside. Nil for a closed one.
  let beyond: Mask?

  /// Above this share of openings the walls were not seen: a blurred or averaged scan.
  private static let mostOpen = 0.12
  /// How far unknown tissue reaches from the openings of such a cavity, mm.
  private static let reach = 60.0

  /// Measures a cavity.
  ///
  /// - Parameter hard: bone, air and all that is outside body or scan.
  init(mask: Mask, hard: Mask) {
    self.mask = mask
    let edge = mask.grid.spacing.max()
    let rim = mask.withNeighbours().subtracting(mask)
    let open = rim.subtracting(hard.dilated(by: 2.25 * edge))
    openShare = Double(open.population) / Double(max(1, rim.population))
    guard openShare > Self.mostOpen else {
      beyond = nil
      return
    }
    let steps = Int(Self.reach / mask.grid.spacing.min())
    beyond = open.grown(within: hard.union(mask).complement, steps: steps)
  }

  /// Whether its walls were seen all around.
  var isClosed: Bool { beyond == nil }
}

import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderEvaluation

/// What came of finding the geometry of one head's films.
struct Outcome {
  /// The found size of a pixel, as a share of the true one, less 1; one a view.
  let pixelErrors: [Double]
  /// How much higher the second view's found middle of the head lies than the first one's, mm.
  let gap: Double
  /// How much higher the head's middle was found than it is, mm.
  let level: Double
  /// PSNR over the body, dB, and the Dice of bone.
  let withTruth: Score
  /// In the found geometry, laid upon the truth by the found middle of the head.
  let asFound: Score
  /// The same, its size divided by the error of the size.
  let sizeUndone: Score

  struct Score {
    let decibels: Double
    let bone: Double

    /// Of a volume against the truth moved into its world: true = origin + size * found.
    init(_ volume: Volume, against truth: Volume, origin: Vector3 = .zero, size: Double = 1) {
      let old = truth.grid.affine
      let columns = old.columns
      let grid = VoxelGrid(
        nx: truth.grid.nx, ny: truth.grid.ny, nz: truth.grid.nz,
        affine: Affine(
          columns: (columns.0 / size, columns.1 / size, columns.2 / size),
          translation: (old.translation - origin) / size))
      // Bone is told by its HU alone; no labels are compared.
      func unlabelled(_ grid: VoxelGrid) -> LabelVolume {
        LabelVolume(grid: grid, values: [UInt8](repeating: 0, count: grid.count))
      }
      let metrics = VolumeMetrics.evaluate(
        id: "", candidate: volume, reference: Volume(grid: grid, values: truth.values),
        candidateLabels: unlabelled(volume.grid), referenceLabels: unlabelled(grid),
        surfaces: false)
      decibels = metrics.psnrBody ?? .nan
      bone = metrics.dice["bone_hu"].flatMap { $0 } ?? .nan
    }
  }

  /// Finds the geometry of films, reconstructs in it and in the true one.
  init(
    _ films: Films, _ truth: Volume, center: Vector3, model: any ReconstructionModel,
    estimator: GeometryEstimator, isScaled: Bool
  ) throws {
    let sizes = films.inPlace.map { film in
      length(film.geometry.columnStep) / film.geometry.magnification(at: center)
    }
    let pictures = zip(films.pictures, sizes).map {
      UnplacedPicture($0, pixelAtPatient: isScaled ? $1 : nil)
    }
    let first = try estimator.place(pictures)
    let found = try GeometrySearch(model: model).improved(first).pictures.map(\.radiograph)
    let geometries = found.map(\.geometry)
    pixelErrors = zip(geometries, sizes).map { geometry, size in
      length(geometry.columnStep) / geometry.magnification(at: .zero) / size - 1
    }
    let place = films.trueOrigin(of: geometries)
    (gap, level) = (place.gap, place.point.z - center.z)
    let isocenter = films.inPlace[0].geometry.isocenter ?? center
    let right: ReconstructedVolume = try model.reconstruct(
      films.inPlace, on: model.traits.grid(about: isocenter, size: 64), isocenter: isocenter)
    withTruth = Score(right.ct, against: truth)
    let volume: ReconstructedVolume = try model.reconstruct(
      found, on: model.traits.grid(about: .zero, size: 64), isocenter: .zero)
    asFound = Score(volume.ct, against: truth, origin: place.point)
    let mean = pixelErrors.reduce(0) { $0 + log(1 + $1) } / Double(pixelErrors.count)
    sizeUndone = Score(volume.ct, against: truth, origin: place.point, size: exp(-mean))
  }
}

extension [Outcome] {
  /// A row of the table.
  func row(_ name: String) -> String {
    func mean(_ value: (Outcome) -> Double) -> Double { map(value).reduce(0, +) / Double(count) }
    func within(_ limit: Double, _ value: (Outcome) -> Double) -> Double {
      100 * Double(self.count { abs(value($0)) <= limit }) / Double(count)
    }
    let pixel = { (outcome: Outcome) in outcome.pixelErrors.reduce(0) { Swift.max($0, abs($1)) } }
    return String(
      format: "| %@ | %d | %.1f %% (%.0f %%) | %.1f (%.0f %%) | %.1f (%.0f %%) | %.2f / %.3f "
        + "| %+.2f (%.0f %%) / %.3f | %+.2f (%.0f %%) / %.3f |",
      name, count, 100 * mean(pixel), within(0.02, pixel),
      mean { abs($0.gap) }, within(3) { $0.gap }, mean { abs($0.level) }, within(3) { $0.level },
      mean { $0.withTruth.decibels }, mean { $0.withTruth.bone },
      mean { $0.asFound.decibels - $0.withTruth.decibels },
      within(1) { Swift.min(0, $0.asFound.decibels - $0.withTruth.decibels) },
      mean { $0.asFound.bone },
      mean { $0.sizeUndone.decibels - $0.withTruth.decibels },
      within(1) { Swift.min(0, $0.sizeUndone.decibels - $0.withTruth.decibels) },
      mean { $0.sizeUndone.bone })
  }
}

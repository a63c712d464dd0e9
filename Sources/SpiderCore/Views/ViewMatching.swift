import Foundation

/// Brings given radiographs into the order, the hanging and the detector that a model was trained with.
public enum ViewMatching {
  /// The largest angle (degrees) between a view and the direction the model expects.
  public static let tolerance = 20.0
  /// From here on the direction to a view's source is that of a frontal one.
  private static let frontal = 0.94

  /// Orders, flips and resamples radiographs for a model. Their places in the world do not change.
  ///
  /// - Throws: ``/SpiderImaging/ViewError`` when their number, directions or hanging contradict the model, or a
  ///   source or detector lies where none can.
  public static func fit(
    _ radiographs: [Radiograph], to model: ModelDescription, isocenter: Vector3
  ) throws(ViewError) -> [Radiograph] {
    try matches(radiographs, to: model.views, setup: model.setup, isocenter: isocenter)
      .map(\.radiograph)
  }

  /// A radiograph that has been given its place.
  struct Match {
    /// Its place among those given.
    let index: Int
    /// The view that it stands for.
    let view: NamedView
    /// As it was given, in the view's hanging.
    let hung: Radiograph
    /// On the model's detector.
    let radiograph: Radiograph
  }

  /// The places of radiographs; where one was taken from the side opposite to a lateral view that the model
  /// knows, those of the mirrored world.
  static func matchesOrMirrored(
    _ radiographs: [Radiograph], to views: [NamedView], setup: ViewSetup, isocenter: Vector3
  ) throws(ViewError) -> (matches: [Match], isMirrored: Bool) {
    do {
      return (
        try matches(radiographs, to: views, setup: setup, isocenter: isocenter), isMirrored: false
      )
    } catch .direction(let expected, let off, _) {
      // What mirrors can be made of: geometries that are sound stay so.
      let mirrored = radiographs.compactMap { try? $0.mirrored(atX: isocenter.x) }
      guard abs(expected.sourceDirection.x) > 0.5, mirrored.count == radiographs.count,
        let found = try? matches(mirrored, to: views, setup: setup, isocenter: isocenter)
      else { throw .direction(expected: expected, degreesOff: off, views: views) }
      return (found, isMirrored: true)
    }
  }

  /// The same for any views and detector.
  static func matches(
    _ radiographs: [Radiograph], to views: [NamedView], setup: ViewSetup, isocenter: Vector3
  ) throws(ViewError) -> [Match] {
    guard radiographs.count == views.count else {
      throw .count(given: radiographs.count, expected: views.count, views: views)
    }
    for (index, radiograph) in radiographs.enumerated() {
      if case .cone(let source) = radiograph.geometry.beam, length(source - isocenter) < 1e-6 {
        throw .sourceAtIsocenter(index: index)
      }
    }
    var left = Array(radiographs.enumerated())
    var matches: [Match] = []
    for view in views {
      // The remaining radiograph whose source lies most nearly where the model expects it. A frontal view may
      // be taken from the other side: it then hangs as it would be seen from there.
      func cosine(_ radiograph: Radiograph) -> Double {
        let value = dot(
          view.sourceDirection, sourceDirection(of: radiograph.geometry, isocenter: isocenter))
        return abs(view.sourceDirection.y) > frontal ? abs(value) : value
      }
      let best = left.indices.reduce(left.startIndex) { a, b in
        cosine(left[b].element) > cosine(left[a].element) ? b : a
      }
      let (index, radiograph) = left.remove(at: best)
      let off = degrees(ofCosine: cosine(radiograph))
      guard off <= tolerance else {
        throw .direction(expected: view, degreesOff: off, views: views)
      }
      do {
        let hung = try hung(radiograph, as: view)
        let fitted = hung.resampled(
          onto: try detector(
            for: radiograph.geometry, view: view, setup: setup, isocenter: isocenter,
            hanging: .asGiven))
        matches.append(Match(index: index, view: view, hung: hung, radiograph: fitted))
      } catch let error as ViewError {
        throw error
      } catch {
        throw .impossibleDetector(expected: view, fault: "\(error)")
      }
    }
    return matches
  }

  static func sourceDirection(
    of geometry: ProjectionGeometry, isocenter: Vector3
  ) -> Vector3 {
    switch geometry.beam {
    case .cone(let source): return normalized(source - isocenter)
    case .parallel(let direction): return -direction
    }
  }

  private static func degrees(ofCosine cosine: Double) -> Double {
    acos(max(-1, min(1, cosine))) * 180 / .pi
  }

  static func hung(_ radiograph: Radiograph, as view: NamedView) throws -> Radiograph {
    let g = radiograph.geometry
    let column = dot(normalized(g.columnStep), view.columnDirection)
    let row = dot(normalized(g.rowStep), view.rowDirection)
    guard abs(column) > 0.7, abs(row) > 0.7 else { throw ViewError.hanging(expected: view) }
    return try radiograph.flipped(columns: column < 0, rows: row < 0)
  }

  /// How the model's detector lies in the plane of the given one.
  enum Hanging {
    /// Along the given rows and columns.
    case asGiven
    /// Its rows run as nearly to the feet as the plane allows.
    case upright
  }

  /// The model's own detector in the plane of the given one: as many pixels, of the same size at the
  /// isocentre, with the isocentre's image in the middle.
  static func detector(
    for geometry: ProjectionGeometry, view: NamedView, setup: ViewSetup, isocenter: Vector3,
    hanging: Hanging
  ) throws(ViewError) -> ProjectionGeometry {
    let expected =
      setup.isParallel
      ? setup.pixelSize : setup.pixelSize * (setup.sourceToAxis / setup.sourceToDetector)
    let magnification: Double
    let middle: Vector3
    switch geometry.beam {
    case .cone(let source):
      let n = cross(geometry.columnStep, geometry.rowStep)
      magnification = dot(n, geometry.pixelOrigin - source) / dot(n, isocenter - source)
      // Below 1 the detector lies before the isocentre, below 0 even behind the source.
      guard magnification.isFinite, magnification >= 1 - 1e-6 else {
        throw ViewError.detectorBeforePatient(expected: view)
      }
      middle = source + (isocenter - source) * magnification
    case .parallel:
      magnification = 1
      let pixel = geometry.project(isocenter)
      middle = geometry.pixelCenter(column: pixel.x, row: pixel.y)
    }
    var (column, row) = (geometry.columnStep, geometry.rowStep)
    if hanging == .upright {
      let normal = normalized(cross(column, row))
      row = view.rowDirection - normal * dot(view.rowDirection, normal)
      guard length(row) > 0.3 else { throw .hanging(expected: view) }
      column = cross(row, normal)
    }
    func along(_ step: Vector3, _ direction: Vector3, _ size: Double) -> Vector3 {
      normalized(step) * (size * magnification * (dot(step, direction) < 0 ? -1 : 1))
    }
    let columnStep = along(column, view.columnDirection, expected.x)
    let rowStep = along(row, view.rowDirection, expected.y)
    do {
      return try ProjectionGeometry(
        beam: geometry.beam,
        pixelOrigin: middle - columnStep * (Double(setup.columns - 1) / 2) - rowStep
          * (Double(setup.rows - 1) / 2), columnStep: columnStep, rowStep: rowStep,
        columns: setup.columns, rows: setup.rows, isocenter: isocenter)
    } catch {
      throw .impossibleDetector(expected: view, fault: "\(error)")
    }
  }
}

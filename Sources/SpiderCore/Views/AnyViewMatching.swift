import Foundation

/// Brings X-rays from any direction onto the detector of a model that reads any views.
///
/// Each is hung as it is seen from its source, head up, turned in its own plane where need be: with the source's
/// gantry angle the columns of ``NamedView/gantry(degrees:)``. Their order stays, and so do their places in the world.
package enum AnyViewMatching {
  /// The largest angle (degrees) between the direction to a source and the axial plane.
  static let steepest = 50.0
  /// The largest such angle that models of any views learn.
  package static let learnedTilt = 35.0
  /// The distances from source to isocentre that they learn, mm.
  package static let learnedDistances = 800.0...2000.0
  /// The largest angle (degrees) from a named view at which the inspector, who knows the four sides, is asked.
  static let named = 20.0

  /// An X-ray on the model's detector.
  struct Match {
    /// On the model's detector, as seen from the source.
    let radiograph: Radiograph
    /// As it was given, in the hanging of the named view that it is nearly; nil between the sides.
    let inspected: ViewInspection.Hung?
  }

  /// Hangs and resamples radiographs.
  ///
  /// - Throws: ``/SpiderImaging/ViewError`` when one is too steep, or a source or detector lies where none can.
  static func matches(
    _ radiographs: [Radiograph], setup: ViewSetup, fieldOfView: Double, isocenter: Vector3
  ) throws(ViewError) -> [Match] {
    var matches: [Match] = []
    for (index, radiograph) in radiographs.enumerated() {
      if case .cone(let source) = radiograph.geometry.beam {
        let distance = length(source - isocenter)
        guard distance > 1e-6 else { throw .sourceAtIsocenter(index: index) }
        guard distance > fieldOfView / 2 else {
          throw .sourceInPatient(index: index, millimetres: distance)
        }
      }
      let toSource = ViewMatching.sourceDirection(of: radiograph.geometry, isocenter: isocenter)
      let tilt = tilt(toSource)
      guard abs(tilt) <= steepest else { throw .steep(index: index, degrees: tilt) }
      let angle = atan2(-toSource.x, toSource.y) * 180 / .pi
      let detector: ProjectionGeometry
      do {
        detector = try ViewMatching.detector(
          for: radiograph.geometry, view: .gantry(degrees: angle), setup: setup,
          isocenter: isocenter, hanging: .upright)
      } catch .detectorBeforePatient {
        // As people read angles.
        throw .detectorBeforePatient(expected: .gantry(degrees: angle.rounded()))
      }
      matches.append(
        Match(
          radiograph: radiograph.resampled(onto: detector),
          inspected: inspected(
            radiograph, index: index, toSource: toSource, isocenter: isocenter)))
    }
    return matches
  }

  /// What the user should know of an X-ray that was taken otherwise than those that models of any views learn.
  static func notes(on radiograph: Radiograph, index: Int, isocenter: Vector3) -> [ViewNote] {
    var texts: [String] = []
    switch radiograph.geometry.beam {
    case .parallel: texts.append("parallel; the model was trained on cone beams")
    case .cone(let source):
      let distance = length(source - isocenter)
      let (near, far) = (learnedDistances.lowerBound, learnedDistances.upperBound)
      if !(near...far).contains(distance) {
        texts.append(
          "taken from \(ViewNote.whole(distance)) mm; the model was trained at \(Int(near)) to \(Int(far)) mm"
        )
      }
    }
    let tilt = tilt(ViewMatching.sourceDirection(of: radiograph.geometry, isocenter: isocenter))
    if abs(tilt) > learnedTilt + 3 {
      texts.append(
        "taken from \(ViewNote.whole(abs(tilt))) degrees off the axial plane; the model was trained on up to "
          + "\(Int(learnedTilt))")
    }
    return texts.map { ViewNote(index: index, text: $0) }
  }

  /// The angle between a direction and the axial plane, degrees.
  private static func tilt(_ direction: Vector3) -> Double {
    asin(max(-1, min(1, direction.z))) * 180 / .pi
  }

  /// What the inspector is shown of a radiograph: where its direction is nearly a named one, its pixels in that hanging,
  /// turned upright where their rows run sideways.
  private static func inspected(
    _ radiograph: Radiograph, index: Int, toSource: Vector3, isocenter: Vector3
  ) -> ViewInspection.Hung? {
    let sides: [NamedView] = [.pa, .ap, .left, .right]
    let found = sides.first { dot($0.sourceDirection, toSource) > cos(named * .pi / 180) }
    guard let view = found else { return nil }
    if let hung = try? ViewMatching.hung(radiograph, as: view) {
      return ViewInspection.Hung(index: index, view: view, radiograph: hung)
    }
    let geometry = radiograph.geometry
    let magnification = geometry.magnification(at: isocenter)
    let longer = max(geometry.columns, geometry.rows)
    let setup = ViewSetup(
      pixelSize: SIMD2(repeating: geometry.longerSide / magnification / Double(longer)),
      columns: longer, rows: longer, isParallel: true)
    guard
      let upright = try? ViewMatching.detector(
        for: geometry, view: view, setup: setup, isocenter: isocenter, hanging: .upright)
    else { return nil }
    return ViewInspection.Hung(
      index: index, view: view, radiograph: radiograph.resampled(onto: upright))
  }
}

import Foundation

/// What a user should know of one X-ray: what was masked, or that it is unlike what the model was made for.
public struct ViewNote: Equatable, Sendable, CustomStringConvertible {
  /// The place of the X-ray among those given, from 0.
  public let index: Int
  /// What there is to know, without the X-ray's name.
  public let text: String

  /// The note with the X-ray's number, from 1.
  public var description: String { "radiograph \(index + 1): \(text)" }

  /// Notes on pixels: borders that were masked, greys that look inverted.
  ///
  /// - Parameter before: the radiograph before its borders were masked, or itself.
  static func onPixels(
    of radiograph: Radiograph, index: Int, before: Radiograph
  ) -> [ViewNote] {
    var texts: [String] = []
    let masked = radiograph.values.indices.filter { before.counts($0) && !radiograph.counts($0) }
    if !masked.isEmpty {
      let share = max(1, (100 * Double(masked.count) / Double(radiograph.values.count)).rounded())
      // Behind blades there is no dose, which is bright. What is beside the edge is mixed.
      let level = before.intensity == .absolute ? 0 : before.countingValues.min() ?? 0
      let isDark = 2 * masked.count { before.values[$0] == level } > masked.count
      texts.append(
        isDark
          ? "straight dark borders, \(Int(share)) % of the pixels, are masked: a shutter drawn in black, or where the "
            + "scan of a simulated X-ray ends"
          : "collimated borders, \(Int(share)) % of the pixels, are masked")
    }
    if radiograph.looksInverted {
      texts.append("the picture looks inverted: bone must be bright; invert its greys")
    }
    return texts.map { ViewNote(index: index, text: $0) }
  }

  /// A note on bars and boxes that were painted over a picture; none where there are none.
  static func onPaint(over radiograph: Radiograph, index: Int, without: Radiograph) -> [ViewNote] {
    let count = radiograph.values.indices.count {
      radiograph.counts($0)
        && (!without.counts($0) || radiograph.values[$0] != without.values[$0])
    }
    guard count > 0 else { return [] }
    let share = max(1, (100 * Double(count) / Double(radiograph.values.count)).rounded())
    return [
      ViewNote(
        index: index,
        text:
          "bars or boxes of one grey, painted as it seems, \(Int(share)) % of the pixels: narrow ones are filled "
          + "from beside them, others masked; nothing tells what is behind them")
    ]
  }

  /// Notes on marks that were taken out.
  static func onMarks(_ image: UnmarkedRadiograph, index: Int) -> [ViewNote] {
    var texts: [String] = []
    if image.replaced > 0 {
      texts.append("\(image.replaced) hot or dead pixels were replaced by their neighbours' median")
    }
    if image.masked > 0 {
      texts.append("letters or objects beside the patient, \(image.masked) pixels, are masked")
    }
    return texts.map { ViewNote(index: index, text: $0) }
  }

  /// A note on an X-ray that stands for a view from the side opposite to its own; nil for others.
  static func onSide(
    of radiograph: Radiograph, as view: NamedView, index: Int, isocenter: Vector3
  ) -> ViewNote? {
    let source = ViewMatching.sourceDirection(of: radiograph.geometry, isocenter: isocenter)
    guard dot(source, view.sourceDirection) < 0 else { return nil }
    let text =
      abs(view.sourceDirection.x) > abs(view.sourceDirection.y)
      ? "taken from the other side than the model's '\(view)': read in the mirror, as of a mirrored patient"
      : "taken from the other side than the model's '\(view)', which it was not trained for: the volume is 1.5 to 5 "
        + "dB worse for it, and a model of any views (head-any) is nearer"
    return ViewNote(index: index, text: text)
  }

  /// Notes on the geometry, beside that of the X-rays that a model was trained with.
  static func onGeometry(
    of radiograph: Radiograph, index: Int, isocenter: Vector3, setup: ViewSetup
  ) -> [ViewNote] {
    switch radiograph.geometry.beam {
    case .parallel where !setup.isParallel:
      return [ViewNote(index: index, text: "parallel; the model was trained on cone beams")]
    case .cone(let source):
      let distance = length(source - isocenter)
      guard setup.isParallel || abs(distance / setup.sourceToAxis - 1) > 0.2 else { return [] }
      let trained = setup.isParallel ? "infinity" : "\(whole(setup.sourceToAxis)) mm"
      return [
        ViewNote(
          index: index,
          text: "taken from \(whole(distance)) mm; the model was trained at \(trained)")
      ]
    default: return []
    }
  }

  /// A note on an X-ray that the inspector, who knows the four sides, was not shown.
  static func onUninspected(index: Int) -> ViewNote {
    ViewNote(
      index: index,
      text:
        "taken from between the four sides: nobody has looked whether the picture shows what its geometry says"
    )
  }

  /// Notes on X-rays taken from nearly the same or the opposite side as one before them, to a model that reads any
  /// views: they add little.
  static func onAlikeDirections(of radiographs: [Radiograph], isocenter: Vector3) -> [ViewNote] {
    let directions = radiographs.map {
      ViewMatching.sourceDirection(of: $0.geometry, isocenter: isocenter)
    }
    return directions.indices.compactMap { index in
      let before = directions[..<index].firstIndex { abs(dot($0, directions[index])) > 0.94 }
      guard let before else { return nil }
      let side =
        dot(directions[before], directions[index]) > 0
        ? "nearly the side" : "the side opposite that"
      return ViewNote(
        index: index,
        text: "taken from \(side) of radiograph \(before + 1): it adds little to that")
    }
  }

  /// A length as people read it, whatever its size.
  static func whole(_ millimetres: Double) -> String { String(format: "%.0f", millimetres) }
}

extension ModelTraits {
  /// What the user should know of a grid: that it reaches beyond the field of view.
  func warnings(for grid: VoxelGrid, isocenter: Vector3) -> [String] {
    guard let fieldOfView else { return [] }
    let half = fieldOfView / 2 + 1e-6
    let reachesBeyond = (0..<8).contains { corner in
      let offset =
        grid.worldPoint(
          corner & 1 == 0 ? 0 : Double(grid.nx - 1), corner & 2 == 0 ? 0 : Double(grid.ny - 1),
          corner & 4 == 0 ? 0 : Double(grid.nz - 1)) - isocenter
      return max(abs(offset.x), abs(offset.y), abs(offset.z)) > half
    }
    guard reachesBeyond else { return [] }
    return [
      "the grid reaches beyond the model's field of view of \(ViewNote.whole(fieldOfView)) mm; voxels "
        + "there are air" + (scheme == nil ? "" : ", labelled as outside")
    ]
  }
}

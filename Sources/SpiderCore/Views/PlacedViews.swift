/// X-rays that have been given their places before a model: on its detector, in the order in which it reads them.
struct PlacedViews {
  /// On the model's detector.
  var radiographs: [Radiograph]
  /// Their places among those given.
  var numbers: [Int]
  /// What an inspector is shown: pixels as they were given, hung as the views that they stand for. Those that stand for
  /// none of the four sides are not among them.
  var inspected: [ViewInspection.Hung]
  /// What is otherwise than what the model learned.
  var notes: [ViewNote]
  /// Whether they show the patient's mirror image.
  var isMirrored = false

  /// Places X-rays before a model that reads the views it names, or any.
  init(
    _ given: [Radiograph], for model: ModelTraits, isocenter: Vector3
  ) throws(ViewError) {
    if model.anyViews == nil {
      try self.init(named: given, model, isocenter)
    } else {
      try self.init(any: given, model, isocenter)
    }
  }

  private init(
    named given: [Radiograph], _ model: ModelTraits, _ isocenter: Vector3
  ) throws(ViewError) {
    let matches: [ViewMatching.Match]
    (matches, isMirrored) = try ViewMatching.matchesOrMirrored(
      given, to: model.views, setup: model.setup, isocenter: isocenter)
    radiographs = matches.map(\.radiograph)
    numbers = matches.map(\.index)
    inspected = matches.map { .init(index: $0.index, view: $0.view, radiograph: $0.hung) }
    notes = matches.compactMap { match in
      ViewNote.onSide(
        of: given[match.index], as: match.view, index: match.index, isocenter: isocenter)
    }
    for (index, radiograph) in given.enumerated() {
      notes += ViewNote.onGeometry(
        of: radiograph, index: index, isocenter: isocenter, setup: model.setup)
    }
  }

  private init(
    any given: [Radiograph], _ model: ModelTraits, _ isocenter: Vector3
  ) throws(ViewError) {
    let matches = try AnyViewMatching.matches(
      given, setup: model.setup, fieldOfView: model.fieldOfView ?? 0, isocenter: isocenter)
    radiographs = matches.map(\.radiograph)
    numbers = Array(given.indices)
    inspected = matches.compactMap(\.inspected)
    notes = given.indices.flatMap {
      AnyViewMatching.notes(on: given[$0], index: $0, isocenter: isocenter)
    }
    notes += ViewNote.onAlikeDirections(of: given, isocenter: isocenter)
  }
}

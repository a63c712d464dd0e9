import SpiderCore
import SpiderDataSet

extension TrainingConfiguration {
  /// This configuration for a data set: its field of view, window, classes and views, its distances
  /// and variation. The detector's pixel counts stay the configuration's own.
  public func adopting(_ index: DataSetIndex) -> TrainingConfiguration {
    let geometry = index.geometry
    var result = self
    result.model.fieldOfView = index.fieldOfView
    result.model.window = index.window
    result.model.scheme = index.scheme
    result.model.architecture.classes = index.scheme.count
    result.model.views = geometry.views
    result.model.architecture.viewCount = geometry.views.count
    result.model.setup.sourceToAxis = geometry.sourceToAxis
    result.model.setup.sourceToDetector = geometry.sourceToDetector
    // The detector sees as much of the field of view as before, whatever the magnification.
    let magnification = { (setup: ViewSetup) in setup.sourceToDetector / setup.sourceToAxis }
    let change =
      magnification(result.model.setup) / magnification(model.setup)
      * (index.fieldOfView / model.fieldOfView)
    result.model.setup.pixelSize = model.setup.pixelSize * change
    result.augmentation.shift = geometry.patientShift
    result.augmentation.turnDegrees = geometry.patientTurnDegrees
    result.augmentation.viewTurnDegrees = geometry.viewTurnDegrees
    result.augmentation.sourceDistance = geometry.sourceDistance
    return result
  }

  /// Why this configuration cannot be trained on a data set, or nil: both speak of the frame and the
  /// classes, and must say the same.
  public func contradiction(with index: DataSetIndex) -> String? {
    if model.fieldOfView != index.fieldOfView {
      return "model.fieldOfView is \(model.fieldOfView) mm, the data set's \(index.fieldOfView) mm"
    }
    if model.scheme != index.scheme {
      return "model.scheme is '\(model.scheme.name)', the data set's '\(index.scheme.name)'"
    }
    return nil
  }
}

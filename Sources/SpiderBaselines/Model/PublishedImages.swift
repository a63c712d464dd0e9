import SpiderCore
import SpiderTensor

/// X-rays as a published network is fed them: turned to its orientation and stretched to [0, 1] by each
/// image's own least and largest value. Training and use meet here, behind
/// ``/SpiderCore/NetworkInput/normalized(_:as:numbers:)``.
public struct PublishedImages: Sendable {
  /// The frontal X-ray (1, 1, S, S), as the network's own storage has it.
  package let frontal: Tensor
  /// The lateral one.
  package let lateral: Tensor
  /// The cameras that PerX2CT looks at them with.
  public let cameras: SliceCameras

  /// Turns normalised radiographs on the model's own detector, in the order of its views.
  ///
  /// - Throws: ``BaselineError/otherView(wanted:)`` when one looks another way.
  public init(
    _ radiographs: [Radiograph], for description: BaselineDescription, isocenter: Vector3
  ) throws {
    let orientation = try PublishedOrientation(views: description.views)
    let roles = try PublishedOrientation.roles(of: description.views)
    precondition(radiographs.count == roles.count, "\(radiographs.count) X-rays of two views")
    let size = description.architecture.size
    var images: [PublishedOrientation.View: Tensor] = [:]
    var cameras = SliceCameras.published
    for (radiograph, view) in zip(radiographs, roles) {
      let turned = try orientation.image(radiograph, as: view)
      var values = X2CTPreprocessing.stretched(turned.values)
      if case .perX2CT(let configuration) = description.architecture {
        values = PublishedOrientation.perX2CT(values, side: size, as: view)
        if configuration.camera == .trueGeometry {
          let camera = SliceCamera.detector(
            DetectorCamera(
              turned.geometry, as: view, in: orientation, isocenter: isocenter,
              side: description.fieldOfView))
          if view == .frontal { cameras.pa = camera } else { cameras.lateral = camera }
        }
      }
      images[view] = Tensor([1, 1, size, size], values)
    }
    guard let frontal = images[.frontal], let lateral = images[.lateral] else {
      throw BaselineError.otherViews(description.views)
    }
    self.frontal = frontal
    self.lateral = lateral
    self.cameras = cameras
  }
}

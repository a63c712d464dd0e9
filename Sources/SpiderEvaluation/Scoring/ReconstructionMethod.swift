import SpiderBaselines
import SpiderCore

/// A way to make a volume of a patient's X-rays: a trained model, or a trivial baseline beside which
/// every model must stand.
public enum ReconstructionMethod: Sendable {
  /// A trained SPIDER model.
  case model(SpiderModel)
  /// A trained published network.
  case baseline(BaselineModel)
  /// The same mean head for everybody, HU on the canonical grid about the origin.
  case meanVolume(Volume)
  /// Back-projection of the two X-rays: 50 SIRT iterations with non-negativity.
  case twoView
  /// The patient of the training set whose X-rays are most like the given ones.
  case nearestCase(NearestCase)

  /// The views and the detector of the X-rays it is given; baselines that have none of their own get the
  /// defaults.
  var xrays: (views: [NamedView], setup: ViewSetup) {
    switch self {
    case .model(let model): (model.description.views, model.description.setup)
    case .baseline(let model): (model.description.views, model.description.setup)
    case .nearestCase(let nearest): (nearest.views, nearest.setup)
    case .meanVolume, .twoView: ([.pa, .left], ViewSetup())
    }
  }

  /// The side of what it reconstructs, mm; nil where it takes any.
  var fieldOfView: Double? {
    switch self {
    case .model(let model): model.description.fieldOfView
    case .baseline(let model): model.description.fieldOfView
    case .meanVolume, .twoView, .nearestCase: nil
    }
  }

  /// What its labels mean; those of methods without labels are the automatic labeller's.
  var scheme: LabelScheme {
    if case .model(let model) = self { return model.description.scheme }
    return .head
  }

  /// HU, and labels where the method gives any, on a grid. X-rays are absolute, isocentre at the
  /// origin.
  func reconstruct(
    _ radiographs: [Radiograph], on grid: VoxelGrid
  ) throws -> (ct: Volume, labels: LabelVolume?) {
    switch self {
    case .model(let model):
      let result = try Reconstructor(model: model).reconstruct(radiographs, on: grid)
      return (result.ct, result.labels)
    case .baseline(let model):
      return (try BaselineReconstructor(model: model).reconstruct(radiographs, on: grid).ct, nil)
    case .meanVolume(let mean):
      return (mean.resampled(onto: grid, outside: -1000), nil)
    case .twoView:
      return (try TwoViewSIRT().reconstruct(radiographs, on: grid).volume, nil)
    case .nearestCase(let nearest):
      return (try nearest.volume(for: radiographs).resampled(onto: grid, outside: -1000), nil)
    }
  }
}

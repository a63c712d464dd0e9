import SpiderBaselines
import SpiderCore

/// A way to make a volume of a patient's X-rays: a trained model, or a trivial baseline beside which
/// every model must stand.
public enum ReconstructionMethod: Sendable {
  /// A trained SPIDER model.
  case model(SpiderModel)
  /// The same mean head for everybody, HU on the canonical grid about the origin.
  case meanVolume(Volume)
  /// Back-projection of the two X-rays: 50 SIRT iterations with non-negativity.
  case twoView

  /// HU, and labels where the method gives any, on a grid. X-rays are absolute, isocentre at the
  /// origin.
  func reconstruct(
    _ radiographs: [Radiograph], on grid: VoxelGrid
  ) throws -> (ct: Volume, labels: LabelVolume?) {
    switch self {
    case .model(let model):
      let result = try Reconstructor(model: model).reconstruct(radiographs, on: grid)
      return (result.ct, result.labels)
    case .meanVolume(let mean):
      return (mean.resampled(onto: grid, outside: -1000), nil)
    case .twoView:
      return (try TwoViewSIRT().reconstruct(radiographs, on: grid).volume, nil)
    }
  }
}

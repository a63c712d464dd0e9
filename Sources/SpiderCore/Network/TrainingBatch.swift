import SpiderTensor

/// What one training step is fed: X-rays and query points of a number of patients.
///
/// Shape letters: B patients, V views, H rows, W columns, P points a patient, K classes.
public struct TrainingBatch: Sendable {
  /// X-rays (B V, 1, H, W), patient by patient, as the network is fed them.
  package var images: Tensor
  /// Places of the points in the canonical frame: (B, P, 3).
  package var points: Tensor
  /// Where each view sees them, (column, row): (B, V, P, 2).
  package var pixels: Tensor
  /// True intensity in window units: (B, P).
  package var intensity: Tensor
  /// True class, `LabelScheme.unknown` where the structure is not known: B P values.
  package var labels: [UInt8]

  /// Puts a batch together.
  package init(images: Tensor, points: Tensor, pixels: Tensor, intensity: Tensor, labels: [UInt8]) {
    precondition(
      points.shape.count == 3 && pixels.shape.count == 4 && images.shape.count == 4
        && points.shape[0] == pixels.shape[0] && points.shape[1] == pixels.shape[2]
        && images.shape[0] == pixels.shape[0] * pixels.shape[1]
        && intensity.count == labels.count && labels.count * 3 == points.count,
      "the parts of a batch do not fit: images \(images.shape), points \(points.shape), pixels "
        + "\(pixels.shape), \(labels.count) labels")
    self.images = images
    self.points = points
    self.pixels = pixels
    self.intensity = intensity
    self.labels = labels
  }

  /// B.
  package var patients: Int { points.shape[0] }
  /// V.
  package var views: Int { pixels.shape[1] }
  /// P.
  package var pointsPerPatient: Int { points.shape[1] }

  /// The sizes of a batch: what the memory of a step is planned from.
  package struct Shape: Equatable, Sendable {
    /// B.
    package var patients: Int
    /// V.
    package var views: Int
    /// P.
    package var pointsPerPatient: Int
    /// H.
    package var height: Int
    /// W.
    package var width: Int

    /// States all of them.
    package init(patients: Int, views: Int, pointsPerPatient: Int, height: Int, width: Int) {
      self.patients = patients
      self.views = views
      self.pointsPerPatient = pointsPerPatient
      self.height = height
      self.width = width
    }
  }

  /// Its sizes.
  package var shape: Shape {
    Shape(
      patients: patients, views: views, pointsPerPatient: pointsPerPatient,
      height: images.shape[2], width: images.shape[3])
  }
}

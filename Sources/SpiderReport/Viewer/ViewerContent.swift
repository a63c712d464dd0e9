import SpiderCore

/// What the interactive part of a page shows: cases, each with volumes on one world, and X-rays.
package struct ViewerContent {
  /// The part that a volume plays.
  package enum Role: String, Encodable, Sendable {
    /// It was asked for, or made.
    case answer
    /// The answers are held against it.
    case truth
  }

  /// A CT with what belongs to it. Labels and uncertainty may have grids of their own.
  package struct Layer {
    /// Its name on the page.
    package var name: String
    /// The part it plays.
    package var role: Role
    /// The CT, HU.
    package var ct: Volume
    /// Its labels.
    package var labels: LabelVolume?
    /// Its uncertainty, HU.
    package var uncertainty: Volume?

    /// Names a CT.
    package init(
      _ name: String, _ ct: Volume, role: Role = .answer, labels: LabelVolume? = nil,
      uncertainty: Volume? = nil
    ) {
      self.name = name
      self.role = role
      self.ct = ct
      self.labels = labels
      self.uncertainty = uncertainty
    }
  }

  /// An X-ray, with the volume's own picture where the two can be compared.
  package struct View {
    /// Its title.
    package var title: String
    /// The image with its geometry.
    package var radiograph: Radiograph
    /// The volume that is to explain it; nil where it shows too little of the patient.
    package var explained: Volume?

    /// Titles an X-ray.
    package init(_ title: String, _ radiograph: Radiograph, explainedBy volume: Volume? = nil) {
      self.title = title
      self.radiograph = radiograph
      explained = volume
    }
  }

  /// One patient.
  package struct Case {
    /// The name by which it is chosen.
    package var name: String
    /// The volumes: one answer or more, at most one truth.
    package var layers: [Layer]
    /// The X-rays.
    package var views: [View] = []
    /// The case's own figures, told beside its pictures: names and values, with their units.
    package var figures: [(name: String, value: String)] = []

    /// Names a case of at least one answer.
    package init(_ name: String, _ layers: [Layer], views: [View] = []) {
      precondition(layers.contains { $0.role == .answer }, "a case shows an answer")
      self.name = name
      self.layers = layers
      self.views = views
    }
  }

  /// The cases; the first is shown first.
  package var cases: [Case]
  /// The names of the labels.
  package var scheme = LabelScheme.head
  /// The window with which reading begins.
  package var window = DisplayWindow(low: -450, high: 1050)
  /// The most that the embedded volumes take, bytes of the page. What is larger is shown coarser.
  package var byteLimit = 10_500_000
  /// The most voxels of a volume, whatever they take.
  package var voxelLimit = 1 << 22

  /// The content of some cases.
  package init(_ cases: [Case]) { self.cases = cases }
}

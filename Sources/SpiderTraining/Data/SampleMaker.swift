import SpiderCore
import SpiderDRR
import SpiderSupport
import SpiderTensor

/// A maker of training samples: varies a patient, takes the X-rays, draws the query points, and writes
/// what the network is fed into its place in the batch.
///
/// A sample depends on its case and its random stream alone, never on what was made before it, so a
/// resumed run sees the very samples it would have seen. Each part has a stream of its own: turning one
/// kind of variation off leaves the others as they were.
///
/// Shape letters: V views, H rows, W columns, P points.
struct SampleMaker: Sendable {
  let description: ModelDescription
  let augmentation: Augmentation
  let sampling: PointSampling
  /// Where X-rays of a model that reads any views are taken from; nil: from its own.
  private let draw: AnyViewDraw?
  /// What points without a label may be; nil: nothing is learned of it.
  private let candidates: CandidateClasses?
  /// The labels of a mirrored patient, by label.
  private let mirroredLabels: [UInt8]

  init(
    description: ModelDescription, augmentation: Augmentation, sampling: PointSampling,
    unlabelled: UnlabelledPoints = .ignored
  ) {
    self.description = description
    self.augmentation = augmentation
    self.sampling = sampling
    draw = AnyViewDraw(description)
    candidates = unlabelled == .ctNumber ? CandidateClasses(description.scheme) : nil
    mirroredLabels = description.scheme.mirrored
  }

  /// One patient's part of a batch's memory.
  struct Place: Sendable {
    /// (V, C, H, W).
    let images: FloatSlice
    /// (P, 3) in the canonical frame.
    let points: FloatSlice
    /// (V, P, 2).
    let pixels: FloatSlice
    /// (P) in window units.
    let intensity: FloatSlice
  }

  /// A view of a varied patient: its X-rays, and the truth at points.
  struct Look {
    let radiographs: [Radiograph]
    /// World mm.
    let points: [Vector3]
    let labels: [UInt8]
    /// How much each point counts; none where all count alike.
    let weights: [Float]
  }

  /// Writes a sample of so many views into its place and returns the labels of its points, and how much each counts.
  func make(
    _ patient: TrainingCase, _ random: SeededGenerator, views: Int, into place: Place
  ) throws -> (labels: [UInt8], weights: [Float]) {
    let look = try look(at: patient, random, views: views, intensity: place.intensity)
    place.images.copy(
      from: try NetworkInput.make(
        look.radiographs, intensity: description.intensity,
        planes: description.architecture.imageChannels
      ).slice)
    let side = description.fieldOfView
    for (p, point) in look.points.enumerated() {
      for axis in 0..<3 { place.points[3 * p + axis] = Float(point[axis] / side) }
    }
    let count = look.points.count
    for (view, radiograph) in look.radiographs.enumerated() {
      let matrix = radiograph.geometry.matrix
      let pixels = place.pixels.part(2 * view * count, 2 * count)
      for (p, point) in look.points.enumerated() {
        let pixel = matrix.project(point)
        pixels[2 * p] = Float(pixel.x)
        pixels[2 * p + 1] = Float(pixel.y)
      }
    }
    return (look.labels, look.weights)
  }

  /// Varies a patient and looks at it: at given points of the world, or at points drawn for training.
  /// The intensity at them, in window units, is written into as many numbers.
  ///
  /// - Parameter views: how many X-rays, of a model that reads any; of others their own are made.
  func look(
    at patient: TrainingCase, _ random: SeededGenerator, views count: Int? = nil,
    points: [Vector3]? = nil, intensity: FloatSlice
  ) throws -> Look {
    let streams = SampleStreams(random)
    let varied = VariedPatient(patient, augmentation, streams)
    var views = streams[.views]
    let meant =
      try draw?.geometries(count ?? description.views.count, &views)
      ?? description.views.map { try description.setup.geometry(of: $0) }
    let geometries = try meant.map { try augmentation.varied($0, about: .zero, &views) }
    let radiographs = try TrainingXrays(augmentation: augmentation)
      .make(varied, geometries, streams[.xrays])
    let world = points ?? drawPoints(varied, streams[.points])
    precondition(intensity.count == world.count, "\(intensity.count) for \(world.count) points")
    let truth = varied.truth(at: world, mirrored: mirroredLabels)
    for p in truth.hu.indices { intensity[p] = description.window.normalize(truth.hu[p]) }
    let density = PointDensity(sampling, of: varied, side: description.fieldOfView)
    return Look(
      radiographs: radiographs, points: world,
      labels: candidates?.narrowed(truth.labels, hu: truth.hu) ?? truth.labels,
      weights: density.map { density in truth.kinds.map { density.weight(of: $0) } } ?? [])
  }

  private func drawPoints(_ varied: VariedPatient, _ stream: SeededGenerator) -> [Vector3] {
    var random = stream
    let (patient, grid) = (varied.patient, varied.grid)
    let bone = patient.bone.isEmpty ? 0 : Int(Double(sampling.count) * sampling.boneShare)
    let tissue = patient.tissue.isEmpty ? 0 : Int(Double(sampling.count) * sampling.tissueShare)
    let half = description.fieldOfView / 2
    func uniform() -> Vector3 {
      Vector3(
        random.uniform(in: -half...half), random.uniform(in: -half...half),
        random.uniform(in: -half...half))
    }
    var places = (0..<bone + tissue).map { p in
      let list = p < bone ? patient.bone : patient.tissue
      let voxel = grid.voxel(at: Int(list[random.index(below: list.count)]))
      return Vector3(
        Double(voxel.x) + random.uniform() - 0.5, Double(voxel.y) + random.uniform() - 0.5,
        Double(voxel.z) + random.uniform() - 0.5)
    }
    // To first order: they only have to be near.
    if let deformation = varied.deformation { places = deformation.carried(places, rounds: 1) }
    return places.map { place in
      let point = grid.affine.apply(place)
      // Varying the pose may have carried it out of the field of view.
      let inside = max(abs(point.x), abs(point.y), abs(point.z)) <= half
      return inside ? point : uniform()
    } + (places.count..<sampling.count).map { _ in uniform() }
  }
}

import SpiderCore
import SpiderDRR
import SpiderSupport

/// Makes training samples of cases: varies the patient, takes the X-rays, draws the query points.
///
/// A sample depends on its case and its random stream alone, never on what was made before it, so a
/// resumed run sees the very samples it would have seen. Each part has a stream of its own: turning one
/// kind of variation off leaves the others as they were.
struct SampleMaker: Sendable {
  let description: ModelDescription
  let augmentation: Augmentation
  let sampling: PointSampling
  /// What mirroring makes of each label.
  private let mirroredLabels: [UInt8]

  /// The random streams of a sample.
  private enum Stream: UInt64 { case pose, views, deformation, tissue, points, xrays, support, cut }

  init(description: ModelDescription, augmentation: Augmentation, sampling: PointSampling) {
    self.description = description
    self.augmentation = augmentation
    self.sampling = sampling
    mirroredLabels = description.scheme.mirrored
  }

  /// What a sample shows of a patient: X-rays, and the truth at points.
  struct Look {
    var radiographs: [Radiograph]
    /// World mm.
    var points: [Vector3]
    /// In window units.
    var intensity: [Float]
    var labels: [UInt8]
  }

  func make(_ patient: TrainingCase, _ random: SeededGenerator) throws -> PatientSample {
    let look = try look(at: patient, random)
    let side = description.fieldOfView
    return PatientSample(
      images: try NetworkInput.make(look.radiographs, intensity: description.intensity).values,
      points: look.points.flatMap { [Float($0.x / side), Float($0.y / side), Float($0.z / side)] },
      pixels: look.radiographs.flatMap { radiograph in
        let matrix = radiograph.geometry.matrix
        return look.points.flatMap { point in
          let pixel = matrix.project(point)
          return [Float(pixel.x), Float(pixel.y)]
        }
      }, intensity: look.intensity, labels: look.labels)
  }

  /// Varies a patient and looks at it: at given points of the world, or at points drawn for training.
  func look(
    at patient: TrainingCase, _ random: SeededGenerator, points: [Vector3]? = nil
  ) throws -> Look {
    func stream(_ stream: Stream) -> SeededGenerator { random.fork(stream.rawValue) }
    var streams = (views: stream(.views), points: stream(.points))
    let varied = vary(patient, stream)
    let geometries = try description.views.map { view in
      try augmentation.varied(
        description.setup.geometry(of: view), about: .zero, &streams.views)
    }
    let images = try TrainingXrays(augmentation: augmentation)
      .make(varied, geometries, stream(.xrays))
    let world = points ?? drawPoints(varied, &streams.points)
    let (intensity, labels) = truth(varied, at: world)
    return Look(radiographs: images, points: world, intensity: intensity, labels: labels)
  }

  private func vary(
    _ patient: TrainingCase, _ stream: (Stream) -> SeededGenerator
  ) -> VariedPatient {
    var streams = (
      pose: stream(.pose), deformation: stream(.deformation), tissue: stream(.tissue),
      support: stream(.support), cut: stream(.cut)
    )
    let pose = augmentation.pose(&streams.pose)
    let given = patient.ct.grid
    return VariedPatient(
      patient: patient,
      grid: VoxelGrid(
        nx: given.nx, ny: given.ny, nz: given.nz, affine: pose.map.composed(with: given.affine)),
      isMirrored: pose.isMirrored,
      deformation: Deformation(
        deviation: augmentation.deformation, spacing: augmentation.deformationSpacing,
        strain: augmentation.deformationStrain, grid: given, &streams.deformation),
      tissue: augmentation.tissue.draw(&streams.tissue),
      support: streams.support.uniform() < augmentation.supportShare
        ? HeadSupport(&streams.support) : nil,
      cut: streams.cut.uniform() < augmentation.cutShare
        ? ScanCut(through: patient.bounds, of: given, &streams.cut) : nil)
  }

  private func drawPoints(
    _ varied: VariedPatient, _ random: inout SeededGenerator
  ) -> [Vector3] {
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

  private func truth(
    _ varied: VariedPatient, at world: [Vector3]
  ) -> ([Float], [UInt8]) {
    let (patient, grid) = (varied.patient, varied.grid)
    let toVoxel = grid.affine.inverse
    var places = world.map { toVoxel.apply($0) }
    let scanned = varied.cut.map { places.map($0.contains) }
    if let deformation = varied.deformation {
      places = zip(places, deformation.displacements(at: places)).map { $0 + $1 }
    }
    var hu = VolumeKernels.sampleVolume(patient.ct, at: places, outside: -1000)
    if let tissue = varied.tissue { hu = hu.map(tissue.hu) }
    var labels = places.map(patient.label(at:))
    if varied.isMirrored { labels = labels.map { mirroredLabels[Int($0)] } }
    if let scanned {
      for point in labels.indices where !scanned[point] { labels[point] = LabelScheme.outsideScan }
    }
    return (hu.map { description.window.normalize($0) }, labels)
  }
}

import SpiderCore
import SpiderDRR
import SpiderEvaluation
import SpiderSupport

/// The random streams of a sample, one for each thing that is drawn.
struct SampleStreams {
  /// The things, in an order that must stay: a stream's number is its place.
  enum Subject: UInt64 {
    case pose, views, deformation, tissue, points, xrays, support, cut, scan
  }

  private let random: SeededGenerator

  init(_ random: SeededGenerator) { self.random = random }

  /// The stream of a subject, from its start.
  subscript(subject: Subject) -> SeededGenerator { random.fork(subject.rawValue) }
}

/// A patient as one sample sees it: moved, perhaps mirrored, deformed, with other CT numbers, on a table,
/// partly or coarsely scanned.
struct VariedPatient {
  let patient: TrainingCase
  /// The patient's attenuation, 1/mm, and CT numbers, as the scan has them.
  private let scanned: (attenuation: Volume, ct: Volume)
  /// The case's voxels where the pose has put them.
  let grid: VoxelGrid
  let isMirrored: Bool
  let deformation: Deformation?
  let tissue: TissueCurve?
  let support: HeadSupport?
  let cut: RandomFieldOfView?

  /// Draws a variation.
  init(_ patient: TrainingCase, _ augmentation: Augmentation, _ streams: SampleStreams) {
    var random = (
      pose: streams[.pose], deformation: streams[.deformation], tissue: streams[.tissue],
      support: streams[.support], cut: streams[.cut], scan: streams[.scan]
    )
    let pose = augmentation.pose(&random.pose)
    let given = patient.ct.grid
    self.patient = patient
    let scan =
      random.scan.uniform() < augmentation.coarseShare ? CoarseScan(&random.scan) : nil
    scanned = patient.scanned(by: scan)
    grid = VoxelGrid(
      nx: given.nx, ny: given.ny, nz: given.nz, affine: pose.map.composed(with: given.affine))
    isMirrored = pose.isMirrored
    deformation = Deformation(
      deviation: augmentation.deformation, spacing: augmentation.deformationSpacing,
      strain: augmentation.deformationStrain, grid: given, &random.deformation)
    tissue = augmentation.tissue.draw(&random.tissue)
    support =
      random.support.uniform() < augmentation.supportShare ? HeadSupport(&random.support) : nil
    cut =
      random.cut.uniform() < augmentation.cutShare
      ? RandomFieldOfView(through: patient.bounds, of: given, &random.cut) : nil
  }

  /// The attenuation to make X-rays of, 1/mm, with what the patient lies on; and the tissue that the
  /// scan's end cuts through.
  func attenuation() -> (volume: Volume, cutExit: TruncatedTissue?) {
    var values = deformation?.warped(scanned.attenuation) ?? scanned.attenuation.values
    if let tissue { values = tissue.attenuation(values, water: patient.water) }
    var volume = Volume(grid: grid, values: values)
    support?.add(to: &volume, water: patient.water)
    let cutExit = cut?.cut(&volume, water: patient.water)
    return (volume, cutExit)
  }

  /// CT numbers, labels and kinds at points of the world.
  ///
  /// - Parameter mirrored: the labels of a mirrored patient, by label.
  func truth(
    at world: [Vector3], mirrored: [UInt8]
  ) -> (hu: [Float], labels: [UInt8], kinds: [TrainingCase.Kind]) {
    let toVoxel = grid.affine.inverse
    var places = world.map { toVoxel.apply($0) }
    let isScanned = cut.map { places.map($0.contains) }
    if let deformation {
      places = zip(places, deformation.displacements(at: places)).map { $0 + $1 }
    }
    var hu = VolumeKernels.sampleVolume(scanned.ct, at: places, outside: -1000)
    if let tissue { hu = hu.map(tissue.hu) }
    var labels = places.map(patient.label(at:))
    if isMirrored { labels = labels.map { mirrored[Int($0)] } }
    if let isScanned {
      for point in labels.indices where !isScanned[point] {
        labels[point] = LabelScheme.outsideScan
      }
    }
    return (hu, labels, places.map(patient.kind(at:)))
  }
}

extension LabelScheme {
  /// The class of each label in a patient mirrored left to right: classes whose names differ in a word
  /// "left" and "right" change places, all others stay.
  var mirrored: [UInt8] {
    let places = Dictionary(
      classes.enumerated().map { ($1, UInt8($0)) }, uniquingKeysWith: { first, _ in first })
    var table = (0...255).map { UInt8($0) }
    for (index, name) in classes.enumerated() {
      let words = name.split(separator: "_").map { word in
        word == "left" ? "right" : word == "right" ? "left" : String(word)
      }
      if let other = places[words.joined(separator: "_")] { table[index] = other }
    }
    return table
  }
}

/// Takes the X-rays of a varied patient: line integrals with a little noise, or the whole chain of
/// physics, each in its share; pixels that say nothing are masked.
struct TrainingXrays {
  let augmentation: Augmentation

  /// One radiograph a geometry, on one thread: the samples of a batch are made side by side.
  func make(
    _ varied: VariedPatient, _ geometries: [ProjectionGeometry], _ random: SeededGenerator
  ) throws -> [Radiograph] {
    let (attenuation, cutExit) = varied.attenuation()
    let projector = JosephProjector(isParallel: false)
    var bone: Volume?
    var shared = random
    let masksExits = shared.uniform() < augmentation.maskedExits
    return try geometries.enumerated().map { number, geometry in
      var random = random.fork(UInt64(number) + 1)
      let image = projector.forward(attenuation, geometry)
      let radiograph: Radiograph
      if let physics = augmentation.physics.draw(&random) {
        let shares = bone ?? WaterAndBone.boneShares(of: attenuation)
        bone = shares
        let lengths = WaterAndBone.lengths(
          lineIntegrals: image, bone: projector.forward(shares, geometry))
        radiograph = try XRayChain(physics).radiograph(lengths: lengths, geometry: geometry)
      } else {
        radiograph = Radiograph(geometry: geometry, values: withNoise(image, &random))
      }
      return masksExits ? withoutExits(radiograph, of: varied, cutExit) : radiograph
    }
  }

  /// Masks the pixels whose rays leave the scan through tissue. Of a mere slice of a head nothing may be
  /// left: better seen as cut off than not at all.
  private func withoutExits(
    _ radiograph: Radiograph, of varied: VariedPatient, _ cutExit: TruncatedTissue?
  ) -> Radiograph {
    let (geometry, grid) = (radiograph.geometry, varied.grid)
    let masks = [
      radiograph.mask,
      varied.patient.exit.mask(
        geometry, grid: grid,
        carry: varied.deformation.map { deformation in
          { deformation.carried($0, rounds: 3) }
        }),
      cutExit?.mask(geometry, grid: grid),
    ].compactMap(\.self)
    guard masks.count > (radiograph.mask == nil ? 0 : 1) else { return radiograph }
    var masked = radiograph
    masked.mask = masks.dropFirst().reduce(masks[0]) { zip($0, $1).map { $0 && $1 } }
    let values = masked.values
    let first = values.indices.first(where: masked.counts).map { values[$0] }
    let showsAnything = values.indices.contains { masked.counts($0) && values[$0] != first }
    return showsAnything ? masked : radiograph
  }

  private func withNoise(_ image: [Float], _ random: inout SeededGenerator) -> [Float] {
    let deviation = augmentation.noise * random.uniform() * Double(image.max() ?? 0)
    guard deviation > 0 else { return image }
    return image.map { $0 + Float(deviation * random.normal()) }
  }
}

import SpiderCore
import SpiderDRR

/// Makes training samples of cases: varies the patient, takes the X-rays, draws the query points.
///
/// A sample depends on its case and its random stream alone, never on what was made before it, so a
/// resumed run sees the very samples it would have seen.
struct SampleMaker: Sendable {
  let description: ModelDescription
  let augmentation: Augmentation
  let sampling: PointSampling

  /// What a sample shows of a patient: X-rays, and the truth at points.
  struct Look {
    var radiographs: [Radiograph]
    /// World mm.
    var points: [Vector3]
    /// In window units.
    var intensity: [Float]
    var labels: [UInt8]
  }

  func make(_ patient: TrainingCase, _ random: SeededGenerator) throws -> Sample {
    let look = try look(at: patient, random)
    let side = description.fieldOfView
    return Sample(
      images: try NetworkImages.make(look.radiographs, intensity: description.intensity).values,
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
    var random = random
    let pose = augmentation.pose(&random)
    let grid = VoxelGrid(
      nx: patient.ct.grid.nx, ny: patient.ct.grid.ny, nz: patient.ct.grid.nz,
      affine: pose.composed(with: patient.ct.grid.affine))
    let geometries = try description.views.map { view in
      try augmentation.turned(
        description.setup.geometry(of: view), about: .zero, &random)
    }
    let deformation = Deformation(
      deviation: augmentation.deformation, grid: patient.ct.grid, &random)
    let radiographs = try xrays(of: patient, deformation, on: grid, geometries, &random)
    let world = points ?? drawPoints(patient, deformation, grid, &random)
    let (intensity, labels) = truth(patient, deformation, grid, at: world)
    return Look(radiographs: radiographs, points: world, intensity: intensity, labels: labels)
  }

  private func xrays(
    of patient: TrainingCase, _ deformation: Deformation?, on grid: VoxelGrid,
    _ geometries: [ProjectionGeometry],
    _ random: inout SeededGenerator
  ) throws -> [Radiograph] {
    let values = deformation?.warped(patient.attenuation) ?? patient.attenuation.values
    let attenuation = Volume(grid: grid, values: values)
    // One thread a sample: the samples of a batch are made side by side.
    let projector = JosephProjector(isParallel: false)
    let images = projector.forward(attenuation, geometries)
    let bone = augmentation.physics.share > 0 ? WaterAndBone.boneShares(of: attenuation) : nil
    return try zip(geometries, images).map { geometry, image in
      if let bone, let physics = augmentation.physics.draw(&random) {
        let lengths = WaterAndBone.lengths(
          lineIntegrals: image, bone: projector.forward(bone, geometry))
        return try XRayChain(physics).radiograph(lengths: lengths, geometry: geometry)
      }
      var values = image
      let deviation = augmentation.noise * random.uniform() * Double(values.max() ?? 0)
      if deviation > 0 {
        for index in values.indices { values[index] += Float(deviation * random.normal()) }
      }
      return Radiograph(geometry: geometry, values: values)
    }
  }

  private func drawPoints(
    _ patient: TrainingCase, _ deformation: Deformation?, _ grid: VoxelGrid,
    _ random: inout SeededGenerator
  ) -> [Vector3] {
    let bone = patient.bone.isEmpty ? 0 : Int(Double(sampling.count) * sampling.boneShare)
    let tissue = patient.tissue.isEmpty ? 0 : Int(Double(sampling.count) * sampling.tissueShare)
    let half = description.fieldOfView / 2
    func uniform() -> Vector3 {
      Vector3(
        random.uniform(in: -half...half), random.uniform(in: -half...half),
        random.uniform(in: -half...half))
    }
    return (0..<sampling.count).map { p in
      guard p < bone + tissue else { return uniform() }
      let list = p < bone ? patient.bone : patient.tissue
      let voxel = grid.voxel(at: Int(list[random.index(below: list.count)]))
      var place = Vector3(
        Double(voxel.x) + random.uniform() - 0.5, Double(voxel.y) + random.uniform() - 0.5,
        Double(voxel.z) + random.uniform() - 0.5)
      // Where the deformation has carried the voxel, to first order: it only has to be near.
      if let deformation { place -= deformation.displacements(at: [place])[0] }
      let point = grid.affine.apply(place)
      // Varying the pose may have carried it out of the field of view.
      let inside = max(abs(point.x), abs(point.y), abs(point.z)) <= half
      return inside ? point : uniform()
    }
  }

  private func truth(
    _ patient: TrainingCase, _ deformation: Deformation?, _ grid: VoxelGrid, at world: [Vector3]
  ) -> ([Float], [UInt8]) {
    let toVoxel = grid.affine.inverse
    var places = world.map { toVoxel.apply($0) }
    if let deformation {
      places = zip(places, deformation.displacements(at: places)).map { $0 + $1 }
    }
    let hu = Kernels.sampleVolume(patient.intensities, grid, at: places, outside: -1000)
    let shape = SIMD3(Double(grid.nx), Double(grid.ny), Double(grid.nz))
    let labels = places.map { place -> UInt8 in
      let nearest = (place + 0.5).rounded(.down)
      guard all(nearest .>= 0), all(nearest .< shape) else { return LabelScheme.outsideScan }
      return patient.labels[Int(nearest.x), Int(nearest.y), Int(nearest.z)]
    }
    return (hu.map { description.window.normalize($0) }, labels)
  }
}

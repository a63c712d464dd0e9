import SpiderCore
import SpiderTestSupport
import SpiderTraining
import Testing

/// Mirroring a patient left to right while training: X-rays, places, intensities and labels are those
/// of a mirrored patient.
@Suite struct MirroringTests {
  private static let scheme = LabelScheme(
    name: "sides", classes: ["background", "soft_tissue", "bone_left", "bone_right"],
    bone: ["bone_left", "bone_right"])

  /// Nothing about it is symmetric: a body off the middle, one bone on each side, a lit ball of a
  /// voxel or two on the right, high and in front: the only thing of 300 HU and more.
  private func patient(_ name: String = "asymmetric") -> TrainingCase {
    let grid = VoxelGrid.canonical(size: 64)
    var ct = Volume(grid: grid, repeating: -1000)
    var labels = LabelVolume(grid: grid, repeating: 0)
    for index in 0..<grid.count {
      let voxel = grid.voxel(at: index)
      let p = grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
      if length(p - Vector3(8, 0, 0)) < 80 { (ct.values[index], labels.values[index]) = (20, 1) }
      if length(p - Vector3(-40, 5, -20)) < 15 {
        (ct.values[index], labels.values[index]) = (290, 2)
      }
      if length(p - Vector3(35, 10, 0)) < 22 { (ct.values[index], labels.values[index]) = (250, 3) }
      if length(p - Vector3(42, 22, 14)) < 2.5 * 3.0.squareRoot() {
        (ct.values[index], labels.values[index]) = (30_000, 3)
      }
    }
    return TrainingCase(id: name, isReal: false, ct: ct, labels: labels)
  }

  /// The patient seen in a mirror, by its definition: voxel i becomes voxel 63 - i, sides change names.
  private func mirrored(_ patient: TrainingCase) -> TrainingCase {
    let grid = patient.ct.grid
    var (ct, labels) = (patient.ct, patient.labels)
    for index in 0..<grid.count {
      let voxel = grid.voxel(at: index)
      let other = grid.index(63 - voxel.x, voxel.y, voxel.z)
      ct.values[index] = patient.ct.values[other]
      labels.values[index] = [0, 1, 3, 2][Int(patient.labels.values[other])]
    }
    return TrainingCase(id: "mirrored", isReal: false, ct: ct, labels: labels)
  }

  private func configuration(mirror: Bool) -> TrainingConfiguration {
    var configuration = TrainingConfiguration()
    configuration.model.setup = ViewSetup(pixelSize: SIMD2(7.2, 7.2), columns: 64, rows: 64)
    configuration.model.scheme = Self.scheme
    configuration.model.architecture.classes = 4
    configuration.model.intensity = .absolute
    configuration.patientsPerStep = 1
    configuration.sampling.count = 800
    configuration.augmentation = .none
    configuration.augmentation.mirror = mirror
    return configuration
  }

  /// A step whose patient is mirrored, and one whose patient is not.
  private func steps() throws -> (mirrored: Int, plain: Int) {
    let maker = BatchMaker([patient()], configuration(mirror: true))
    let plain = BatchMaker([patient()], configuration(mirror: false))
    let differs = try (0..<20).map { step in
      try maker.batch(step: step).images.values != plain.batch(step: step).images.values
    }
    return (try #require(differs.firstIndex(of: true)), try #require(differs.firstIndex(of: false)))
  }

  @Test func aMirroredSampleIsASampleOfTheMirroredPatient() throws {
    let patient = patient()
    let twin = mirrored(patient)
    let steps = try steps()
    let batch = try BatchMaker([patient], configuration(mirror: true)).batch(step: steps.mirrored)
    let expected = try BatchMaker([twin], configuration(mirror: false)).batch(step: steps.mirrored)
    // Rays walk the voxels the other way: rounding of sums of some 60 terms, up to 10 in all.
    expectClose(
      batch.images.values.map(Double.init), expected.images.values.map(Double.init), atol: 2e-5)
    let toVoxel = twin.ct.grid.affine.inverse
    for p in 0..<800 {
      let world =
        Vector3(
          Double(batch.points.values[3 * p]), Double(batch.points.values[3 * p + 1]),
          Double(batch.points.values[3 * p + 2])) * 256
      let place = toVoxel.apply(world)
      let hu = min(2000, twin.ct.trilinear(at: place, outside: -1000))
      expectClose(Double(batch.intensity.values[p]), (hu + 1000) / 3000, atol: 1e-3)
      // At the border between two voxels either label is right.
      let part = place + 0.5 - (place + 0.5).rounded(.down)
      if min(part.x, part.y, part.z, 1 - part.x, 1 - part.y, 1 - part.z) > 1e-3 {
        #expect(batch.labels[p] == twin.labels.nearest(to: place))
      }
    }
    // Left has become right: the smaller bone now is on the right.
    #expect(batch.labels.contains(2) && batch.labels.contains(3))
    #expect(
      (0..<800).allSatisfy { batch.labels[$0] != 2 || batch.points.values[3 * $0] < 0 }
        && (0..<800).allSatisfy { batch.labels[$0] != 3 || batch.points.values[3 * $0] > 0 })
  }

  /// The lit voxel's shadow lies where `pixels` says, mirrored or not, in both views.
  @Test func aLitVoxelIsWhereItsPointIs() throws {
    let steps = try steps()
    var columns: [Double] = []
    for step in [steps.plain, steps.mirrored] {
      let batch = try BatchMaker([patient()], configuration(mirror: true)).batch(step: step)
      let lit = try #require(
        (0..<800).max { batch.intensity.values[$0] < batch.intensity.values[$1] })
      #expect(batch.intensity.values[lit] > 0.7)
      for view in 0..<2 {
        let image = batch.images.entry(view).array
        let brightest = try #require(image.indices.max { image[$0] < image[$1] })
        let pixel = batch.pixels.values[view * 1600 + 2 * lit..<view * 1600 + 2 * lit + 2].map {
          Double($0)
        }
        // The lit ball is 9 mm wide, a pixel 4.8 mm at the isocentre.
        expectClose(
          pixel, [Double(brightest % 64), Double(brightest / 64)], atol: 2, "view \(view)")
        if view == 0 { columns.append(pixel[0]) }
      }
    }
    // In the frontal view the shadow changes sides.
    #expect((columns[0] - 31.5) * (columns[1] - 31.5) < 0)
  }
}

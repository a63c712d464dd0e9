import SpiderCore
import SpiderDRR
import SpiderEvaluation
import SpiderSupport

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

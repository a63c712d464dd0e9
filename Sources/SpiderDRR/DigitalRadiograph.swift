import SpiderCore

/// Digitally reconstructed radiographs: X-ray images of a CT, as line integrals of its attenuation.
///
///     let drr = DigitalRadiograph()
///     let view = try ViewSetup().geometry(of: .pa, isocenter: ct.grid.center)
///     let radiograph = drr.make(ct: ct, geometry: view)
///
/// Mono-energetic, without noise, scatter or blur.
public struct DigitalRadiograph: Sendable {
  /// How CT numbers become attenuation.
  public var attenuation: Attenuation
  /// What integrates along the rays.
  public var projector: any Projector

  /// By default 70 keV and Joseph's projector.
  public init(
    attenuation: Attenuation = .standard, projector: any Projector = JosephProjector()
  ) {
    self.attenuation = attenuation
    self.projector = projector
  }

  /// The radiograph of a CT volume (HU): absolute line integrals, bone bright. Outside the volume, and
  /// where a voxel is not a number, there is air.
  public func make(ct: Volume, geometry: ProjectionGeometry) -> Radiograph {
    make(ct: ct, geometries: [geometry])[0]
  }

  /// The radiographs of a CT volume (HU) for several geometries.
  public func make(ct: Volume, geometries: [ProjectionGeometry]) -> [Radiograph] {
    let map = attenuation.attenuation(of: ct)
    return geometries.map { geometry in
      Radiograph(geometry: geometry, values: projector.forward(map, geometry))
    }
  }
}

import SpiderImaging

/// Digitally reconstructed radiographs: X-ray images of a CT, as line integrals of its attenuation.
///
///     let drr = DigitalRadiograph()
///     let view = try ViewSetup().geometry(of: .pa, isocenter: ct.grid.center)
///     let radiograph = drr.make(ct: ct, geometry: view)
///
/// Mono-energetic, without noise, scatter or blur, unless a chain of physics is given.
public struct DigitalRadiograph: Sendable {
  /// The map from CT numbers to attenuation.
  public var attenuation: Attenuation
  /// The projector that integrates along the rays.
  public var projector: any Projector
  /// Spectrum, noise, scatter, blur and detector; nil for line integrals at the energy of
  /// ``attenuation``.
  public var chain: XRayChain?

  /// By default 70 keV and Joseph's projector.
  public init(
    attenuation: Attenuation = .standard, projector: any Projector = JosephProjector()
  ) {
    self.attenuation = attenuation
    self.projector = projector
  }

  /// Radiographs made by a chain of physics.
  public init(chain: XRayChain, projector: any Projector = JosephProjector()) {
    self.init(projector: projector)
    self.chain = chain
  }

  /// The radiograph of a CT volume (HU): absolute line integrals, bone bright. Outside the volume, and
  /// where a voxel is not a number, there is air.
  public func make(ct: Volume, geometry: ProjectionGeometry) -> Radiograph {
    make(ct: ct, geometries: [geometry])[0]
  }

  /// The radiographs of a CT volume (HU) for several geometries.
  public func make(ct: Volume, geometries: [ProjectionGeometry]) -> [Radiograph] {
    let maps = maps(of: ct)
    return geometries.enumerated().map { make(maps: maps, geometry: $1, number: $0) }
  }

  /// The maps of a CT volume (HU) that are projected: its attenuation, or with a chain the shares of its
  /// materials. To be made once where views are made one by one.
  package func maps(of ct: Volume) -> [Volume] {
    chain?.settings.decomposition.maps(of: ct) ?? [attenuation.attenuation(of: ct)]
  }

  /// A radiograph of what ``maps(of:)`` gave.
  ///
  /// - Parameter number: of the view: the views of one patient have different noise.
  package func make(maps: [Volume], geometry: ProjectionGeometry, number: Int = 0) -> Radiograph {
    let images = maps.map { projector.forward($0, geometry) }
    guard let chain else {
      return Radiograph(geometry: geometry, values: images[0], photonEnergy: attenuation.keV)
    }
    return chain.radiograph(
      lengths: images, geometry: geometry, center: maps[0].grid.center, number: number)
  }
}

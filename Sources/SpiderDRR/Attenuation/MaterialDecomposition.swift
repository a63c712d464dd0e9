import SpiderImaging

/// The law between CT numbers and amounts of water, bone and metal: the polychromatic counterpart of
/// ``Attenuation``.
///
/// A share is the length of the undiluted material that a millimetre of the voxel holds. From air to
/// water the voxel is water of lower density; from water to cortical bone (HU_b, see ``Attenuation``) a
/// mixture of the two; above that bone of higher density, as in enamel; from the threshold on it is
/// metal, and its CT number says no more, since the scales of most scanners end at 3071 HU. The shares
/// of water and bone give, at the scanner's effective energy, the attenuation that the CT number
/// states, and up to HU_b at every energy the one of ``Attenuation``. Voxels that are not finite hold
/// nothing, like air.
public struct MaterialDecomposition: Codable, Equatable, Sendable {
  /// What metal there is taken to be; nil reads it as very dense bone.
  public var metal: Metal?
  /// The CT number from which on a voxel is metal, HU.
  public var metalThreshold: Float

  /// By default everything from 3000 HU on is titanium.
  public init(metal: Metal? = .titanium, metalThreshold: Float = 3000) {
    self.metal = metal
    self.metalThreshold = metalThreshold
  }

  /// The CT number of cortical bone, HU_b.
  static let boneHU = Float(
    1000
      * (AttenuatingMaterial.corticalBone.linearAttenuation(keV: Attenuation.scannerEnergy)
        / AttenuatingMaterial.water.linearAttenuation(keV: Attenuation.scannerEnergy) - 1))

  /// The shares of a voxel, mm a mm.
  public func shares(hu: Float) -> (water: Float, bone: Float, metal: Float) {
    guard hu > -1000, hu < .infinity else { return (0, 0, 0) }
    if metal != nil, hu >= metalThreshold { return (0, 0, 1) }
    if hu <= 0 { return ((1000 + hu) / 1000, 0, 0) }
    let bone = Self.boneHU
    return hu < bone
      ? (1 - hu / bone, hu / bone, 0) : (0, (1000 + hu) / (1000 + bone), 0)
  }

  /// The materials whose shares are kept, in order.
  public var materials: [AttenuatingMaterial] {
    [.water, .corticalBone] + (metal.map { [$0.material] } ?? [])
  }

  /// The shares of a CT volume (HU): one map a material, mm a mm. A map without any is left out of
  /// the end, so that a patient without metal costs one projection less.
  public func maps(of ct: Volume) -> [Volume] {
    var values = [[Float]](repeating: [Float](repeating: 0, count: ct.values.count), count: 3)
    var hasMetal = false
    for (index, hu) in ct.values.enumerated() {
      let shares = shares(hu: hu)
      values[0][index] = shares.water
      values[1][index] = shares.bone
      guard shares.metal > 0 else { continue }
      values[2][index] = shares.metal
      hasMetal = true
    }
    return values.prefix(hasMetal ? 3 : 2).map { ct.withValues($0) }
  }
}

import SpiderImaging

/// The map from CT numbers to amounts of water, bone and metal: the polychromatic counterpart of
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
  /// The metal assumed; nil reads it as very dense bone.
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

  /// The shares of a voxel, mm per mm.
  package func shares(hu: Float) -> (water: Float, bone: Float, metal: Float) {
    guard hu > -1000, hu < .infinity else { return (0, 0, 0) }
    if metal != nil, hu >= metalThreshold { return (0, 0, 1) }
    if hu <= 0 { return ((1000 + hu) / 1000, 0, 0) }
    let bone = Self.boneHU
    return hu < bone
      ? (1 - hu / bone, hu / bone, 0) : (0, (1000 + hu) / (1000 + bone), 0)
  }

  /// The materials whose shares are kept, in order.
  package var materials: [AttenuatingMaterial] {
    [.water, .corticalBone] + (metal.map { [$0.material] } ?? [])
  }

  /// The shares of a CT volume (HU): one map per material, mm per mm. A map without any is left out of
  /// the end, so that a patient without metal costs one projection less.
  package func maps(of ct: Volume) -> [Volume] {
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

/// The metals that a patient's may be assumed to be: a CT cannot tell, since its scale ends below all of
/// them.
public enum Metal: String, Codable, CaseIterable, Sendable {
  /// Implants, plates, screws.
  case titanium
  /// Steel, and roughly cobalt-chromium.
  case iron
  /// Crowns and inlays of gold.
  case gold
  /// Dental amalgam.
  case amalgam

  /// Its attenuation.
  package var material: AttenuatingMaterial {
    switch self {
    case .titanium: return .titanium
    case .iron: return .iron
    case .gold: return .gold
    case .amalgam: return .amalgam
    }
  }
}

/// Lengths of water and bone from line integrals at the scanner's effective energy, as training needs
/// them: one map and one projection more than line integrals alone.
///
/// At 70 keV the shares w and b of a voxel (``MaterialDecomposition``, without metal) make up its
/// attenuation, mu = w mu_water + b mu_bone. So the length of water behind a pixel is what the line
/// integral of mu leaves after bone: L_water = (p - mu_bone L_bone) / mu_water.
package enum WaterAndBone {
  private static let water = Float(Attenuation.standard.water)
  private static let bone = Float(
    AttenuatingMaterial.corticalBone.linearAttenuation(keV: Attenuation.scannerEnergy))

  /// The share of bone of each voxel, mm per mm, from its attenuation at 70 keV, 1/mm.
  package static func boneShares(of attenuation: Volume) -> Volume {
    let (water, bone) = (water, bone)
    // Between water and bone the share rises from 0 to 1; beyond, it is density.
    let slope = 1 / (bone - water)
    return attenuation.withValues(
      attenuation.values.map { mu in
        mu > water ? (mu < bone ? (mu - water) * slope : mu / bone) : 0
      })
  }

  /// The lengths of water and of bone, mm, from line integrals at 70 keV and lengths of bone.
  package static func lengths(lineIntegrals: [Float], bone lengths: [Float]) -> [[Float]] {
    let (water, bone) = (water, bone)
    // Rounding may leave less than nothing.
    return [zip(lineIntegrals, lengths).map { max(0, ($0 - bone * $1) / water) }, lengths]
  }
}

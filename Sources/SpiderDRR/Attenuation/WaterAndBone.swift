import SpiderImaging

/// Lengths of water and bone from line integrals at the scanner's effective energy, as training needs
/// them: one map and one projection more than line integrals alone.
///
/// At 70 keV the shares w and b of a voxel (``MaterialDecomposition``, without metal) make up its
/// attenuation, mu = w mu_water + b mu_bone. So the length of water behind a pixel is what the line
/// integral of mu leaves after bone: L_water = (p - mu_bone L_bone) / mu_water.
public enum WaterAndBone {
  private static let water = Float(Attenuation.standard.water)
  private static let bone = Float(
    AttenuatingMaterial.corticalBone.linearAttenuation(keV: Attenuation.scannerEnergy))

  /// The share of bone of each voxel, mm a mm, from its attenuation at 70 keV, 1/mm.
  public static func boneShares(of attenuation: Volume) -> Volume {
    let (water, bone) = (water, bone)
    // Between water and bone the share rises from 0 to 1; beyond, it is density.
    let slope = 1 / (bone - water)
    return attenuation.withValues(
      attenuation.values.map { mu in
        mu > water ? (mu < bone ? (mu - water) * slope : mu / bone) : 0
      })
  }

  /// The lengths of water and of bone, mm, from line integrals at 70 keV and lengths of bone.
  public static func lengths(lineIntegrals: [Float], bone lengths: [Float]) -> [[Float]] {
    let (water, bone) = (water, bone)
    // Rounding may leave less than nothing.
    return [zip(lineIntegrals, lengths).map { max(0, ($0 - bone * $1) / water) }, lengths]
  }
}

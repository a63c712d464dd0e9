/// The relief of the vault: sutures through the bone; grooves of vessels, sinuses and
/// granulations in its inner table.
struct VaultDetail: Sendable {
  private let noise: Noise
  private let openness: Float
  private let depth: Float
  /// The middle meningeal artery seen from the side (y, z): a trunk from the base to the pterion, a branch
  /// up behind the coronal suture, one back, and their twigs.
  private let branches: [Stroke]

  /// One stretch of a vessel, with its half width at either end, mm.
  private struct Stroke: Sendable {
    let start: SIMD2<Float>
    let along: SIMD2<Float>
    let widths: SIMD2<Float>

    init(_ a: (Float, Float), _ b: (Float, Float), _ wide: Float, _ narrow: Float) {
      start = SIMD2(a.0, a.1)
      along = SIMD2(b.0, b.1) - start
      widths = SIMD2(wide, narrow)
    }

    /// The depth of a place in the groove: 1 in its middle, 0 outside.
    @inline(__always) func depth(_ p: SIMD2<Float>) -> Float {
      let q = p - start
      let t = clamp((q * along).sum() / (along * along).sum(), 0, 1)
      let away = q - along * t
      return bell((away * away).sum().squareRoot() / mix(widths.x, widths.y, t))
    }
  }

  init(shape: HeadShape, noise: Noise) {
    self.noise = noise
    openness = shape.bone.sutures
    depth = shape.bone.impressions
    branches = [
      Stroke((14, 2), (30, 24), 2.6, 2.4), Stroke((30, 24), (33, 44), 2.4, 2.2),
      Stroke((33, 44), (21, 78), 2.2, 1.9), Stroke((21, 78), (10, 112), 1.9, 1.4),
      Stroke((27, 60), (44, 92), 1.6, 1.2), Stroke((30, 24), (-4, 42), 2.2, 1.9),
      Stroke((-4, 42), (-44, 58), 1.9, 1.6), Stroke((-44, 58), (-76, 54), 1.6, 1.2),
      Stroke((-20, 49), (-38, 88), 1.6, 1.2),
    ]
  }

  /// The hollowing of the inner table at a place, mm; negative where a ridge stands out.
  @inline(__always) func hollow(_ probe: ArticulatedPoint) -> Float {
    let p = probe.folded
    guard p.z > 0 else { return 0 }
    let wander = 5 * noise.value(probe.point, size: 26, channel: 19)
    var groove: Float = 0
    if p.x > 22 {
      let side = SIMD2(p.y + wander, p.z - wander)
      for branch in branches { groove = max(groove, branch.depth(side)) }
    }
    // The sinus along the midline, with granulations beside it; in front of it the frontal crest.
    let midline = bell(p.x / 6) * smoothStep(70, 50, p.y) * smoothStep(10, 40, p.z)
    let pits =
      p.z > 70 && p.x < 32
      ? smoothStep(0.35, 0.75, noise.value(probe.point, size: 9, channel: 20)) : 0
    let crest = bell(p.x / 4) * smoothStep(55, 75, p.y) * smoothStep(75, 45, p.z)
    let transverse = bell((p.z - 9) / 5) * smoothStep(-25, -60, p.y)
    return depth * (1.5 * groove + 1.8 * midline + 2.4 * pits + 1.2 * transverse - 3 * crest)
  }

  /// The distance to the nearest suture, mm, from within the bone of the vault.
  @inline(__always) func suture(_ probe: ArticulatedPoint) -> Float {
    let p = probe.folded
    guard openness > 0, p.z > 2 else { return .infinity }
    let zigzag =
      2.6 * noise.value(probe.point, size: 4.5, channel: 21)
      + 3.5 * noise.value(probe.point, size: 15, channel: 22)
    let coronal = abs(0.97 * (p.y - 14) + 0.24 * (p.z - 122) + zigzag)
    let back = 0.72 * (p.z - 74) + 0.69 * p.x
    let lambdoid = p.y < -30 ? abs(back + zigzag) : .infinity
    let sagittal = p.y < 14 && back > 0 ? abs(probe.point.x + zigzag) : .infinity
    let arc = (((p.y + 2) * (p.y + 2) + (p.z - 2) * (p.z - 2)).squareRoot() - 46)
    let squamous = p.x > 40 && p.y < 34 ? abs(arc + 0.5 * zigzag) + 0.3 : .infinity
    return min(min(coronal, lambdoid), min(sagittal, squamous))
  }

  /// The bone at a place of the vault: the sutures part them.
  @inline(__always) func bone(_ probe: ArticulatedPoint) -> HeadStructure {
    let p = probe.folded
    if 0.97 * (p.y - 14) + 0.24 * (p.z - 122) > 0, p.z > 20 || p.y > 52 { return .frontalBone }
    if p.y < -30, 0.72 * (p.z - 74) + 0.69 * p.x < 0 { return .occipitalBone }
    let ear = (p.y + 2) * (p.y + 2) + (p.z - 2) * (p.z - 2)
    if p.x > 40, ear < 46 * 46 { return .temporalBone.on(probe.side) }
    return p.z > 22 ? .parietalBone.on(probe.side) : .temporalBone.on(probe.side)
  }

  /// The share of bone that a suture leaves of a voxel.
  @inline(__always) func solidity(_ probe: ArticulatedPoint, _ sample: VoxelPaint) -> Float {
    1 - 0.7 * openness * sample.coverage(suture(probe) - 0.6)
  }
}

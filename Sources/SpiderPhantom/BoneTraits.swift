import SpiderSupport

/// What the bone of one head is like: how thick, how dense, how it is built.
struct BoneTraits: Sendable {
  /// Mean thickness of the vault, mm.
  let vaultThickness: Float
  /// How much the vault's thickness varies from place to place, as a share of it.
  let unevenness: Float
  /// Thickness of a compact table, mm.
  let tableThickness: Float
  /// CT number of compact bone, HU.
  let cortical: Float
  /// CT number of the diploe between the tables, HU; near the compact bone's where it is sclerotic.
  let diploe: Float
  /// CT number of the spongy bone of face, jaw and spine, HU.
  let cancellous: Float
  /// How dense the petrous bone is against compact bone.
  let petrous: Float
  /// How deep vessels and gyri press into the inner table, against the usual depth.
  let impressions: Float
  /// How open the sutures are: 1 a young adult's, 0 closed.
  let sutures: Float

  /// Draws the traits of a person of an age in years.
  ///
  /// Ranges: thickness and its spread as published for adult vaults (means of 6 to 8 mm, single
  /// places from 3 to 15), compact bone 1100 to 1900 HU, trabecular bone of jaws and neck 100 to
  /// 700 HU. Both lose about a tenth to a third over adult life.
  init(age: Float, _ generator: inout SeededGenerator) {
    func draw(_ low: Double, _ high: Double) -> Float {
      Float(generator.uniform(in: low...high))
    }
    let aged = (age - 20) / 70
    vaultThickness = draw(5.0, 9.4)
    unevenness = draw(0.7, 1.8)
    tableThickness = draw(1.4, 2.5)
    cortical = draw(1250, 1850) * (1 - 0.12 * aged)
    diploe = min(cortical * draw(0.38, 0.92), 1400)
    cancellous = draw(220, 620) * (1 - 0.3 * aged)
    petrous = draw(0.72, 1.08)
    impressions = draw(0.4, 1.5)
    sutures = max(0, 1 - aged * draw(0.5, 1.4))
  }
}

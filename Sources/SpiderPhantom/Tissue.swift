/// CT numbers of the tissues, in HU.
///
/// Soft tissues and bone follow the tabulated compositions of W. Schneider, T. Bortfeld, W. Schlegel,
/// "Correlation between CT numbers and tissue parameters needed for Monte Carlo simulations of clinical
/// dose distributions", Phys. Med. Biol. 45 (2000) 459-478, rounded to what head scanners show; brain,
/// liquor and teeth are the usual reading-room ranges. The bone values that vary from head to head
/// are in ``HeadShape``.
enum Tissue {
  static let air: Float = -1000
  static let fat: Float = -95
  static let skin: Float = 55
  static let muscle: Float = 58
  static let mucosa: Float = 46
  static let tongue: Float = 56
  static let cartilage: Float = 110
  static let disc: Float = 90
  static let greyMatter: Float = 38
  static let whiteMatter: Float = 28
  static let liquor: Float = 8
  static let cord: Float = 35
  static let falx: Float = 55
  static let vitreous: Float = 8
  static let sclera: Float = 60
  static let lens: Float = 85
  static let enamel: Float = 2400
  static let dentine: Float = 1550
  static let pulp: Float = 150
  /// The top of a 12-bit CT scale, where metal saturates.
  static let metal: Float = 3071
  static let oticCapsule: Float = 1900
}

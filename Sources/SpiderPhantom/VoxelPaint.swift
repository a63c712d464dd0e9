/// One voxel in the making: structures are painted over one another, each covering the share of the
/// voxel that its distance tells.
struct VoxelPaint {
  /// The CT number so far, HU.
  private(set) var hounsfield: Float = Tissue.air
  /// The structure at the voxel's centre so far.
  private(set) var structure = HeadStructure.background
  /// The width of an edge, mm: the voxel's size and the scanner's blur together.
  let edge: Float
  private let inverseEdge: Float

  /// The least depth of bone under the skin, mm, measured with the head's own scale.
  static let leastCover: Float = 2.6

  /// A voxel of air whose side is `voxel` mm, seen by a scanner that blurs edges over `blur` mm.
  init(voxel: Float, blur: Float) {
    edge = (voxel * voxel + blur * blur).squareRoot()
    inverseEdge = 1 / edge
  }

  /// The share of the voxel inside a shape at a signed distance: a ramp one voxel wide, which is the
  /// exact share where the edge is a plane along the grid.
  @inline(__always) func coverage(_ distance: Float) -> Float {
    clamp(0.5 - distance * inverseEdge, 0, 1)
  }

  /// Paints a shape with a CT number; the voxel is the structure's if its centre is inside.
  @inline(__always) mutating func cover(
    _ distance: Float, _ value: Float, _ newStructure: HeadStructure
  ) {
    hounsfield += (value - hounsfield) * coverage(distance)
    if distance < 0 { structure = newStructure }
  }

  /// Paints a shape with a CT number; what the voxel belongs to stays.
  @inline(__always) mutating func tint(_ distance: Float, _ value: Float) {
    hounsfield += (value - hounsfield) * coverage(distance)
  }

  /// Paints a part of something with a CT number: the voxel becomes the part's if it was of its class.
  @inline(__always) mutating func tint(
    _ distance: Float, _ value: Float, _ part: HeadStructure
  ) {
    hounsfield += (value - hounsfield) * coverage(distance)
    if distance < 0, structure.label == part.label { structure = part }
  }

  /// Paints a sheet about a surface. The share is the sheet's part of the voxel, also where it is
  /// thinner than the voxel.
  @inline(__always) mutating func coverSheet(
    _ distance: Float, thickness: Float, within limit: Float, _ value: Float,
    _ newStructure: HeadStructure
  ) {
    let share = coverage(distance - thickness / 2) - coverage(distance + thickness / 2)
    hounsfield += (value - hounsfield) * share * coverage(limit)
    if abs(distance) < thickness / 2, limit < 0 { structure = newStructure }
  }
}

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

/// The tissue classes a model and a label map speak of. A scheme is data, not code: spine, chest or
/// knee work by another one.
public struct LabelScheme: Codable, Hashable, Sendable {
  /// The scheme's name, as stored in data sets and model files.
  public let name: String
  /// The classes' names; the value in a label map is the position in this list, 0 is background.
  public let classes: [String]
  /// Names of the classes that are bone, for metrics over all bone together.
  public let bone: [String]

  /// Builds a scheme of at most 250 classes.
  public init(name: String, classes: [String], bone: [String]) {
    precondition(classes.count >= 1 && classes.count <= 250, "1 to 250 classes")
    self.name = name
    self.classes = classes
    self.bone = bone
  }

  /// The value that says: the structure here is unknown. No structure loss, no Dice; the intensity is
  /// supervised and scored.
  public static let unknown: UInt8 = 255

  /// The value that says: outside the scan. Nothing is known; excluded from every loss and metric.
  public static let outsideScan: UInt8 = 254

  /// The number of classes, background included.
  public var count: Int { classes.count }

  /// The values of the classes that are bone.
  public var boneValues: Set<UInt8> {
    Set(bone.compactMap { name in classes.firstIndex(of: name).map(UInt8.init) })
  }

  /// The scheme of the head.
  public static let head = LabelScheme(
    name: "head",
    classes: [
      "background", "soft_tissue", "intracranial", "skull", "mandible", "cervical_spine",
      "air_cavities",
    ],
    bone: ["skull", "mandible", "cervical_spine"])
}

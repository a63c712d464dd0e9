import Foundation
import SpiderSupport

/// The tissue classes a model and a label map speak of. A scheme is data, not code: spine, chest or
/// knee work by another one.
public struct LabelScheme: Codable, Hashable, Sendable {
  /// The scheme's name, as stored in data sets and model files.
  public let name: String
  /// The classes' names; the value in a label map is the position in this list, 0 is background.
  public let classes: [String]
  /// Names of the classes that are bone, for metrics over all bone together.
  public let bone: [String]

  /// The HU ranges that label voxels inside the patient where no label map is given; nil for the head, which
  /// has a labeller of its own. The first range that holds a voxel's CT number names its class; what
  /// no range holds is unknown.
  public let ranges: [LabelRange]?

  /// Builds a scheme of at most 250 classes.
  public init(name: String, classes: [String], bone: [String], ranges: [LabelRange]? = nil) {
    precondition(classes.count >= 1 && classes.count <= 250, "1 to 250 classes")
    self.name = name
    self.classes = classes
    self.bone = bone
    self.ranges = ranges
  }

  /// Why this cannot be a scheme, or nil: for what comes from a file.
  package var fault: String? {
    if name.isEmpty { return "it has no name" }
    if name == Self.head.name && self != .head { return "'head' is the name of another scheme" }
    if !(1...250).contains(classes.count) {
      return "it has \(counted(classes.count, "class", "classes")), not 1 to 250"
    }
    if classes[0] != "background" { return "its first class must be 'background'" }
    if Set(classes).count != classes.count { return "two of its classes have one name" }
    if let other = bone.first(where: { !classes.contains($0) }) {
      return "'\(other)' under \"bone\" is none of its classes"
    }
    for range in ranges ?? [] {
      if !classes.contains(range.label) {
        return "'\(range.label)' under \"ranges\" is none of its classes"
      }
      if let from = range.from, let below = range.below, !(from < below) {
        return "the range of '\(range.label)' holds nothing: \(from) to \(below)"
      }
    }
    return nil
  }

  /// The value of a class in label maps; nil when there is no such class.
  public func value(of name: String) -> UInt8? {
    classes.firstIndex(of: name).map { UInt8($0) }
  }

  /// The value that says: the structure here is unknown. No Dice; of the structure training takes what the CT
  /// number allows; the intensity is supervised and scored.
  @inlinable public static var unknown: UInt8 { 255 }

  /// The value that says: outside the scan. Nothing is known; excluded from every loss and metric.
  @inlinable public static var outsideScan: UInt8 { 254 }

  /// The number of classes, background included.
  public var count: Int { classes.count }

  /// The values of the classes that are bone.
  package var boneValues: Set<UInt8> {
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

/// CT numbers that name a class of a scheme.
public struct LabelRange: Codable, Hashable, Sendable {
  /// The class.
  public let label: String
  /// The lowest HU that counts; nil: no lower end.
  public let from: Float?
  /// The HU from which it does not count any more; nil: no upper end.
  public let below: Float?

  enum CodingKeys: String, CodingKey {
    case label = "class"
    case from = "from_hu"
    case below = "below_hu"
  }

  /// The CT numbers from one up to, but not including, another.
  public init(label: String, from: Float? = nil, below: Float? = nil) {
    self.label = label
    self.from = from
    self.below = below
  }

  /// Whether it holds a CT number.
  package func contains(_ hu: Float) -> Bool {
    hu >= from ?? -.infinity && hu < below ?? .infinity
  }
}

/// The values of the head scheme, for code that makes or reads its labels.
public enum HeadLabel {
  /// Outside the patient.
  @inlinable public static var background: UInt8 { 0 }
  /// Skin, fat, muscle, eyes and whatever soft part is not inside the cranium.
  @inlinable public static var softTissue: UInt8 { 1 }
  /// Everything inside the cranial cavity.
  @inlinable public static var intracranial: UInt8 { 2 }
  /// Cranium, mid-face and upper teeth.
  @inlinable public static var skull: UInt8 { 3 }
  /// Lower jaw with the lower teeth.
  @inlinable public static var mandible: UInt8 { 4 }
  /// Vertebrae of the neck.
  @inlinable public static var cervicalSpine: UInt8 { 5 }
  /// Airway, sinuses and mastoid cells.
  @inlinable public static var airCavities: UInt8 { 6 }
}

extension LabelScheme {
  /// The colour in which a label is shown, red, green and blue: that of Spider's pictures.
  ///
  /// - Parameter value: a value of a label map; background is black.
  public static func color(of value: UInt8) -> SIMD3<UInt8> {
    // Chosen for the head scheme: flesh, brain, skull, jaw, neck, air.
    let chosen: [SIMD3<UInt8>] = [
      SIMD3(0, 0, 0), SIMD3(206, 134, 104), SIMD3(92, 142, 222), SIMD3(240, 222, 150),
      SIMD3(232, 92, 62), SIMD3(88, 184, 108), SIMD3(70, 206, 220),
    ]
    switch value {
    case unknown: return SIMD3(190, 90, 200)
    case outsideScan: return SIMD3(90, 90, 100)
    case let value where Int(value) < chosen.count: return chosen[Int(value)]
    default:
      // Steps of the golden ratio keep the hues of neighbouring labels apart however many there are.
      let hue = Double(value) * 0.618_033_988_75
      func channel(_ shift: Double) -> UInt8 {
        UInt8((155 + 85 * cos(2 * .pi * (hue + shift))).rounded())
      }
      return SIMD3(channel(0), channel(1 / 3), channel(2 / 3))
    }
  }
}

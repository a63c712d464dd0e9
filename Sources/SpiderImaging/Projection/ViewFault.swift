import Foundation

/// Something that is wrong with an X-ray picture, or between it and its geometry: found in the picture itself,
/// before anything is made of it.
public struct ViewFault: Equatable, Sendable, CustomStringConvertible {
  /// The kinds of faults that have names.
  public enum Kind: Equatable, Sendable {
    /// The two pictures belong in each other's place.
    case exchanged(with: Int)
    /// The same picture as another one, perhaps in other greys.
    case samePicture(as: Int)
    /// The picture shows the head from the side from which another one shows it, as far as can be seen.
    case sameSide(as: Int, NamedView)
    /// The picture shows the head from another side than its geometry says.
    case otherView(expected: NamedView)
    /// The head is upside down.
    case upsideDown
    /// The picture is turned by so many quarters clockwise, 1 or 3; nil where it does not tell which.
    case turned(quarters: Int?)
    /// Left and right are exchanged: a lateral view faces the wrong way.
    case mirrored
    /// A negative: bone is dark.
    case inverted
    /// No head, or a piece of one.
    case notAHead
    /// The head seems this many times as large as heads are, by the geometry.
    case wrongScale(factor: Double)
    /// The head lies so far from where the geometry puts it, mm at the patient.
    case misplaced(millimetres: Double)
    /// Only this share of the head is in the picture.
    case cutOff(visible: Double)
    /// The head goes on beyond an edge of the picture, over so many mm.
    case cutOffAt(Edge, millimetres: Double)
    /// So few pixels show the head that nothing can be told of it.
    case fewPixels(across: Int)
    /// This share of the head has the brightest value there is.
    case clipped(share: Double)
    /// Two views show the head at heights that differ by so many mm.
    case heightsDiffer(from: Int, millimetres: Double)
  }

  /// An edge of a picture as it hangs.
  public enum Edge: String, CaseIterable, Sendable {
    /// Where the crown should be.
    case top
    /// The viewer's left.
    case left
    /// The viewer's right.
    case right
  }

  /// The place of the X-ray among those given, from 0.
  public let index: Int
  /// What is wrong.
  public let kind: Kind
  /// How sure it is, 0 to 1.
  public let certainty: Double

  /// States a fault.
  public init(index: Int, kind: Kind, certainty: Double = 1) {
    self.index = index
    self.kind = kind
    self.certainty = certainty
  }

  /// Whether a volume made of it would be wrong from the ground up: such X-rays are refused.
  public var isGrave: Bool {
    switch kind {
    case .clipped, .misplaced, .heightsDiffer: false
    case .cutOff(let visible): visible < 0.72
    case .cutOffAt(_, let millimetres): millimetres > 100
    case .fewPixels(let across): across < 10
    // Two pictures have to look like each other's view before it is said: of right pairs none does.
    case .exchanged: true
    default: certainty >= 0.9
    }
  }

  /// The fault's name in records: short, lower case, stable.
  public var name: String {
    switch kind {
    case .exchanged: "exchanged"
    case .samePicture: "same-picture"
    case .sameSide: "same-side"
    case .otherView: "other-view"
    case .upsideDown: "upside-down"
    case .turned: "turned"
    case .mirrored: "mirrored"
    case .inverted: "inverted"
    case .notAHead: "not-a-head"
    case .wrongScale: "wrong-scale"
    case .misplaced: "misplaced"
    case .cutOff, .cutOffAt: "cut-off"
    case .fewPixels: "few-pixels"
    case .clipped: "clipped"
    case .heightsDiffer: "heights-differ"
    }
  }

  /// What is wrong with the picture, and what mends it, without the X-ray's name.
  public var text: String {
    switch kind {
    case .exchanged(let other):
      "it seems to be the picture of radiograph \(other + 1), and that one this one's: the views are "
        + "swapped; exchange them"
    case .samePicture(let other):
      "it is the same picture as radiograph \(other + 1); two views from different sides are needed"
    case .sameSide(let other, let view):
      "it looks like the view '\(view)', as radiograph \(other + 1) does; two views from different sides are needed; "
        + "where this is wrong, say which view each is"
    case .otherView(let expected):
      "the picture does not fit its geometry: it does not look like the view '\(expected)'; give it as "
        + "the view that it is"
    case .upsideDown:
      "the head is upside down in it: its rows are counted from the bottom, or the picture is turned; turn it "
        + "so that the crown is up"
    case .turned(let quarters):
      "the picture is turned by 90 degrees"
        + (quarters.map { $0 == 1 ? " clockwise; turn it back" : " counterclockwise; turn it back" }
          ?? "; turn it so that the crown is up")
    case .mirrored:
      "the picture is mirrored: the patient faces the other way than the view says; flip it, or give it as "
        + "the view from the other side"
    case .inverted: "the picture looks inverted: bone must be bright; invert its greys"
    case .notAHead: "it does not look like an X-ray of a head; the model knows heads alone"
    case .wrongScale(let factor):
      "by its geometry the head would be \(Self.times(factor)) as large as heads are; "
        + "correct the size of its pixels or the distances"
    case .misplaced(let millimetres):
      "the head lies about \(Int(millimetres.rounded())) mm from where the geometry puts it; correct the "
        + "isocentre or the principal point"
    case .cutOff(let visible):
      "only about \(Int((100 * visible).rounded())) % of the head is in the picture; what is cut off cannot be "
        + "reconstructed"
    case .cutOffAt(let edge, let millimetres):
      "the head is cut off at the \(edge.rawValue) of the picture, over \(Int(millimetres.rounded())) mm; what is "
        + "cut off cannot be reconstructed"
    case .fewPixels(let across):
      "only \(across) pixels show the head across, and fine structures cannot be told; give the picture in its full "
        + "size"
    case .clipped(let share):
      "\(Int((100 * share).rounded())) % of the head has the brightest grey there is: over-exposed or clipped, "
        + "nothing is known behind it"
    case .heightsDiffer(let other, let millimetres):
      "it shows the head \(Int(millimetres.rounded())) mm higher or lower than radiograph \(other + 1); "
        + "correct the principal points or the isocentre"
    }
  }

  /// The fault with the X-ray's number, from 1.
  public var description: String { "radiograph \(index + 1): \(text)" }

  private static func times(_ factor: Double) -> String {
    factor >= 1
      ? String(format: "%.2g times", factor) : String(format: "1/%.2g", 1 / factor)
  }
}

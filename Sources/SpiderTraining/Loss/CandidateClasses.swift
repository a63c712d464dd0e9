import SpiderCore

/// The way points without a label are taught.
public enum UnlabelledPoints: String, CaseIterable, Codable, Equatable, Sendable {
  /// Their CT number tells which classes they may be: bone, tissue or air (`CandidateClasses`).
  case ctNumber
  /// They count for intensity only.
  case ignored
}

/// The classes that a point without a label may be, by its CT number: what is learned from it is that its class is
/// one of them.
///
/// The cross-entropy of such a point is -log of the sum of its candidates' probabilities, the loss of partially labelled
/// segmentation (Fang & Yan, IEEE TMI 39 (2020) 3619; Shi et al., Medical Image Analysis 70 (2021) 101979, there
/// called marginal loss). Only what is certain is claimed: thin bone in wide voxels has the CT number of what lies
/// about it, so a number below bone's does not say that there is none; between air and tissue nothing is said.
package struct CandidateClasses: Equatable, Sendable {
  /// What a CT number says, with its value in place of a label: the values between the most classes of a scheme (250)
  /// and ``LabelScheme/outsideScan``.
  package enum Kind: UInt8, CaseIterable, Sendable {
    case bone = 251
    case tissue = 252
    case air = 253

    /// What a CT number says, if anything.
    package init?(hu: Float) {
      switch hu {
      case 300...: self = .bone
      case -200..<300: self = .tissue
      case ..<(-500): self = .air
      default: return nil
      }
    }
  }

  /// By kind, 1 for each class that it may be, else 0.
  private let sets: [[Float]]

  /// The candidates among the classes of a scheme. Bone is what the scheme calls bone, and air is none of it. Of the head
  /// it is also known which classes are air; the background of another scheme may hold anything that it does not name.
  package init(_ scheme: LabelScheme) {
    let bone = scheme.boneValues
    let air: Set<UInt8>? = scheme == .head ? [HeadLabel.background, HeadLabel.airCavities] : nil
    sets = Kind.allCases.map { kind in
      (0..<scheme.count).map { index in
        let value = UInt8(index)
        let isIn =
          switch kind {
          case .bone: bone.contains(value)
          case .tissue: air.map { !$0.contains(value) } ?? true
          case .air: air.map { $0.contains(value) } ?? !bone.contains(value)
          }
        return isIn ? 1 : 0
      }
    }
  }

  /// Whether a kind says something: some classes are its candidates, and some are not.
  package func tells(_ kind: Kind) -> Bool {
    let set = sets[Int(kind.rawValue - Kind.bone.rawValue)]
    return set.contains(0) && set.contains(1)
  }

  /// The labels of points, with what their CT numbers say in the place of ``LabelScheme/unknown``.
  package func narrowed(_ labels: [UInt8], hu: [Float]) -> [UInt8] {
    zip(labels, hu).map { label, hu in
      guard label == LabelScheme.unknown, let kind = Kind(hu: hu), tells(kind) else { return label }
      return kind.rawValue
    }
  }

  /// The sets one behind the other, as the kernels read them.
  package func numbers(_ classes: Int) -> [Float] {
    precondition(sets.allSatisfy { $0.count == classes }, "\(classes) classes")
    return sets.flatMap(\.self)
  }
}

import SpiderCore

/// The way points without a label are taught.
public enum UnlabelledPoints: String, Codable, Equatable, Sendable {
  /// Their CT number tells which classes they may be: bone, tissue or air (``CandidateClasses``).
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

  /// The candidates among the classes of a scheme. Bone is what the scheme calls bone, where it calls anything
  /// so. Which class is air is known of the head; elsewhere tissue is only not background, and air not bone.
  package init(_ scheme: LabelScheme) {
    let bone = scheme.boneValues
    func isAir(_ value: UInt8) -> Bool {
      value == HeadLabel.background || scheme == .head && value == HeadLabel.airCavities
    }
    sets = Kind.allCases.map { kind in
      (0..<scheme.count).map { index in
        let value = UInt8(index)
        let isIn =
          switch kind {
          case .bone: bone.isEmpty || bone.contains(value)
          case .tissue: !isAir(value)
          case .air: scheme == .head ? isAir(value) : !bone.contains(value)
          }
        return isIn ? 1 : 0
      }
    }
  }

  /// The labels of points, with what their CT numbers say in the place of ``LabelScheme/unknown``.
  package static func narrowed(_ labels: [UInt8], hu: [Float]) -> [UInt8] {
    zip(labels, hu).map { label, hu in
      label == LabelScheme.unknown ? Kind(hu: hu)?.rawValue ?? label : label
    }
  }

  /// The sets one behind the other, as the kernels read them.
  package func numbers(_ classes: Int) -> [Float] {
    precondition(sets.allSatisfy { $0.count == classes }, "\(classes) classes")
    return sets.flatMap(\.self)
  }
}

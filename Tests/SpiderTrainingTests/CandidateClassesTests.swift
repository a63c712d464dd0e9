import Foundation
import SpiderCore
import SpiderTensor
import SpiderTestSupport
import SpiderTraining
import Testing

/// What points without a label teach: that their class is one of those their CT number allows.
@Suite struct CandidateClassesTests {
  private let candidates = CandidateClasses(.head)

  @Test func ctNumbersTellBoneTissueAndAir() {
    let unknown = LabelScheme.unknown
    let hu: [Float] = [
      -1000, -501, -500, -201, -200, 0, 99, 100, 299, 300, 3000, .nan, .infinity, 0, 300,
    ]
    let labels = [UInt8](repeating: unknown, count: 13) + [3, LabelScheme.outsideScan]
    let expected: [UInt8] = [
      253, 253, unknown, unknown, 252, 252, 252, 252, 252, 251, 251, unknown, 251, 3,
      LabelScheme.outsideScan,
    ]
    #expect(candidates.narrowed(labels, hu: hu) == expected)
  }

  @Test func theHeadsClassesAreSharedOut() {
    // Bone; tissue; air, of background, soft tissue, intracranial, skull, mandible, spine, air cavities.
    #expect(
      candidates.numbers(7) == [
        0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 1,
      ])
  }

  /// Of other schemes only what they call bone is known: their background may hold anything that they do not name.
  @Test func otherSchemesClaimLess() {
    let names = ["background", "lung", "heart", "ribs"]
    let hu: [Float] = [-1000, 0, 500]
    let unknown = [UInt8](repeating: LabelScheme.unknown, count: 3)
    func narrowed(_ classes: [String], bone: [String]) -> [UInt8] {
      CandidateClasses(LabelScheme(name: "other", classes: classes, bone: bone))
        .narrowed(unknown, hu: hu)
    }
    let chest = CandidateClasses(LabelScheme(name: "chest", classes: names, bone: ["ribs"]))
    #expect(chest.numbers(4) == [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0])
    #expect(narrowed(names, bone: ["ribs"]) == [253, LabelScheme.unknown, 251])
    #expect(narrowed(["background", "bone"], bone: ["bone"]) == [253, LabelScheme.unknown, 251])
    // Sets of nothing or of everything say nothing, and such points do not count.
    #expect(narrowed(names, bone: []) == unknown)
    #expect(narrowed(["background"], bone: []) == unknown)
    #expect(narrowed(["background"], bone: ["background"]) == unknown)
  }

  private let labels: [UInt8] = [0, 251, 252, 253, 3, LabelScheme.unknown, 254, 251, 6, 252]

  /// The terms, and the gradients in the places of intensity and logits.
  private func terms(
    _ x: [Float], _ z: [Float], candidates: CandidateClasses?
  ) -> (terms: LossTerms, z: [Float]) {
    var (x, z) = (Tensor([10], x), Tensor([10, 7], z))
    let loss = JointLoss(
      weights: LossWeights(intensity: 2, crossEntropy: 0.7, dice: 1.3), candidates: candidates)
    let terms = loss(
      intensity: x.mutableSlice(), logits: z.mutableSlice(),
      trueIntensity: Tensor([10], randomValues(10, seed: 3)).slice, labels: labels)
    return (terms, z.values)
  }

  @Test func gradientsAgreeWithDifferences() {
    let (x, z) = (randomValues(10, seed: 1), randomValues(70, seed: 2))
    let result = terms(x, z, candidates: candidates)
    expectGradient(
      result.z, of: { terms(x, $0, candidates: candidates).terms.total }, at: z, step: 1e-3,
      "logits")
    // Unknown for good, and outside the scan: nothing.
    #expect(result.z[35..<49].allSatisfy { $0 == 0 })
    #expect(result.z[7..<28].contains { $0 != 0 })
    // Not told what the labels mean, they mean nothing.
    #expect(terms(x, z, candidates: nil).z[7..<28].allSatisfy { $0 == 0 })
  }

  @Test func crossEntropyIsThatOfAllCandidates() {
    let z = randomValues(70, seed: 2)
    let sets = candidates.numbers(7)
    var (sum, count) = (0.0, 0.0)
    for (point, label) in labels.enumerated() where label < 7 || (251...253).contains(label) {
      let q = z[7 * point..<7 * point + 7].map { exp(Double($0)) }
      let allowed = (0..<7).filter { index in
        label < 7 ? index == Int(label) : sets[7 * Int(label - 251) + index] > 0
      }
      sum -= log(allowed.reduce(0) { $0 + q[$1] } / q.reduce(0, +))
      count += 1
    }
    let found = terms(randomValues(10, seed: 1), z, candidates: candidates).terms
    expectClose(found.crossEntropy, sum / count, rtol: 1e-6, atol: 0)
  }

  /// Where no candidate has any probability left, numbers stay numbers, and the gradient leads back.
  @Test func theImpossibleIsLearned() {
    var z = [Float](repeating: 0, count: 70)
    // Of point 1, bone by its CT number, air is certain.
    z[7 + 6] = 1000
    let result = terms(randomValues(10, seed: 1), z, candidates: candidates)
    #expect(result.terms.isFinite)
    #expect(result.z.allSatisfy { $0.isFinite })
    #expect(result.z[7 + 6] > 0)
  }
}

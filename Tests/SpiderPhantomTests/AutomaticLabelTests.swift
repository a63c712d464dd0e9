import SpiderAnatomy
import SpiderCore
import SpiderPhantom
import SpiderSupport
import SpiderTestSupport
import Testing

/// Automatic labels against the exact ones of phantoms, with noise. `Benchmarks` measures 20 heads at
/// 1 mm, as `prepare` labels them; here are two at 2 mm, where a third of all bone voxels are partial
/// and so even exact thresholds reach no more: hence the lower limits.
struct AutomaticLabelTests {
  @Test(.slow, arguments: [UInt64(3), 11])
  func agreeWithThePhantom(seed: UInt64) {
    let options = HeadPhantom.Options(scannerBlur: 0.8...2)
    var (ct, exact) = HeadPhantom(seed: seed, options: options).render()
    var random = SeededGenerator(seed: seed)
    for index in ct.values.indices { ct.values[index] += 30 * Float(random.normal()) }
    let found = AutomaticLabeller().labels(of: ct)
    func dice(_ labels: UInt8...) -> Double {
      var (both, sum) = (0, 0)
      for (a, b) in zip(found.values, exact.values) {
        let (inA, inB) = (labels.contains(a), labels.contains(b))
        both += inA && inB ? 1 : 0
        sum += (inA ? 1 : 0) + (inB ? 1 : 0)
      }
      return 2 * Double(both) / Double(max(1, sum))
    }
    #expect(dice(HeadLabel.skull, HeadLabel.mandible, HeadLabel.cervicalSpine) > 0.88)
    #expect(dice(HeadLabel.mandible) > 0.85)
    #expect(dice(HeadLabel.cervicalSpine) > 0.8)
    #expect(dice(HeadLabel.softTissue) > 0.95)
    #expect(dice(HeadLabel.intracranial) > 0.97)
    #expect(dice(HeadLabel.airCavities) > 0.85)
    #expect(dice(HeadLabel.background) > 0.99)
  }
}

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

  /// A scan that ends behind the front of the jaw shows no chin either, and nothing further back is taken for one.
  @Test(arguments: [UInt64(502), 7])
  func whatIsBehindACutChinIsNoJaw(seed: UInt64) throws {
    var (ct, exact) = HeadPhantom(seed: seed).render(on: .canonical(size: 96))
    let grid = ct.grid
    let jaw = exact.values.indices.filter { exact.values[$0] == HeadLabel.mandible }
    let front = try #require(jaw.map { grid.voxel(at: $0).y }.max()) - 10  // 27 mm behind the chin
    let covered = Mask(
      grid: grid, values: ct.values.indices.map { grid.voxel(at: $0).y <= front })
    for index in ct.values.indices where !covered.values[index] { ct.values[index] = -1000 }
    let found = AutomaticLabeller().labels(of: ct, covered: covered)
    func share(of bone: UInt8, called label: UInt8) -> Double {
      let places = exact.values.indices.filter { exact.values[$0] == bone && covered.values[$0] }
      return Double(places.count { found.values[$0] == label }) / Double(max(1, places.count))
    }
    #expect(share(of: HeadLabel.mandible, called: HeadLabel.skull) < 0.1)
    #expect(share(of: HeadLabel.cervicalSpine, called: HeadLabel.mandible) < 0.05)
  }

  /// A scan that ends within the jaw shows no chin. What is left of the jaw may be any bone: it is unknown, not skull.
  @Test(arguments: [UInt64(7), 9002])
  func aJawWithoutItsChinIsUnknown(seed: UInt64) throws {
    var (ct, exact) = HeadPhantom(seed: seed).render(on: .canonical(size: 96))
    let grid = ct.grid
    let rows = grid.nx * grid.ny
    let slices = (0..<grid.nz).filter { k in
      exact.values[k * rows..<(k + 1) * rows].contains(HeadLabel.mandible)
    }
    // Cut higher and higher above the chin, until none is found.
    let chin = try #require(slices.first)
    var cut = 0
    var covered = Mask(grid: grid, repeating: true)
    var (found, findings) = AutomaticLabeller().examine(ct, covered: covered)
    #expect(findings.missing["mandible"] == nil)
    while findings.missing["mandible"] == nil, cut < 28 {
      cut += 4
      let bottom = chin + cut
      covered = Mask(grid: grid) { k in [Bool](repeating: k >= bottom, count: rows) }
      for index in ct.values.indices where !covered.values[index] { ct.values[index] = -1000 }
      (found, findings) = AutomaticLabeller().examine(ct, covered: covered)
    }
    #expect(findings.missing["mandible"] != nil)
    func share(of bone: UInt8, called label: UInt8) -> Double {
      let places = exact.values.indices.filter {
        exact.values[$0] == bone && covered.values[$0]
      }
      #expect(places.count > 100)
      return Double(places.count { found.values[$0] == label }) / Double(places.count)
    }
    let jaw = HeadLabel.mandible
    #expect(share(of: jaw, called: HeadLabel.skull) < 0.1)
    #expect(share(of: jaw, called: LabelScheme.unknown) > 0.8)
    #expect(share(of: HeadLabel.skull, called: HeadLabel.skull) > 0.75)
  }
}

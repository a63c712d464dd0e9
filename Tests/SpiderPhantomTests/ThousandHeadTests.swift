import SpiderCore
import SpiderPhantom
import SpiderSupport
import SpiderTestSupport
import Testing

@Suite("A thousand heads")
struct ThousandHeadTests {
  /// What is wrong with a head, if anything.
  private struct Fault: Sendable {
    let seed: UInt64
    let what: String
  }

  @Test("no NaN, no value off the scale, no invalid label, no class or landmark missing", .slow)
  func sound() {
    let grid = VoxelGrid.canonical(size: 24)
    let names = Set(HeadStructure.named.map(\.structure.value))
    let faults = Parallel.map(1000) { index -> [Fault] in
      let seed = UInt64(index)
      let head = HeadPhantom(seed: seed)
      let (ct, labels, structures) = head.renderStructures(on: grid)
      var faults: [Fault] = []
      func check(_ holds: Bool, _ what: @autoclosure () -> String) {
        if !holds { faults.append(Fault(seed: seed, what: what())) }
      }
      check(ct.values.allSatisfy { $0 >= -1024 && $0 <= 3071 }, "CT numbers off the scale or NaN")
      check(labels.values.allSatisfy { $0 < 7 }, "an invalid label")
      check(structures.values.allSatisfy(names.contains), "an invalid structure")
      for label in UInt8(0)..<7 {
        check(labels.values.contains(label), "no \(LabelScheme.head.classes[Int(label)])")
      }
      let marks = head.landmarks
      // All but the four biting edges are in every head.
      let always = marks.filter { !$0.name.hasPrefix("incisor") }
      check(always.count == 38, "\(always.count) landmarks: \(always.map(\.name))")
      check(
        marks.allSatisfy { mark in (0..<3).allSatisfy { abs(mark.point[$0]) < 150 } },
        "a landmark far off")
      return faults
    }
    for fault in faults.flatMap({ $0 }) { Issue.record("seed \(fault.seed): \(fault.what)") }
  }
}

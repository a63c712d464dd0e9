import SpiderCore
import SpiderPhantom
import SpiderSupport
import Testing

@Suite("Fine structures")
struct StructureTests {
  /// What not every head has: wisdom teeth, vertebrae below the field of view, surgery.
  private static let optional: Set<String> = [
    "tooth_18", "tooth_28", "tooth_38", "tooth_48", "c7", "t1", "plate_on_skull",
    "plate_on_mandible",
    "bone_flap",
  ]

  @Test("values and names are unique, and every structure lies within a class")
  func table() {
    let named = HeadStructure.named
    #expect(Set(named.map(\.structure.value)).count == named.count)
    #expect(Set(named.map(\.name)).count == named.count)
    #expect(named.allSatisfy { Int($0.structure.label) < LabelScheme.head.count })
    #expect(HeadStructure(name: "tooth_36")?.value == 136)
    #expect(HeadStructure(name: "tooth_36")?.label == HeadLabel.mandible)
    #expect(HeadStructure(name: "tooth_11")?.label == HeadLabel.skull)
    #expect(HeadStructure(name: "c2")?.label == HeadLabel.cervicalSpine)
    #expect(HeadStructure.name(of: 254) == nil)
  }

  @Test("an intact head has every structure, each in its class and on its side", arguments: [1, 2])
  func present(seed: Int) {
    // Straight, so that sides are sides.
    var options = HeadPhantom.Options.intact
    options.maximumTurnDegrees = 0
    options.maximumNodDegrees = 0
    options.maximumShift = 0
    let head = HeadPhantom(seed: UInt64(seed), options: options)
    let (_, labels, structures) = head.renderStructures(on: .canonical(size: 128))
    var count = [Int](repeating: 0, count: 256)
    var right = count
    var disagreeing = 0
    let label = Dictionary(
      uniqueKeysWithValues: HeadStructure.named.map { ($0.structure.value, $0.structure.label) })
    for (index, value) in structures.values.enumerated() {
      count[Int(value)] += 1
      let voxel = structures.grid.voxel(at: index)
      if structures.grid.worldPoint(Double(voxel.x), 0, 0).x > 0 { right[Int(value)] += 1 }
      if label[value] != labels.values[index] { disagreeing += 1 }
    }
    #expect(disagreeing == 0)
    for (structure, name) in HeadStructure.named where !Self.optional.contains(name) {
      let found = count[Int(structure.value)]
      #expect(found > 0, "\(name) is missing")
      // Heads are a little lopsided.
      let share = Double(right[Int(structure.value)]) / Double(max(found, 1))
      if name.hasSuffix("_right") { #expect(share > 0.8, "\(name): \(share) at x > 0") }
      if name.hasSuffix("_left") { #expect(share < 0.2, "\(name): \(share) at x > 0") }
    }
  }

  @Test("the map of structures does not depend on workers, and render gives the same CT")
  func deterministic() {
    let grid = VoxelGrid.canonical(size: 40)
    let head = HeadPhantom(seed: 12)
    let alone = Parallel.withWorkerCount(1) { head.renderStructures(on: grid) }
    let shared = Parallel.withWorkerCount(3) { head.renderStructures(on: grid) }
    #expect(alone.structures == shared.structures)
    let plain = head.render(on: grid)
    #expect(plain.ct == alone.ct && plain.labels == alone.labels)
  }
}

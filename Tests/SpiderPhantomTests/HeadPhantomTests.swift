import SpiderCore
import SpiderPhantom
import SpiderSupport
import SpiderTestSupport
import Testing

@Suite("Head phantom")
struct HeadPhantomTests {
  @Test("the same seed gives the same bits, on any number of workers")
  func deterministic() {
    let grid = VoxelGrid.canonical(size: 48)
    let alone = Parallel.withWorkerCount(1) { HeadPhantom(seed: 7).render(on: grid) }
    let shared = Parallel.withWorkerCount(5) { HeadPhantom(seed: 7).render(on: grid) }
    #expect(alone.ct.values.map(\.bitPattern) == shared.ct.values.map(\.bitPattern))
    #expect(alone.labels == shared.labels)
    let other = HeadPhantom(seed: 8).render(on: grid)
    #expect(alone.ct.values != other.ct.values)
    #expect(alone.labels != other.labels)
  }

  @Test("every class is there in every head, with CT numbers of its tissue", arguments: 1...10)
  func classes(seed: Int) {
    let head = HeadPhantom(seed: UInt64(seed)).render(on: .canonical(size: 64))
    #expect(head.ct.values.allSatisfy { $0 >= -1000 && $0 <= 3071 })
    // Least volumes in voxels of 64 mm3: far below an adult's, far above a stray voxel.
    let least: [UInt8: Int] = [
      HeadLabel.background: 100_000, HeadLabel.softTissue: 15_000, HeadLabel.intracranial: 13_000,
      HeadLabel.skull: 6000, HeadLabel.mandible: 500, HeadLabel.cervicalSpine: 500,
      HeadLabel.airCavities: 500,
    ]
    var voxels = [Int](repeating: 0, count: 256)
    var sums = [Double](repeating: 0, count: 256)
    for (label, value) in zip(head.labels.values, head.ct.values) {
      voxels[Int(label)] += 1
      sums[Int(label)] += Double(value)
    }
    #expect(voxels[7...].allSatisfy { $0 == 0 })
    for (label, count) in least {
      let found = voxels[Int(label)]
      #expect(found > count, "label \(label): \(found) voxels")
      let mean = sums[Int(label)] / Double(max(found, 1))
      switch label {
      case HeadLabel.background: #expect(mean < -900)
      case HeadLabel.airCavities: #expect(mean < -500)
      case HeadLabel.softTissue: #expect(mean > -150 && mean < 120)
      case HeadLabel.intracranial: #expect(mean > 10 && mean < 120)
      default: #expect(mean > 300 && mean < 1500, "label \(label): mean \(mean)")
      }
    }
  }

  @Test("deep inside the brain there is brain, liquor and nothing else")
  func brain() {
    // Voxels whose whole neighbourhood has one class hold no share of another one.
    // Scanned in thin slices: thick ones blur the skull into the brain.
    let thin = HeadPhantom.Options(scannerBlur: 0.8...1.6)
    let head = HeadPhantom(seed: 3, options: thin).render(on: .canonical(size: 64))
    var values: [Float] = []
    for k in 1..<63 {
      for j in 1..<63 {
        for i in 1..<63 where head.labels[i, j, k] == HeadLabel.intracranial {
          let isDeep = (0..<27).allSatisfy { n in
            head.labels[i + n % 3 - 1, j + n / 3 % 3 - 1, k + n / 9 - 1] == HeadLabel.intracranial
          }
          if isDeep { values.append(head.ct[i, j, k]) }
        }
      }
    }
    #expect(values.count > 8000)
    // Edges reach into a neighbour when they are oblique: a few voxels near the bone may be brighter.
    // The densest brains have 66 HU in their grey matter.
    #expect(values.count { $0 < 0 || $0 > 85 } * 100 < values.count)
  }

  @Test(
    "the crown is 12 mm under the top of the field of view, the head centred", .slow,
    arguments: 1...4)
  func placement(seed: Int) {
    let still = HeadPhantom.Options(maximumShift: 0)
    let head = HeadPhantom(seed: UInt64(seed), options: still).render(on: .canonical(size: 96))
    let box = extent(of: head.labels) { $0 != HeadLabel.background }
    // Voxel centres inside reach to within a voxel of the surface.
    expectClose(box.high.z, 116, atol: 2.7, "crown")
    let upper = extent(of: head.labels, above: 116 - 140) { $0 != HeadLabel.background }
    expectClose((upper.low.x + upper.high.x) / 2, 0, atol: 3, "left-right")
    expectClose((upper.low.y + upper.high.y) / 2, 0, atol: 3, "front-back")
  }

  @Test("the parts lie as in a patient", arguments: 1...6)
  func anatomicalOrder(seed: Int) {
    let labels = HeadPhantom(seed: UInt64(seed)).render(on: .canonical(size: 64)).labels
    func center(_ label: UInt8, above z: Double = -1000) -> Vector3 {
      middle(of: labels, above: z) { $0 == label }
    }
    let brain = center(HeadLabel.intracranial)
    let jaw = center(HeadLabel.mandible)
    let spine = center(HeadLabel.cervicalSpine)
    let air = center(HeadLabel.airCavities)
    let all = center(HeadLabel.skull)
    #expect(jaw.z < brain.z - 60)
    // 100 mm below the brain, a nod of 22 degrees carries it 40 mm back.
    #expect(jaw.y > brain.y, "the face looks towards +y")
    #expect(spine.y < air.y - 15, "the spine is behind the airway")
    #expect(spine.y < jaw.y - 40)
    #expect(spine.z < brain.z - 80)
    #expect(air.y > brain.y, "the sinuses are in front")
    #expect(abs(all.x) < 8 && abs(jaw.x) < 15)
    // The neck reaches the bottom of the field of view.
    let bottom = (0..<64).contains { i in (0..<64).contains { labels[i, $0, 0] != 0 } }
    #expect(bottom)
  }

  @Test("the lower jaw touches no skull: there is a joint gap", arguments: [1, 2, 3])
  func jointGap(seed: Int) {
    // A box of 1 mm voxels about the right and left condyles.
    let head = HeadPhantom(seed: UInt64(seed))
    for side in [-1.0, 1.0] {
      let box = VoxelGrid(
        nx: 40, ny: 40, nz: 40, boxFrom: Vector3(side * 50 - 20, -20, -45),
        to: Vector3(side * 50 + 20, 20, -5))
      let labels = head.render(on: box).labels
      #expect(labels.values.contains(HeadLabel.mandible))
      #expect(labels.values.contains(HeadLabel.skull))
      var contacts = 0
      for k in 0..<39 {
        for j in 0..<39 {
          for i in 0..<39 where labels[i, j, k] == HeadLabel.mandible {
            let near = [labels[i + 1, j, k], labels[i, j + 1, k], labels[i, j, k + 1]]
            if near.contains(HeadLabel.skull) { contacts += 1 }
          }
        }
      }
      #expect(contacts == 0)
    }
  }

  @Test("no bone lies bare: skin covers it", .slow, arguments: 1...6)
  func skinCoversBone(seed: Int) {
    let labels = HeadPhantom(seed: UInt64(seed)).render(on: .canonical(size: 128)).labels
    let bones = LabelScheme.head.boneValues
    var bare = 0
    for k in 1..<127 {
      for j in 1..<127 {
        for i in 1..<127 where bones.contains(labels[i, j, k]) {
          let near = [
            labels[i - 1, j, k], labels[i + 1, j, k], labels[i, j - 1, k], labels[i, j + 1, k],
            labels[i, j, k - 1], labels[i, j, k + 1],
          ]
          if near.contains(HeadLabel.background) { bare += 1 }
        }
      }
    }
    #expect(bare == 0)
  }

  @Test("labels and values at a point do not depend on the grid")
  func resolutionIndependent() {
    let head = HeadPhantom(seed: 5)
    let coarse = head.render(on: .canonical(size: 64))
    // A finer grid whose every second centre is a coarse centre: labels must be the very same.
    let grid = coarse.ct.grid
    let fineGrid = VoxelGrid(
      nx: 128, ny: 128, nz: 128,
      affine: Affine(scale: Vector3(2, 2, 2), translation: grid.affine.translation))
    let fine = head.render(on: fineGrid)
    var differing = 0
    for k in 0..<64 {
      for j in 0..<64 {
        for i in 0..<64 where coarse.labels[i, j, k] != fine.labels[2 * i, 2 * j, 2 * k] {
          differing += 1
        }
      }
    }
    #expect(differing == 0)
  }

  @Test("a coarse voxel has the mean of the fine voxels in it")
  func partialVolume() {
    let head = HeadPhantom(seed: 5)
    let coarse = head.render(on: .canonical(size: 64)).ct
    let fine = head.render(on: .canonical(size: 128)).ct
    var squares = 0.0
    var sums = (coarse: 0.0, fine: 0.0)
    for k in 0..<64 {
      for j in 0..<64 {
        for i in 0..<64 {
          var mean = 0.0
          for n in 0..<8 {
            mean += Double(fine[2 * i + n % 2, 2 * j + n / 2 % 2, 2 * k + n / 4]) / 8
          }
          let value = Double(coarse[i, j, k])
          squares += (value - mean) * (value - mean)
          sums.coarse += value
          sums.fine += mean
        }
      }
    }
    let count = Double(coarse.values.count)
    // Edge ramps are exact on flat edges only; a wrong place or a lost structure costs far more
    // (shifting the head by one 4 mm voxel gives 250 HU).
    #expect((squares / count).squareRoot() < 90)
    expectClose(sums.coarse / count, sums.fine / count, atol: 5, "mean of the volume")
  }

  /// Lowest and highest world coordinates of the voxels that match.
  private func extent(
    of labels: LabelVolume, above z: Double = -1000, where matches: (UInt8) -> Bool
  ) -> (low: Vector3, high: Vector3) {
    var low = Vector3(repeating: .infinity)
    var high = Vector3(repeating: -.infinity)
    visit(labels, above: z, where: matches) { point in
      low = pointwiseMin(low, point)
      high = pointwiseMax(high, point)
    }
    return (low, high)
  }

  /// The mean world place of the voxels that match.
  private func middle(
    of labels: LabelVolume, above z: Double, where matches: (UInt8) -> Bool
  ) -> Vector3 {
    var sum = Vector3.zero
    var count = 0.0
    visit(labels, above: z, where: matches) { point in
      sum += point
      count += 1
    }
    return sum / max(count, 1)
  }

  private func visit(
    _ labels: LabelVolume, above z: Double, where matches: (UInt8) -> Bool,
    _ body: (Vector3) -> Void
  ) {
    for (index, label) in labels.values.enumerated() where matches(label) {
      let voxel = labels.grid.voxel(at: index)
      let point = labels.grid.worldPoint(Double(voxel.x), Double(voxel.y), Double(voxel.z))
      if point.z > z { body(point) }
    }
  }
}

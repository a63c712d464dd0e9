import SpiderAnatomy
import SpiderImaging
import SpiderSupport
import SpiderTestSupport
import Testing

/// Which numbers are those of a CT, and which of a file are scan.
struct CTNumberTests {
  /// The default head with noise of 8 HU everywhere.
  private static let noisy: Volume = {
    var ct = SyntheticHead(hasTable: false).ct()
    var random = SeededGenerator(seed: 11)
    for index in ct.values.indices { ct.values[index] += 8 * Float(random.normal()) }
    return ct
  }()

  private func mapped(_ change: (Float) -> Float) -> Volume {
    Self.noisy.withValues(Self.noisy.values.map(change))
  }

  @Test func aHeadInHUIsInOrder() {
    for ct in [Self.noisy, SyntheticHead.onTable, mapped { max($0, -1024).rounded() }] {
      let numbers = CTNumbers(ct)
      #expect(numbers.fault == nil && numbers.notes.isEmpty, "\(numbers.notes)")
    }
  }

  @Test(arguments: [Float(1024), 1100])
  func storedValuesAreShifted(offset: Float) throws {
    // As a scanner stores them: whole, none below 0.
    let numbers = CTNumbers(mapped { max(0, ($0 + offset).rounded()) })
    guard case .shifted(let air, let tissue) = numbers.fault else {
      Issue.record("\(String(describing: numbers.fault))")
      return
    }
    expectClose(Double(air), Double(offset) - 1000, atol: 25)
    expectClose(Double(tissue), Double(offset) + 35, atol: 40)
    #expect(numbers.notes[0].contains("not CT numbers in HU"))
  }

  @Test func otherScalesAreNamed() {
    func fault(_ change: (Float) -> Float) -> CTNumberFault? { CTNumbers(mapped(change)).fault }
    func isScaled(_ fault: CTNumberFault?) -> Bool {
      if case .scaled? = fault { true } else { false }
    }
    func unit(_ hu: Float) -> Float { min(1, max(0, (hu + 1000) / 3000)) }
    if case .normalized? = fault(unit) {} else { Issue.record("0 to 1") }
    if case .normalized? = fault({ 2 * unit($0) - 1 }) {} else { Issue.record("-1 to 1") }
    if case .normalized? = fault({ 0.02 * (1 + $0 / 1000) }) {} else { Issue.record("per mm") }
    if case .eightBit? = fault({ (255 * unit($0)).rounded() }) {} else { Issue.record("0 to 255") }
    #expect(isScaled(fault { 7 * $0 }))
    #expect(isScaled(fault { 0.6 * $0 + 400 }))
    if case .inverted? = fault({ -$0 }) {} else { Issue.record("negated") }
    if case .wrapped? = fault({ $0 < 0 ? $0.rounded() + 65536 : $0.rounded() }) {
    } else {
      Issue.record("unsigned")
    }
    if case .clipped? = fault({ min(240, max(-160, $0)) }) {} else { Issue.record("a window") }
  }

  @Test func constantVolumes() {
    let grid = VoxelGrid.canonical(size: 8, side: 64)
    #expect(CTNumbers(Volume(grid: grid, repeating: 40)).fault == .constant(40))
    #expect(CTNumbers(Volume(grid: grid, repeating: .nan)).fault == .notFinite)
    #expect(CTNumbers(Volume(grid: grid, repeating: -1000)).fault == nil)
  }

  /// Air of one value at -7000 must not pass for padding of -7000.
  @Test func airOfAnotherScaleIsNoPadding() {
    let numbers = CTNumbers(
      SyntheticHead(hasTable: false).ct().withValues(
        SyntheticHead(hasTable: false).ct().values.map { 7 * $0 }))
    #expect(numbers.fault != nil)
  }

  @Test func aBoxWithoutAirGetsAWordAndNoMore() {
    let head = SyntheticHead()
    var random = SeededGenerator(seed: 2)
    let grid = VoxelGrid(
      nx: 40, ny: 40, nz: 40, boxFrom: head.center + Vector3(15, -20, -10),
      to: head.center + Vector3(62, 20, 45))
    let box = Volume(
      grid: grid,
      values: (0..<grid.count).map { index in
        let hu = head.hu(grid.worldPoint(of: index))
        // Bone is of many densities.
        return hu + (hu > 900 ? 250 : 8) * Float(random.normal())
      })
    // Some skull in it, no air.
    #expect(box.values.contains { $0 > 900 } && box.values.min() ?? 0 > -500)
    let numbers = CTNumbers(box)
    #expect(numbers.fault == nil)
    #expect(numbers.notes.count == 1 && numbers.notes[0].contains("there is no air"))
  }

  /// Wedges and corners of any one value are no scan, and count as air.
  @Test(arguments: [Float(0), 32767, -3024, -32768, 400])
  func paddingOfAnyValueCountsAsAir(filler: Float) {
    var ct = Self.noisy
    let center = SyntheticHead().center
    var padded = 0
    for index in ct.values.indices {
      let offset = ct.grid.worldPoint(of: index) - center
      guard offset.x * offset.x + offset.y * offset.y > 130 * 130 else { continue }
      ct.values[index] = filler
      padded += 1
    }
    let numbers = CTNumbers(ct)
    #expect(numbers.fault == nil, "\(numbers.notes)")
    #expect(numbers.padding.map(\.value) == [filler])
    expectClose(numbers.padding[0].share, Double(padded) / Double(ct.grid.count), atol: 0.05)
    for index in ct.values.indices where ct.values[index] == filler {
      #expect(numbers.ct.values[index] == -1000)
      if numbers.ct.values[index] != -1000 { return }
    }
    // Nobody needs to hear of a filler that reads as air.
    #expect(numbers.notes.contains { $0.contains("padding") } == (filler > -900))
  }

  @Test func overflowedBoneIsTold() {
    // Bone above 1000 HU wraps around, as in 12 bits stored with an offset.
    let numbers = CTNumbers(mapped { $0 > 1000 ? $0 - 4096 : $0 })
    #expect(numbers.fault == nil)
    #expect(numbers.notes.contains { $0.contains("overflowed") })
  }

  // MARK: The isocentre

  @Test func aPointOutsideIsNamedWithItsMirror() throws {
    let grid = VoxelGrid(
      nx: 10, ny: 10, nz: 10, boxFrom: Vector3(-90, 112, -350), to: Vector3(10, 212, -250))
    #expect(OutsidePoint(Vector3(-40, 162, -300), of: grid) == nil)
    let lps = try #require(OutsidePoint(Vector3(40, -162, -300), of: grid))
    expectClose(lps.distance, (30.0 * 30 + 274 * 274).squareRoot(), atol: 0.1)
    #expect(lps.mirrored == Vector3(-40, 162, -300))
    #expect(lps.description.contains("LPS"))
    let far = try #require(OutsidePoint(Vector3(0, 0, 900), of: grid))
    #expect(far.mirrored == nil && !far.description.contains("LPS"))
  }

  @Test func anIsocentreFarOutsideIsRefused() {
    let head = SyntheticHead()
    let far = head.center + Vector3(0, 0, 500)
    #expect {
      try HeadPreparation(size: 16, isocenter: .point(far)).prepare(SyntheticHead.onTable)
    } throws: { error in
      if case PreparationError.isocenterOutside = error { true } else { false }
    }
  }
}

import SpiderCore
import SpiderPhantom
import SpiderTestSupport
import Testing

@Suite("Teeth, surgery and injuries")
struct OptionTests {
  private typealias Options = HeadPhantom.Options
  private static let teeth: ClosedRange<UInt8> = 111...148

  private func render(
    _ seed: Int, _ options: HeadPhantom.Options, size: Int = 64
  ) -> (ct: Volume, labels: LabelVolume, structures: LabelVolume) {
    HeadPhantom(seed: UInt64(seed), options: options).renderStructures(on: .canonical(size: size))
  }

  private func value(_ name: String) throws -> UInt8 {
    try #require(HeadStructure(name: name)).value
  }

  @Test("intact heads have all teeth and no metal", arguments: [1, 2])
  func intact(seed: Int) throws {
    let head = render(seed, .intact, size: 96)
    // Noise and enamel together stay well below metal, which fills whole voxels at 3071 HU.
    #expect(head.ct.values.allSatisfy { $0 < 2700 })
    let found = Set(head.structures.values.filter(Self.teeth.contains))
    #expect(found.filter { $0 % 10 < 8 }.count == 28)
    #expect(!head.structures.values.contains { $0 >= 230 })
  }

  @Test("a head without teeth has none, and less of the ridges", arguments: [1, 2])
  func edentulous(seed: Int) {
    var options = Options.intact
    let whole = render(seed, options)
    options.edentulousProbability = 1
    let bare = render(seed, options)
    #expect(!bare.structures.values.contains(where: Self.teeth.contains))
    let mandible = { (labels: LabelVolume) in labels.values.count { $0 == HeadLabel.mandible } }
    #expect(Double(mandible(bare.labels)) < 0.9 * Double(mandible(whole.labels)))
  }

  @Test("dental metal shows at the top of the scale, in teeth", arguments: 1...3)
  func metal(seed: Int) throws {
    var options = Options.intact
    options.metalProbability = 1
    // In thin slices: in thick ones a crown is a part of what it is averaged with.
    options.scannerBlur = 0.8...2
    let head = try renderTeeth(seed, options)
    var bright = 0
    var inTeeth = 0
    for (value, part) in zip(head.ct.values, head.structures.values) where value > 2800 {
      bright += 1
      if Self.teeth.contains(part) { inTeeth += 1 }
    }
    #expect(bright > 3)
    // Edges spread over a voxel into what is beside the tooth.
    #expect(Double(inTeeth) > 0.6 * Double(bright), "\(inTeeth) of \(bright)")
  }

  /// The teeth alone, in voxels of 1.25 mm.
  private func renderTeeth(
    _ seed: Int, _ options: HeadPhantom.Options
  ) throws -> (ct: Volume, labels: LabelVolume, structures: LabelVolume) {
    let head = HeadPhantom(seed: UInt64(seed), options: options)
    let menton = try #require(head.landmarks.first { $0.name == "menton" }).point
    let grid = VoxelGrid(
      nx: 64, ny: 64, nz: 48, boxFrom: menton + Vector3(-40, -60, 5),
      to: menton + Vector3(40, 20, 65))
    return head.renderStructures(on: grid)
  }

  @Test("implants stand where teeth are missing")
  func implants() throws {
    var options = Options.intact
    options.edentulousProbability = 1
    options.implantProbability = 1
    let head = try renderTeeth(5, options)
    #expect(head.structures.values.contains(where: Self.teeth.contains))
    #expect((head.ct.values.max() ?? 0) > 2500)
  }

  @Test("a craniotomy cuts the vault on one side", .slow, arguments: 1...5)
  func craniotomy(seed: Int) throws {
    var options = Options.intact
    let whole = render(seed, options)
    options.craniotomyProbability = 1
    let cut = render(seed, options)
    let flap = cut.structures.values.count { $0 == (HeadStructure(name: "bone_flap")?.value ?? 0) }
    let plates = cut.structures.values.count {
      $0 == (HeadStructure(name: "plate_on_skull")?.value ?? 0)
    }
    // Either the flap is back with plates, or the bone is missing.
    #expect((flap > 60) == (plates > 0))
    var lost = (right: 0, left: 0)
    for index in 0..<whole.labels.values.count
    where whole.labels.values[index] == HeadLabel.skull
      && cut.labels.values[index] != HeadLabel.skull
    {
      let voxel = whole.labels.grid.voxel(at: index)
      if whole.labels.grid.worldPoint(Double(voxel.x), 0, 0).x > 0 {
        lost.right += 1
      } else {
        lost.left += 1
      }
    }
    let (most, least) = (max(lost.right, lost.left), min(lost.right, lost.left))
    #expect(most > 10 && least == 0, "\(lost)")
  }

  @Test("a whole jaw is in one piece")
  func whole() throws { #expect(try pieces(1, Options.intact) == 1) }

  @Test("a broken jaw is in two", .slow, arguments: 1...4)
  func fracture(seed: Int) throws {
    var options = Options.intact
    options.fractureProbability = 1
    #expect(try pieces(seed, options) == 2)
  }

  /// Connected parts (by faces) of the lower jaw's bone of more than 0.1 mL, teeth left
  /// out, in voxels of 1 mm: a gap is at least as wide.
  private func pieces(_ seed: Int, _ options: HeadPhantom.Options) throws -> Int {
    let head = HeadPhantom(seed: UInt64(seed), options: options)
    let menton = try #require(head.landmarks.first { $0.name == "menton" }).point
    let grid = VoxelGrid(
      nx: 120, ny: 112, nz: 100, boxFrom: menton + Vector3(-60, -100, -8),
      to: menton + Vector3(60, 12, 92))
    let structures = head.renderStructures(on: grid).structures
    var isOpen = structures.values.map { (80...89).contains($0) }
    var sizes: [Int] = []
    for start in isOpen.indices where isOpen[start] {
      var stack = [start]
      isOpen[start] = false
      var size = 0
      while let index = stack.popLast() {
        size += 1
        let v = grid.voxel(at: index)
        for (inside, step) in [
          (v.x > 0, -1), (v.x < grid.nx - 1, 1), (v.y > 0, -grid.nx), (v.y < grid.ny - 1, grid.nx),
          (v.z > 0, -grid.nx * grid.ny), (v.z < grid.nz - 1, grid.nx * grid.ny),
        ] where inside && isOpen[index + step] {
          isOpen[index + step] = false
          stack.append(index + step)
        }
      }
      sizes.append(size)
    }
    return sizes.count { $0 > 100 }
  }

  @Test("plates lie on the lower jaw, metal in soft tissue", .slow, arguments: 1...3)
  func plates(seed: Int) throws {
    var options = Options.intact
    options.plateProbability = 1
    let head = render(seed, options, size: 128)
    let plate = try value("plate_on_mandible")
    let values = zip(head.structures.values, head.ct.values).filter { $0.0 == plate }.map(\.1)
    #expect(values.count > 5)
    #expect((values.max() ?? 0) > 1800)
  }

  @Test("age widens the ventricles and thins out bone", arguments: [1, 2])
  func age(seed: Int) throws {
    func measure(_ age: Double) throws -> (ventricles: Int, bone: Double) {
      var options = Options.intact
      options.age = age
      let head = render(seed, options)
      let right = try value("lateral_ventricle_right")
      let bone = zip(head.structures.values, head.ct.values).filter {
        (80...86).contains($0.0) || $0.0 == 60
      }
      return (
        head.structures.values.count { $0 == right },
        bone.reduce(0) { $0 + Double($1.1) } / Double(bone.count)
      )
    }
    let (young, old) = (try measure(22), try measure(88))
    #expect(Double(old.ventricles) > 1.3 * Double(young.ventricles))
    #expect(old.bone < 0.97 * young.bone, "\(young.bone) to \(old.bone) HU")
  }

  @Test("one option leaves what the others give alone")
  func independence() {
    // The jaw's injury comes from its own stream: a craniotomy does not move it.
    var options = Options.intact
    options.fractureProbability = 1
    let alone = render(3, options, size: 64)
    options.craniotomyProbability = 1
    let both = render(3, options, size: 64)
    let jaw = { (labels: LabelVolume) in labels.values.map { $0 == HeadLabel.mandible } }
    #expect(jaw(alone.labels) == jaw(both.labels))
    #expect(alone.labels != both.labels)
  }
}

import SpiderCore
import SpiderPhantom
import SpiderTestSupport
import Testing

/// How heads of a population are built: every trait moves what it is named after.
@Suite struct HeadPopulationTests {
  private struct Rendered {
    let ct: Volume
    let labels: LabelVolume
    let structures: LabelVolume

    func count(_ label: UInt8) -> Int { labels.values.count { $0 == label } }

    func mean(of label: UInt8) -> Double {
      let values = zip(ct.values, labels.values).filter { $0.1 == label }.map { Double($0.0) }
      return values.reduce(0, +) / Double(values.count)
    }

    func count(_ name: String) throws -> Int {
      let value = try #require(HeadStructure(name: name)).value
      return structures.values.count { $0 == value }
    }

    /// Voxels of the patient, cavities and all.
    var body: Int { labels.values.count { $0 != HeadLabel.background } }
  }

  private func render(_ seed: UInt64, _ population: HeadPopulation, size: Int = 64) -> Rendered {
    var options = HeadPhantom.Options.intact
    options.population = population
    let head = HeadPhantom(seed: seed, options: options)
    let (ct, labels, structures) = head.renderStructures(on: .canonical(size: size))
    return Rendered(ct: ct, labels: labels, structures: structures)
  }

  private func changed(_ change: (inout HeadPopulation) -> Void) -> HeadPopulation {
    var population = HeadPopulation.nominal
    change(&population)
    return population
  }

  @Test(arguments: [UInt64(1), 2, 9003])
  func softPartsGrow(seed: UInt64) throws {
    let usual = render(seed, .nominal)
    let padded = render(seed, changed { $0.padding = 8...8 })
    let neck = render(seed, changed { $0.neckDepth = 1.25...1.25 })
    for (name, stout) in [("padding", padded), ("neck", neck)] {
      #expect(Double(stout.body) > 1.02 * Double(usual.body), "\(name)")
      // The bones within are the same; the head's middle, which is the skin's, moves a little.
      for label in [HeadLabel.mandible, HeadLabel.cervicalSpine, HeadLabel.skull] {
        expectClose(
          Double(stout.count(label)), Double(usual.count(label)), rtol: 0.06, atol: 0, name)
      }
    }
    #expect(render(seed, changed { $0.scalp = 10...10 }).body > usual.body)
  }

  @Test(arguments: [UInt64(1), 2, 9003])
  func bonesGetThinnerAndLighter(seed: UInt64) {
    let usual = render(seed, .nominal)
    let thin = render(seed, changed { $0.thinning = 1.5...1.5 })
    #expect(Double(thin.count(HeadLabel.mandible)) < 0.9 * Double(usual.count(HeadLabel.mandible)))
    #expect(thin.count(HeadLabel.skull) < usual.count(HeadLabel.skull))
    let light = render(seed, changed { $0.spongyShare = 0.3...0.3 })
    #expect(light.labels.values == usual.labels.values)
    #expect(light.mean(of: HeadLabel.mandible) < usual.mean(of: HeadLabel.mandible) - 50)
    let compact = render(seed, changed { $0.compactBone = 1000...1000 })
    #expect(compact.mean(of: HeadLabel.skull) < usual.mean(of: HeadLabel.skull) - 50)
  }

  @Test(arguments: [UInt64(1), 2, 9003])
  func airAndVertebraeFollow(seed: UInt64) throws {
    let usual = render(seed, .nominal, size: 96)
    let swollen = render(seed, changed { $0.swelling = 1.5...1.5 }, size: 96)
    #expect(try swollen.count("nasal_cavity") < usual.count("nasal_cavity"))
    #expect(try swollen.count("conchae") > usual.count("conchae"))
    let (open, shut) = (
      render(seed, changed { $0.mouthAir = 1...1 }), render(seed, changed { $0.mouthAir = 0...0 })
    )
    #expect(try shut.count("mouth") < open.count("mouth"))
    let stout = render(seed, changed { $0.vertebrae = 1.15...1.15 }, size: 96)
    let (more, spine) = (stout.count(HeadLabel.cervicalSpine), usual.count(HeadLabel.cervicalSpine))
    #expect(Double(more) > 1.03 * Double(spine), "\(more) \(spine)")
  }

  @Test(arguments: [UInt64(1), 2])
  func densitiesOfSoftTissueShift(seed: UInt64) {
    let low = render(seed, changed { ($0.brain, $0.muscle) = (-30 ... -30, -50 ... -50) })
    let high = render(seed, changed { ($0.brain, $0.muscle) = (20...20, 0...0) })
    // Liquor keeps its own.
    expectClose(
      high.mean(of: HeadLabel.intracranial) - low.mean(of: HeadLabel.intracranial), 50, atol: 12)
    #expect(high.mean(of: HeadLabel.softTissue) > low.mean(of: HeadLabel.softTissue) + 15)
  }

  /// The joint keeps its space however thin the bones are.
  @Test(arguments: [UInt64(1), 2, 3])
  func theJointKeepsItsSpace(seed: UInt64) throws {
    func labels(_ population: HeadPopulation) throws -> [UInt8] {
      var options = HeadPhantom.Options.intact
      options.population = population
      let head = HeadPhantom(seed: seed, options: options)
      let top = try #require(head.landmarks.first { $0.name == "condylion_right" }).point
      return head.render(on: VoxelGrid(nx: 24, ny: 24, nz: 24, boxFrom: top - 6, to: top + 6))
        .labels.values
    }
    let (usual, thin) = try (labels(.nominal), labels(changed { $0.thinning = 1.8...1.8 }))
    #expect(usual.contains(HeadLabel.mandible) && usual.contains(HeadLabel.skull))
    #expect(thin == usual)
  }

  /// However thin their bones: but for the middle of the skin, by which heads are placed, and the thickness of bone.
  @Test(arguments: [UInt64(1), 4, 10, 27, 33, 40, 51])
  func landmarksOfPatientsAreWhereTheyWere(seed: UInt64) throws {
    func landmarks(_ population: HeadPopulation) -> [String: Vector3] {
      var options = HeadPhantom.Options.intact
      (options.population, options.age) = (population, 50)
      let all = HeadPhantom(seed: seed, options: options).landmarks
      return Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.point) })
    }
    let (usual, patient) = (landmarks(.nominal), landmarks(.patients))
    #expect(Set(usual.keys) == Set(patient.keys))
    let moved = try #require(patient["sella"]) - #require(usual["sella"])
    for (name, point) in usual {
      let away = length(try #require(patient[name]) - point - moved)
      #expect(away < 6, "\(name): \(away) mm")
    }
  }

  /// Patients against the nominal heads of the same seeds, in the direction of OpenKBP's (Docs/Phantom.md).
  @Test func patientsAreStouterAndOfLessBone() {
    func bone(_ head: Rendered) -> Double {
      Double(head.ct.values.count { $0 >= 300 }) / Double(head.body)
    }
    for seed in UInt64(1)...6 {
      let (usual, patient) = (render(seed, .nominal), render(seed, .patients))
      #expect(patient.body > usual.body, "\(seed)")
      #expect(patient.count(HeadLabel.mandible) < usual.count(HeadLabel.mandible), "\(seed)")
      #expect(bone(patient) < 0.97 * bone(usual), "\(seed)")
      #expect(patient.count(HeadLabel.airCavities) < usual.count(HeadLabel.airCavities), "\(seed)")
    }
  }
}

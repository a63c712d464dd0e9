import SpiderCore
import SpiderPhantom
import Testing

@Suite("Landmarks and the joint")
struct LandmarkTests {
  private func landmarks(_ head: HeadPhantom) -> [String: Vector3] {
    Dictionary(uniqueKeysWithValues: head.landmarks.map { ($0.name, $0.point) })
  }

  @Test("every landmark is there, and lies to the others as in an adult", arguments: 1...12)
  func arrangement(seed: Int) throws {
    let head = HeadPhantom(seed: UInt64(seed), options: .intact)
    let marks = landmarks(head)
    func mark(_ name: String) throws -> Vector3 { try #require(marks[name], "\(name) is missing") }
    func apart(_ a: String, _ b: String) throws -> Double { length(try mark(a) - mark(b)) }

    let paired = [
      "porion", "orbitale", "zygion", "mastoid_tip", "condylion", "coronoid_tip", "gonion",
      "eye_center", "incisor_edge_upper", "incisor_edge_lower",
    ]
    for name in paired {
      let (right, left) = (try mark("\(name)_right"), try mark("\(name)_left"))
      #expect(right.x > left.x, "\(name)")
    }
    let midline = [
      "nasion", "glabella", "anterior_nasal_spine", "posterior_nasal_spine", "a_point", "b_point",
      "pogonion", "menton", "sella", "basion", "opisthion", "bregma", "lambda", "inion",
      "c1_center", "c1_anterior_tubercle", "dens_tip", "c2_center", "c3_center", "c4_center",
      "hyoid",
    ]
    for name in midline { _ = try mark(name) }

    // Adult ranges of cephalometric and craniometric distances, mm, with room for the flat vaults
    // of the population.
    let ranges: [(String, String, ClosedRange<Double>)] = [
      ("nasion", "menton", 92...145), ("nasion", "sella", 58...85), ("nasion", "basion", 80...120),
      ("gonion_right", "gonion_left", 78...120), ("zygion_right", "zygion_left", 112...152),
      ("condylion_right", "condylion_left", 82...115), ("basion", "opisthion", 28...44),
      ("condylion_right", "gonion_right", 45...78), ("menton", "gonion_right", 68...105),
      ("anterior_nasal_spine", "posterior_nasal_spine", 40...62),
      ("eye_center_right", "eye_center_left", 54...72), ("bregma", "basion", 110...160),
      ("dens_tip", "basion", 0...14),
    ]
    for (a, b, range) in ranges {
      let distance = try apart(a, b)
      #expect(range.contains(distance), "\(a) to \(b): \(distance) mm")
    }
    // Down the face, and front to back.
    let down = ["bregma", "glabella", "nasion", "anterior_nasal_spine", "b_point", "menton"]
    for (upper, lower) in zip(down, down.dropFirst()) {
      #expect(try mark(upper).z > mark(lower).z, "\(upper) over \(lower)")
    }
    #expect(try mark("nasion").y > mark("sella").y && mark("sella").y > mark("lambda").y)
    #expect(try mark("basion").y > mark("opisthion").y)
    #expect(
      try mark("c2_center").z > mark("c3_center").z && mark("c3_center").z > mark("c4_center").z)
  }

  @Test(
    "points of bone are on its surface", arguments: [1, 2, 3],
    [HeadPopulation.nominal, .patients])
  func onSurface(seed: Int, population: HeadPopulation) throws {
    var options = HeadPhantom.Options.intact
    options.population = population
    let head = HeadPhantom(seed: UInt64(seed), options: options)
    let marks = landmarks(head)
    let classes: [(String, UInt8)] = [
      ("nasion", HeadLabel.skull), ("anterior_nasal_spine", HeadLabel.skull),
      ("zygion_right", HeadLabel.skull), ("zygion_left", HeadLabel.skull),
      ("mastoid_tip_right", HeadLabel.skull), ("bregma", HeadLabel.skull),
      ("basion", HeadLabel.skull), ("opisthion", HeadLabel.skull),
      ("menton", HeadLabel.mandible), ("pogonion", HeadLabel.mandible),
      ("gonion_right", HeadLabel.mandible), ("gonion_left", HeadLabel.mandible),
      ("condylion_right", HeadLabel.mandible), ("condylion_left", HeadLabel.mandible),
      ("c1_anterior_tubercle", HeadLabel.cervicalSpine), ("dens_tip", HeadLabel.cervicalSpine),
    ]
    for (name, label) in classes {
      let point = try #require(marks[name], "\(name)")
      let box = VoxelGrid(
        nx: 12, ny: 12, nz: 12, boxFrom: point - Vector3(repeating: 1.8),
        to: point + Vector3(repeating: 1.8))
      let labels = head.render(on: box).labels.values
      let share = Double(labels.count { $0 == label }) / Double(labels.count)
      // Bone on one side, something else on the other.
      #expect(share > 0.05 && share < 0.95, "\(name): \(share)")
    }
  }

  @Test("the condyle lies in its fossa, with a gap of 1 to 4 mm and bone above", arguments: 1...8)
  func jointSpace(seed: Int) throws {
    let options = HeadPhantom.Options(maximumJawOpeningDegrees: 3, fractureProbability: 0)
    let head = HeadPhantom(seed: UInt64(seed), options: options)
    let marks = landmarks(head)
    for side in ["right", "left"] {
      let condyle = try #require(marks["condylion_\(side)"])
      let eminence = try #require(marks["porion_\(side)"])
      // Within a few millimetres in front of the ear canal and below the base.
      #expect(condyle.y > eminence.y + 4 && condyle.y < eminence.y + 26)
      // A column of 0.25 mm voxels upwards from a millimetre within the condyle.
      let column = VoxelGrid(
        nx: 1, ny: 1, nz: 60,
        affine: Affine(
          scale: Vector3(repeating: 0.25), translation: condyle - Vector3(0, 0, 1)))
      let labels = head.render(on: column).labels.values
      #expect(labels[0] == HeadLabel.mandible)
      let top = labels.lastIndex(of: HeadLabel.mandible) ?? 0
      let roof = labels.firstIndex(of: HeadLabel.skull)
      let gap = Double((roof ?? 1000) - top - 1) * 0.25
      #expect(gap >= 1 && gap <= 4, "\(side): \(gap) mm")
      // The roof is bone, thin though it is, before the brain begins.
      let bone = labels.count { $0 == HeadLabel.skull }
      #expect(bone >= 3, "\(side): \(Double(bone) * 0.25) mm of roof")
    }
  }

  @Test("the foramen magnum is open", arguments: 1...8)
  func foramen(seed: Int) throws {
    let head = HeadPhantom(seed: UInt64(seed))
    let middle = try #require(landmarks(head)["foramen_magnum_center"])
    // A rod of 10 x 10 mm, 30 mm high.
    let rod = VoxelGrid(
      nx: 10, ny: 10, nz: 30, boxFrom: middle - Vector3(5, 5, 15), to: middle + Vector3(5, 5, 15))
    let labels = head.render(on: rod).labels.values
    let bone = LabelScheme.head.boneValues
    #expect(labels.count { bone.contains($0) } * 20 < labels.count, "bone in the foramen")
    #expect(labels.contains(HeadLabel.intracranial) && labels.contains(HeadLabel.softTissue))
  }
}

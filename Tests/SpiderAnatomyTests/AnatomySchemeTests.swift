import Foundation
import SpiderAnatomy
import SpiderImaging
import SpiderTestSupport
import Testing

/// Schemes and names of labels are data.
struct AnatomySchemeTests {
  private static let trunk = LabelScheme(
    name: "trunk", classes: ["background", "air", "soft", "bone"], bone: ["bone"],
    ranges: [
      LabelRange(label: "air", below: -500), LabelRange(label: "soft", from: -500, below: 200),
      LabelRange(label: "bone", from: 400),
    ])

  @Test func aSchemeOfRangesLabelsWhatIsNoHead() throws {
    let prepared = try HeadPreparation(size: 32, fieldOfView: 320, scheme: Self.trunk)
      .prepare(SyntheticHead.onTable)
    #expect(prepared.isocenter == SyntheticHead.onTable.grid.center)
    #expect(prepared.report.scheme == "trunk" && prepared.report.findings == nil)
    var seen = Set<UInt8>()
    for (hu, label) in zip(prepared.ct.values, prepared.labels.values) {
      seen.insert(label)
      switch label {
      case 1: #expect(hu < -500)
      case 2: #expect(hu >= -500 && hu < 200)
      case 3: #expect(hu >= 400)
      case LabelScheme.unknown: #expect(hu >= 200 && hu < 400)
      case 0: #expect(hu < 100, "outside the body")
      default: #expect(label == LabelScheme.outsideScan)
      }
    }
    #expect(seen.isSuperset(of: [0, 1, 2, 3, LabelScheme.unknown, LabelScheme.outsideScan]))
  }

  /// Only of the head is tissue never background.
  @Test func tissueMayBeBackground() throws {
    let bones = LabelScheme(
      name: "bones", classes: ["background", "bone"], bone: ["bone"],
      ranges: [LabelRange(label: "background", below: 300), LabelRange(label: "bone", from: 300)])
    let prepared = try HeadPreparation(size: 32, fieldOfView: 320, scheme: bones)
      .prepare(SyntheticHead.onTable)
    #expect(Set(prepared.labels.values) == [0, 1, LabelScheme.outsideScan])
  }

  @Test func withoutRangesOnlyTheBackgroundIsKnown() throws {
    let plain = LabelScheme(name: "intensity", classes: ["background"], bone: [])
    let prepared = try HeadPreparation(size: 32, fieldOfView: 320, scheme: plain)
      .prepare(SyntheticHead.onTable)
    #expect(
      Set(prepared.labels.values) == [0, LabelScheme.unknown, LabelScheme.outsideScan])
    #expect(prepared.notes.contains { $0.contains("structure of 100 %") })
  }

  @Test func schemesSurviveJSONAndFaultsAreNamed() throws {
    let data = try JSONEncoder().encode(Self.trunk)
    #expect(try JSONDecoder().decode(LabelScheme.self, from: data) == Self.trunk)
    // What older files hold.
    let old = #"{"name":"head","classes":["background"],"bone":[]}"#
    #expect(try JSONDecoder().decode(LabelScheme.self, from: Data(old.utf8)).ranges == nil)
    #expect(Self.trunk.fault == nil && LabelScheme.head.fault == nil)
    func fault(
      _ classes: [String], name: String = "x", bone: [String] = [], ranges: [LabelRange]? = nil
    ) -> String {
      LabelScheme(name: name, classes: classes, bone: bone, ranges: ranges).fault ?? ""
    }
    #expect(fault(["background"], name: "head").contains("another scheme"))
    #expect(fault(["air"]).contains("background"))
    #expect(fault(["background", "a", "a"]).contains("one name"))
    #expect(fault(["background"], bone: ["b"]).contains("'b'"))
    #expect(fault(["background"], ranges: [LabelRange(label: "c")]).contains("'c'"))
    let empty = LabelRange(label: "background", from: 5, below: 5)
    #expect(fault(["background"], ranges: [empty]).contains("holds nothing"))
  }

  @Test func namesOfTotalSegmentator() throws {
    let total = try #require(LabelNames.totalSegmentator["total"])
    #expect(total.values.count == 117)
    // From its public list of classes.
    for (value, name) in [
      (1, "spleen"), (43, "vertebrae_T1"), (44, "vertebrae_C7"), (50, "vertebrae_C1"),
      (51, "heart"), (79, "spinal_cord"), (90, "brain"), (91, "skull"), (92, "rib_left_1"),
      (117, "costal_cartilages"),
    ] {
      #expect(total.values[String(value)] == name)
    }
    for (task, names) in LabelNames.totalSegmentator {
      #expect(names.fault(for: .head) == nil, "\(task)")
    }
    let table = total.table(for: .head)
    #expect(table[50] == [HeadLabel.cervicalSpine] && table[44] == [HeadLabel.cervicalSpine])
    #expect(table[43] == [] && table[92] == [], "no bones of the head scheme")
    #expect(table[91] == [HeadLabel.skull, HeadLabel.mandible], "it does not divide them")
    #expect(table[0] == [] && table[118] == nil)
    let face = try #require(LabelNames.totalSegmentator["craniofacial_structures"])
      .table(for: .head)
    #expect(face[1] == [HeadLabel.mandible] && face[2] == [HeadLabel.mandible])
    #expect(face[3] == [HeadLabel.skull] && face[7] == [HeadLabel.skull])
    #expect(face[4] == [], "the head as a whole says nothing")
    #expect(face[5] == [HeadLabel.airCavities, HeadLabel.softTissue])
  }

  @Test func namedLabelsAreTranslatedAndTheRestIsFilledIn() throws {
    let ct = SyntheticHead.onTable
    let head = SyntheticHead()
    // Another program's brain (7) and skull (9), the latter in the right half only.
    let names = LabelNames(
      values: [7: "brain", 9: "skull", 3: "chair"],
      classes: ["brain": ["intracranial"], "sku*": ["skull", "mandible"]])
    var given = LabelVolume(grid: ct.grid, repeating: 0)
    for index in given.values.indices {
      let p = ct.grid.worldPoint(of: index)
      let hu = ct.values[index]
      if hu == 35 { given.values[index] = 7 }
      if hu == 1100 && p.x > head.center.x { given.values[index] = 9 }
      if hu == -40 { given.values[index] = 3 }
    }
    let preparation = HeadPreparation(size: 64)
    let prepared = try preparation.prepare(ct, labels: given, names: names)
    #expect(prepared.labelSource.hasPrefix("given by name"))
    // What was given is not told as missing; what nobody found is.
    #expect(prepared.report.findings?.missing["skull"] == nil)
    #expect(prepared.report.findings?.missing["mandible"] != nil)
    var (right, left) = ([UInt8: Int](), [UInt8: Int]())
    for (index, label) in prepared.labels.values.enumerated() where prepared.ct.values[index] > 1000
    {
      let x = prepared.ct.grid.worldPoint(of: index).x - head.center.x
      if x > 6 { right[label, default: 0] += 1 }
      if x < -6 { left[label, default: 0] += 1 }
    }
    // Named bone is skull where the automatic labels agree; unnamed bone is not known to be any.
    #expect(right[HeadLabel.skull] ?? 0 > 1000 && left[HeadLabel.skull] == nil, "\(left)")
    #expect(left[LabelScheme.unknown] ?? 0 > 1000)
    let soft = prepared.labels.values.count { $0 == HeadLabel.softTissue }
    #expect(soft > 1000, "the scalp is filled in")
    given.values[0] = 8
    #expect(throws: PreparationError.unnamedLabel(8)) {
      try preparation.prepare(ct, labels: given, names: names)
    }
  }
}

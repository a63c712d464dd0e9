import SpiderImaging

/// A part of the head finer than the classes of the head scheme: a muscle, a bone, a tooth, a ventricle.
///
/// Every part lies within one class, so a map of parts always agrees with the map of classes: see
/// ``label``. The values are stable; ``named`` lists them all.
public struct HeadStructure: Hashable, Sendable {
  /// The value in a map of structures.
  public let value: UInt8
  /// The class of the head scheme that it belongs to.
  public let label: UInt8

  @inline(__always) init(_ value: UInt8, _ label: UInt8) {
    self.value = value
    self.label = label
  }

  /// The part of a side: right ones first.
  @inline(__always) func on(_ side: Int) -> HeadStructure {
    HeadStructure(value + UInt8(truncatingIfNeeded: side), label)
  }

  /// A tooth in the numbering of the World Dental Federation (ISO 3950): value 100 + number, so that 111
  /// is the upper right middle incisor. `place` counts from the middle, 0 to 7; `side` is 0 right, 1 left.
  @inline(__always) static func tooth(upper: Bool, side: Int, place: Int) -> HeadStructure {
    let quadrant = upper ? 1 + side : 4 - side
    return HeadStructure(
      UInt8(truncatingIfNeeded: 101 + 10 * quadrant + place),
      upper ? HeadLabel.skull : HeadLabel.mandible)
  }

  /// A neck vertebra, 1 to 8 (the eighth stands for the first of the chest).
  @inline(__always) static func vertebra(_ number: Int) -> HeadStructure {
    HeadStructure(UInt8(truncatingIfNeeded: 89 + number), HeadLabel.cervicalSpine)
  }
}

// Values by class: soft tissue 1 to 39, inside the cranium 40 to 59, skull 60 to 79, lower jaw 80 to 89,
// neck 90 to 97, teeth 111 to 148, air 200 to 219, surgery 230 and up. Of pairs only the right one is
// spelled out; the left one is the next value.
extension HeadStructure {
  @inline(__always) static var background: Self { Self(0, HeadLabel.background) }

  // MARK: Soft tissue
  @inline(__always) static var softTissue: Self { Self(1, HeadLabel.softTissue) }
  @inline(__always) static var skin: Self { Self(2, HeadLabel.softTissue) }
  @inline(__always) static var fat: Self { Self(3, HeadLabel.softTissue) }
  @inline(__always) static var muscle: Self { Self(4, HeadLabel.softTissue) }
  @inline(__always) static var masseter: Self { Self(5, HeadLabel.softTissue) }
  @inline(__always) static var temporalis: Self { Self(7, HeadLabel.softTissue) }
  @inline(__always) static var pterygoid: Self { Self(9, HeadLabel.softTissue) }
  @inline(__always) static var sternomastoid: Self { Self(11, HeadLabel.softTissue) }
  @inline(__always) static var neckMuscles: Self { Self(13, HeadLabel.softTissue) }
  @inline(__always) static var tongue: Self { Self(14, HeadLabel.softTissue) }
  @inline(__always) static var eye: Self { Self(15, HeadLabel.softTissue) }
  @inline(__always) static var lens: Self { Self(17, HeadLabel.softTissue) }
  @inline(__always) static var opticNerve: Self { Self(19, HeadLabel.softTissue) }
  @inline(__always) static var eyeMuscles: Self { Self(21, HeadLabel.softTissue) }
  @inline(__always) static var orbitalFat: Self { Self(23, HeadLabel.softTissue) }
  @inline(__always) static var ear: Self { Self(25, HeadLabel.softTissue) }
  @inline(__always) static var conchae: Self { Self(27, HeadLabel.softTissue) }
  @inline(__always) static var nasalCartilage: Self { Self(28, HeadLabel.softTissue) }
  @inline(__always) static var sinusMucosa: Self { Self(29, HeadLabel.softTissue) }
  @inline(__always) static var softPalate: Self { Self(30, HeadLabel.softTissue) }
  @inline(__always) static var epiglottis: Self { Self(31, HeadLabel.softTissue) }
  @inline(__always) static var hyoid: Self { Self(32, HeadLabel.softTissue) }
  @inline(__always) static var thyroidCartilage: Self { Self(33, HeadLabel.softTissue) }
  @inline(__always) static var discs: Self { Self(34, HeadLabel.softTissue) }
  @inline(__always) static var spinalCanal: Self { Self(35, HeadLabel.softTissue) }
  @inline(__always) static var spinalCord: Self { Self(36, HeadLabel.softTissue) }
  @inline(__always) static var jointDisc: Self { Self(37, HeadLabel.softTissue) }

  // MARK: Inside the cranium
  @inline(__always) static var liquor: Self { Self(40, HeadLabel.intracranial) }
  @inline(__always) static var greyMatter: Self { Self(41, HeadLabel.intracranial) }
  @inline(__always) static var whiteMatter: Self { Self(42, HeadLabel.intracranial) }
  @inline(__always) static var lateralVentricle: Self { Self(43, HeadLabel.intracranial) }
  @inline(__always) static var thirdVentricle: Self { Self(45, HeadLabel.intracranial) }
  @inline(__always) static var fourthVentricle: Self { Self(46, HeadLabel.intracranial) }
  @inline(__always) static var cerebellum: Self { Self(47, HeadLabel.intracranial) }
  @inline(__always) static var brainstem: Self { Self(48, HeadLabel.intracranial) }
  @inline(__always) static var falx: Self { Self(49, HeadLabel.intracranial) }
  @inline(__always) static var tentorium: Self { Self(50, HeadLabel.intracranial) }
  @inline(__always) static var pineal: Self { Self(51, HeadLabel.intracranial) }

  // MARK: Skull
  @inline(__always) static var frontalBone: Self { Self(60, HeadLabel.skull) }
  @inline(__always) static var parietalBone: Self { Self(61, HeadLabel.skull) }
  @inline(__always) static var temporalBone: Self { Self(63, HeadLabel.skull) }
  @inline(__always) static var occipitalBone: Self { Self(65, HeadLabel.skull) }
  @inline(__always) static var sphenoidBone: Self { Self(66, HeadLabel.skull) }
  @inline(__always) static var ethmoidBone: Self { Self(67, HeadLabel.skull) }
  @inline(__always) static var petrousBone: Self { Self(68, HeadLabel.skull) }
  @inline(__always) static var maxilla: Self { Self(70, HeadLabel.skull) }
  @inline(__always) static var hardPalate: Self { Self(72, HeadLabel.skull) }
  @inline(__always) static var zygoma: Self { Self(73, HeadLabel.skull) }
  @inline(__always) static var nasalBones: Self { Self(75, HeadLabel.skull) }
  @inline(__always) static var nasalSeptum: Self { Self(76, HeadLabel.skull) }

  // MARK: Lower jaw
  @inline(__always) static var mandibleBody: Self { Self(80, HeadLabel.mandible) }
  @inline(__always) static var ramus: Self { Self(81, HeadLabel.mandible) }
  @inline(__always) static var condyle: Self { Self(83, HeadLabel.mandible) }
  @inline(__always) static var coronoid: Self { Self(85, HeadLabel.mandible) }

  // MARK: Air
  @inline(__always) static var nasalCavity: Self { Self(200, HeadLabel.airCavities) }
  @inline(__always) static var frontalSinus: Self { Self(201, HeadLabel.airCavities) }
  @inline(__always) static var maxillarySinus: Self { Self(203, HeadLabel.airCavities) }
  @inline(__always) static var sphenoidSinus: Self { Self(205, HeadLabel.airCavities) }
  @inline(__always) static var ethmoidCells: Self { Self(207, HeadLabel.airCavities) }
  @inline(__always) static var mastoidCells: Self { Self(208, HeadLabel.airCavities) }
  @inline(__always) static var earCanal: Self { Self(210, HeadLabel.airCavities) }
  @inline(__always) static var mouth: Self { Self(212, HeadLabel.airCavities) }
  @inline(__always) static var pharynx: Self { Self(213, HeadLabel.airCavities) }
  @inline(__always) static var trachea: Self { Self(214, HeadLabel.airCavities) }

  // MARK: Surgery
  @inline(__always) static var skullPlate: Self { Self(230, HeadLabel.skull) }
  @inline(__always) static var mandiblePlate: Self { Self(231, HeadLabel.mandible) }
  @inline(__always) static var boneFlap: Self { Self(232, HeadLabel.skull) }
}

extension HeadStructure {
  /// All structures with their names, by value. Names are stable, like values.
  public static let named: [(structure: HeadStructure, name: String)] =
    (single.map { ($0.0, $0.1) } + paired.flatMap(bothSides) + teeth + vertebrae)
    .sorted { $0.structure.value < $1.structure.value }

  /// The structure of a name, such as "tooth_36", "condyle_left" or "c2".
  public init?(name: String) {
    guard let found = Self.named.first(where: { $0.name == name }) else { return nil }
    self = found.structure
  }

  /// The name of a value, if it is one.
  public static func name(of value: UInt8) -> String? {
    named.first { $0.structure.value == value }?.name
  }

  private static let single: [(HeadStructure, String)] = [
    (.background, "background"), (.softTissue, "soft_tissue"), (.skin, "skin"), (.fat, "fat"),
    (.muscle, "muscle"), (.neckMuscles, "neck_muscles"), (.tongue, "tongue"),
    (.conchae, "conchae"), (.nasalCartilage, "nasal_cartilage"), (.sinusMucosa, "sinus_mucosa"),
    (.softPalate, "soft_palate"), (.epiglottis, "epiglottis"), (.hyoid, "hyoid"),
    (.thyroidCartilage, "thyroid_cartilage"), (.discs, "intervertebral_discs"),
    (.spinalCanal, "spinal_canal"), (.spinalCord, "spinal_cord"), (.liquor, "liquor"),
    (.greyMatter, "grey_matter"), (.whiteMatter, "white_matter"),
    (.thirdVentricle, "third_ventricle"), (.fourthVentricle, "fourth_ventricle"),
    (.cerebellum, "cerebellum"), (.brainstem, "brainstem"), (.falx, "falx"),
    (.tentorium, "tentorium"), (.pineal, "pineal_gland"), (.frontalBone, "frontal_bone"),
    (.occipitalBone, "occipital_bone"), (.sphenoidBone, "sphenoid_bone"),
    (.ethmoidBone, "ethmoid_bone"), (.hardPalate, "hard_palate"), (.nasalBones, "nasal_bones"),
    (.nasalSeptum, "nasal_septum"), (.mandibleBody, "mandible_body"),
    (.nasalCavity, "nasal_cavity"), (.ethmoidCells, "ethmoid_cells"), (.mouth, "mouth"),
    (.pharynx, "pharynx"), (.trachea, "trachea"), (.skullPlate, "plate_on_skull"),
    (.mandiblePlate, "plate_on_mandible"), (.boneFlap, "bone_flap"),
  ]

  private static let paired: [(HeadStructure, String)] = [
    (.masseter, "masseter"), (.temporalis, "temporalis"), (.pterygoid, "pterygoid_muscles"),
    (.sternomastoid, "sternomastoid"), (.eye, "eye"), (.lens, "lens"),
    (.opticNerve, "optic_nerve"), (.eyeMuscles, "eye_muscles"), (.orbitalFat, "orbital_fat"),
    (.ear, "ear"), (.jointDisc, "joint_disc"), (.lateralVentricle, "lateral_ventricle"),
    (.parietalBone, "parietal_bone"), (.temporalBone, "temporal_bone"),
    (.petrousBone, "petrous_bone"), (.maxilla, "maxilla"), (.zygoma, "zygoma"),
    (.ramus, "ramus"), (.condyle, "condyle"), (.coronoid, "coronoid_process"),
    (.frontalSinus, "frontal_sinus"), (.maxillarySinus, "maxillary_sinus"),
    (.sphenoidSinus, "sphenoid_sinus"), (.mastoidCells, "mastoid_cells"),
    (.earCanal, "ear_canal"),
  ]

  private static func bothSides(
    _ entry: (structure: HeadStructure, name: String)
  ) -> [(structure: HeadStructure, name: String)] {
    ["right", "left"].enumerated().map { side, word in
      (entry.structure.on(side), "\(entry.name)_\(word)")
    }
  }

  private static var teeth: [(structure: HeadStructure, name: String)] {
    [true, false].flatMap { upper in
      (0..<16).map { index in
        let tooth = HeadStructure.tooth(upper: upper, side: index / 8, place: index % 8)
        return (tooth, "tooth_\(tooth.value - 100)")
      }
    }
  }

  private static var vertebrae: [(structure: HeadStructure, name: String)] {
    (1...8).map { (HeadStructure.vertebra($0), $0 < 8 ? "c\($0)" : "t1") }
  }
}

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

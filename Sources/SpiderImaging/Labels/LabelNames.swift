/// Translates the values of another program's label maps into a scheme of Spider.
///
/// Two tables: from the values in the file to that program's names, and from names to classes of the
/// scheme. A name with several classes is one that the other program does not divide as the scheme
/// does: there the automatic labels decide among them, and a voxel that they put elsewhere is unknown.
/// A name without a class says nothing about its voxels.
public struct LabelNames: Codable, Equatable, Sendable {
  /// The names of the values in the file, 0 (nothing said) left out.
  public let values: [String: String]
  /// The classes of each name. A key that ends in `*` stands for all names that begin like it.
  public let classes: [String: [String]]

  /// Builds the two tables.
  public init(values: [Int: String], classes: [String: [String]]) {
    self.values = Dictionary(uniqueKeysWithValues: values.map { (String($0.key), $0.value) })
    self.classes = classes
  }

  /// Why these names cannot be used with a scheme, or nil: for what comes from a file.
  package func fault(for scheme: LabelScheme) -> String? {
    for key in values.keys.sorted() where !(1...253).contains(Int(key) ?? 0) {
      return "'\(key)' under \"values\" is no label value from 1 to 253"
    }
    for (name, targets) in classes.sorted(by: { $0.key < $1.key }) {
      if let other = targets.first(where: { scheme.value(of: $0) == nil }) {
        return "'\(name)' under \"classes\" is mapped to '\(other)', no class of the scheme "
          + "'\(scheme.name)'"
      }
    }
    return nil
  }

  /// For each value of a file the scheme's values it can mean; nil where the value has no name.
  package func table(for scheme: LabelScheme) -> [Set<UInt8>?] {
    (0...255).map { value in
      if value == 0 { return [] }
      guard let name = values[String(value)] else { return nil }
      return Set(targets(of: name).compactMap { scheme.value(of: $0) })
    }
  }

  /// The classes of a name: its own entry, else that of the longest beginning.
  private func targets(of name: String) -> [String] {
    if let own = classes[name] { return own }
    let beginnings = classes.keys.filter { $0.hasSuffix("*") && name.hasPrefix($0.dropLast()) }
    return beginnings.max { $0.count < $1.count }.flatMap { classes[$0] } ?? []
  }
}

/// The names of TotalSegmentator version 2 (Wasserthal et al., Radiology: Artificial Intelligence 5:5,
/// 2023), with the values of its multi-label output, in the order of its public list of classes
/// (`totalsegmentator/map_to_binary.py` of github.com/wasserth/TotalSegmentator).
extension LabelNames {
  /// The tasks whose names ship, by their names there. `total` is the default one.
  public static let totalSegmentator: [String: LabelNames] = [
    "total": named(total),
    "craniofacial_structures": named(craniofacial),
    "head_glands_cavities": named(glandsAndCavities),
    "headneck_bones_vessels": named(neck),
  ]

  private static func named(_ list: String) -> LabelNames {
    let names = list.split(whereSeparator: \.isWhitespace).map(String.init)
    let values = Dictionary(
      uniqueKeysWithValues: names.enumerated().map { ($0.offset + 1, $0.element) })
    // Jaw and teeth apart from the skull are a task of their own: where only `skull` is known, the
    // automatic labels say what of it is jaw.
    let divides = names.contains("mandible")
    return LabelNames(
      values: values,
      classes: headClasses.merging(divides ? ["skull": ["skull"]] : [:]) { $1 })
  }

  /// The classes of the head scheme behind each name. Names that are left out (other bones of the
  /// trunk, `head`) are no class of it.
  private static let headClasses: [String: [String]] = [
    "brain": ["intracranial"],
    "skull": ["skull", "mandible"],
    "teeth_upper": ["skull"], "hard_palate": ["skull"], "zygomatic_arch_*": ["skull"],
    "styloid_process_*": ["skull"],
    "mandible": ["mandible"], "teeth_lower": ["mandible"],
    "vertebrae_C*": ["cervical_spine"],
    // Masks of cavities hold their mucosa, too.
    "sinus_*": ["air_cavities", "soft_tissue"], "nasopharynx": ["air_cavities", "soft_tissue"],
    "oropharynx": ["air_cavities", "soft_tissue"], "hypopharynx": ["air_cavities", "soft_tissue"],
    "nasal_cavity_*": ["air_cavities", "soft_tissue", "skull"],
    "auditory_canal_*": ["air_cavities", "soft_tissue", "skull", "background"],
    "trachea": ["air_cavities", "soft_tissue"], "larynx_air": ["air_cavities", "soft_tissue"],
    "spinal_cord": ["soft_tissue", "intracranial"],
    "thyroid_gland": ["soft_tissue"], "esophagus": ["soft_tissue", "air_cavities"],
    "common_carotid_artery_*": ["soft_tissue"],
    "internal_carotid_artery_*": ["soft_tissue", "skull"],
    "internal_jugular_vein_*": ["soft_tissue", "skull"], "autochthon_*": ["soft_tissue"],
    "eye_*": ["soft_tissue"], "optic_nerve_*": ["soft_tissue"], "parotid_gland_*": ["soft_tissue"],
    "submandibular_gland_*": ["soft_tissue"], "soft_palate": ["soft_tissue"],
  ]

  private static let total = """
    spleen kidney_right kidney_left gallbladder liver stomach pancreas adrenal_gland_right
    adrenal_gland_left lung_upper_lobe_left lung_lower_lobe_left lung_upper_lobe_right
    lung_middle_lobe_right lung_lower_lobe_right esophagus trachea thyroid_gland small_bowel
    duodenum colon urinary_bladder prostate kidney_cyst_left kidney_cyst_right sacrum
    vertebrae_S1 vertebrae_L5 vertebrae_L4 vertebrae_L3 vertebrae_L2 vertebrae_L1 vertebrae_T12
    vertebrae_T11 vertebrae_T10 vertebrae_T9 vertebrae_T8 vertebrae_T7 vertebrae_T6 vertebrae_T5
    vertebrae_T4 vertebrae_T3 vertebrae_T2 vertebrae_T1 vertebrae_C7 vertebrae_C6 vertebrae_C5
    vertebrae_C4 vertebrae_C3 vertebrae_C2 vertebrae_C1 heart aorta pulmonary_vein
    brachiocephalic_trunk subclavian_artery_right subclavian_artery_left
    common_carotid_artery_right common_carotid_artery_left brachiocephalic_vein_left
    brachiocephalic_vein_right atrial_appendage_left superior_vena_cava inferior_vena_cava
    portal_vein_and_splenic_vein iliac_artery_left iliac_artery_right iliac_vena_left
    iliac_vena_right humerus_left humerus_right scapula_left scapula_right clavicula_left
    clavicula_right femur_left femur_right hip_left hip_right spinal_cord gluteus_maximus_left
    gluteus_maximus_right gluteus_medius_left gluteus_medius_right gluteus_minimus_left
    gluteus_minimus_right autochthon_left autochthon_right iliopsoas_left iliopsoas_right brain
    skull rib_left_1 rib_left_2 rib_left_3 rib_left_4 rib_left_5 rib_left_6 rib_left_7
    rib_left_8 rib_left_9 rib_left_10 rib_left_11 rib_left_12 rib_right_1 rib_right_2
    rib_right_3 rib_right_4 rib_right_5 rib_right_6 rib_right_7 rib_right_8 rib_right_9
    rib_right_10 rib_right_11 rib_right_12 sternum costal_cartilages
    """

  private static let craniofacial = """
    mandible teeth_lower skull head sinus_maxillary sinus_frontal teeth_upper
    """

  private static let glandsAndCavities = """
    eye_left eye_right eye_lens_left eye_lens_right optic_nerve_left optic_nerve_right
    parotid_gland_left parotid_gland_right submandibular_gland_right submandibular_gland_left
    nasopharynx oropharynx hypopharynx nasal_cavity_right nasal_cavity_left auditory_canal_right
    auditory_canal_left soft_palate hard_palate
    """

  private static let neck = """
    larynx_air thyroid_cartilage hyoid cricoid_cartilage zygomatic_arch_right zygomatic_arch_left
    styloid_process_right styloid_process_left internal_carotid_artery_right
    internal_carotid_artery_left internal_jugular_vein_right internal_jugular_vein_left
    """
}

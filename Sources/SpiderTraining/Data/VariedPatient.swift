import SpiderCore
import SpiderEvaluation

/// A patient as one sample sees it: moved, perhaps mirrored, deformed, with other CT numbers.
struct VariedPatient {
  let patient: TrainingCase
  /// The case's voxels where the pose has put them.
  let grid: VoxelGrid
  let isMirrored: Bool
  let deformation: Deformation?
  let tissue: TissueCurve?
  let support: HeadSupport?
  let cut: RandomFieldOfView?

  /// The attenuation to make X-rays of, 1/mm, with what the patient lies on; and where the scan's end cut
  /// through it.
  func attenuation() -> (volume: Volume, cutExit: TruncatedTissue?) {
    var values = deformation?.warped(patient.attenuation) ?? patient.attenuation.values
    if let tissue { values = tissue.attenuation(values, water: patient.water) }
    var volume = Volume(grid: grid, values: values)
    support?.add(to: &volume, water: patient.water)
    let cutExit = cut?.cut(&volume, water: patient.water)
    return (volume, cutExit)
  }
}

extension LabelScheme {
  /// The class of each label in a patient mirrored left to right: classes whose names differ in a word
  /// "left" and "right" change places, all others stay.
  var mirrored: [UInt8] {
    let places = Dictionary(
      classes.enumerated().map { ($1, UInt8($0)) }, uniquingKeysWith: { first, _ in first })
    var table = (0...255).map { UInt8($0) }
    for (index, name) in classes.enumerated() {
      let words = name.split(separator: "_").map { word in
        word == "left" ? "right" : word == "right" ? "left" : String(word)
      }
      if let other = places[words.joined(separator: "_")] { table[index] = other }
    }
    return table
  }
}

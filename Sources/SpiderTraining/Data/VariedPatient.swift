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
  let cut: ScanCut?

  /// The attenuation to make X-rays of, 1/mm, with what the patient lies on; and where the scan's end cut
  /// through it.
  func attenuation() -> (volume: Volume, cutExit: ScanExit?) {
    var values = deformation?.warped(patient.attenuation) ?? patient.attenuation.values
    if let tissue { values = tissue.attenuation(values, water: patient.water) }
    var volume = Volume(grid: grid, values: values)
    support?.add(to: &volume, water: patient.water)
    let cutExit = cut?.cut(&volume, water: patient.water)
    return (volume, cutExit)
  }
}

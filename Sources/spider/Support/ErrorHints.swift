import SpiderAnatomy
import SpiderCore
import SpiderDRR
import SpiderDataSet
import SpiderIO
import SpiderPretrained
import SpiderTraining

/// The option of this command that remedies an error of the libraries, as an end to the error's own text;
/// nil where there is none, or where the text names it already.
///
/// The libraries state fault and remedy in their own terms, since they serve programs too; only the
/// command knows how its user says so.
func hint(for error: any Error) -> String? {
  let found: (option: String, text: String)? =
    switch error {
    case let error as FileError: fileHint(error)
    case let error as ViewError: viewHint(error)
    case let error as PreparationError: preparationHint(error)
    case let error as TrainingError: trainingHint(error)
    case DataSetError.damagedCases:
      (
        "--skip-damaged",
        "prepare it again with --overwrite, or leave damaged cases out with --skip-damaged"
      )
    case PretrainedError.notFound: ("--model", "or name a model file with --model FILE")
    case PhysicsError.noiseWithoutPhotons: ("--photons", "with --photons")
    default: nil
    }
  guard let found, !"\(error)".contains(found.option) else { return nil }
  return found.text
}

extension CommandFailure {
  /// The failure of a file or of another subject: its name, the error, and the hint that belongs to it.
  init(_ subject: String, _ error: any Error) {
    self.init("\(subject): \(error)" + (hint(for: error).map { "; \($0)" } ?? ""))
  }
}

private func fileHint(_ error: FileError) -> (option: String, text: String)? {
  switch error {
  case .exists: ("--overwrite", "or allow it with --overwrite")
  case .noOrientation:
    ("--assume-orientation", "state it with --assume-orientation, for example RAS or LPS")
  case .tooLarge(_, let fault, _) where fault.contains("voxels"):
    ("--max-voxels", "raise the limit with --max-voxels")
  case .missingGeometry: ("pa=IMAGE", "name the view, as in --view pa=IMAGE")
  case .unsupported(_, let fault, _) where fault.contains("3D volume"):
    ("spider drr", "make a radiograph from the volume with spider drr")
  default: nil
  }
}

private func viewHint(_ error: ViewError) -> (option: String, text: String)? {
  switch error {
  case .count: ("--view", "give one --view each")
  case .isocenterUnknown, .sourceAtIsocenter:
    ("--isocenter", "state the isocentre with --isocenter x,y,z")
  default: nil
  }
}

private func preparationHint(_ error: PreparationError) -> (option: String, text: String)? {
  switch error {
  case .notAHead:
    ("--isocenter", "with --isocenter x,y,z or --isocenter volume, or a --scheme FILE of its own")
  case .unknownLabel, .unnamedLabel:
    ("--label-names", "say whose labels they are with --label-names")
  default: nil
  }
}

private func trainingHint(_ error: TrainingError) -> (option: String, text: String)? {
  switch error {
  case .diverged: ("--resume", "go on with --resume")
  case .runExists: ("--resume", "go on with --resume")
  case .nothingToResume: ("--resume", "start without --resume")
  default: nil
  }
}

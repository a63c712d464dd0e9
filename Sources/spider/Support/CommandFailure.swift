import SpiderAnatomy
import SpiderCore
import SpiderDICOM
import SpiderDRR
import SpiderDataSet
import SpiderIO
import SpiderPretrained
import SpiderTraining

/// A failure whose text says what is wrong, in which file, and what to do.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// A library's error as the command tells it: about these files, with the option that helps.
  init(_ files: String? = nil, _ error: any Error) {
    let text = files.map { "\($0): \(error)" } ?? "\(error)"
    description = hint(for: error).map { "\(text)\nHint: \($0)" } ?? text
  }

  /// The error with its hint where there is one, else as it is: libraries state facts, and only the command
  /// knows its options.
  static func hinting(_ error: any Error) -> any Error {
    hint(for: error) == nil ? error : CommandFailure(nil, error)
  }
}

/// The option of this command that remedies an error of the libraries; nil where there is none.
///
/// The libraries state fault and remedy in their own terms, since they serve programs too; only the
/// command knows how its user says so.
func hint(for error: any Error) -> String? {
  switch error {
  case FileError.exists: "--overwrite replaces files that exist"
  case FileError.noOrientation: "state the orientation with --assume-orientation RAS"
  case FileError.rowsUnknown: "--first-row top or --first-row bottom says so"
  case FileError.missingGeometry:
    "name the view, as in --view pa=IMAGE; or let --geometry auto find how pictures were taken"
  case FileError.tooLarge(_, let fault, _) where fault.contains("voxels"):
    "--max-voxels raises the limit of volumes"
  case FileError.unsupported(_, let fault, _) where fault.contains("not an X-ray image"):
    "spider drr makes X-ray images from a volume"
  case DICOMError.incompleteGeometry:
    "name the view, as in --view pa=IMAGE, and give --sid, --sad and --pixel in mm, as far as they are "
      + "missing"
  case DICOMError.severalSeries, DICOMError.noSuchSeries: "--series 1 takes the first of them"
  case ViewError.count:
    "give one --view each; or --model head-any, which reads one to four from any side"
  case ViewError.direction: "--model head-any reads X-rays from any side"
  case ViewError.isocenterUnknown, ViewError.sourceAtIsocenter:
    "state the isocentre with --isocenter x,y,z"
  case ViewError.notAbsolute: "a geometry file may say \"intensity\": \"absolute\""
  case ViewError.faulty(let faults): hint(for: faults)
  case PretrainedError.notFound: "give a model file with --model FILE"
  case PhysicsError.noiseWithoutPhotons: "state the photons with --photons"
  case let error as PreparationError: hint(for: error)
  case let error as DataSetError: hint(for: error)
  case let error as TrainingError: hint(for: error)
  default: nil
  }
}

private func hint(for faults: [ViewFault]) -> String {
  let isNegative = faults.contains { $0.kind == .inverted }
  let hasWrongScale = faults.contains { if case .wrongScale = $0.kind { true } else { false } }
  return
    (isNegative
    ? "--invert turns the greys of all X-rays round (leave it away where it is given); " : "")
    + (hasWrongScale
      ? "--pixel, --sad and --sid state the scale, with --geometry auto the line of --scale; " : "")
    + "--accept-faults reconstructs them all the same"
}

private func hint(for error: PreparationError) -> String? {
  switch error {
  case .notAHead:
    "--isocenter x,y,z or --isocenter volume takes the scan as it is, --scheme another"
  case .unknownLabel, .unnamedLabel: "--label-names says whose labels they are"
  default: nil
  }
}

private func hint(for error: DataSetError) -> String? {
  switch error {
  case .noCases(let split, _): "spider prepare --split \(split)=NAME adds one"
  case .damagedCases:
    "spider prepare --overwrite replaces a case, --skip-damaged leaves damaged ones out"
  case .notPrepared(_, let error): hint(for: error)
  default: nil
  }
}

private func hint(for error: TrainingError) -> String? {
  switch error {
  case .diverged, .spikes, .runExists: "--resume goes on with a run"
  case .nothingToResume: "leave --resume away"
  case .otherWish(_, let what, _, _): "leave --\(what) away"
  case .tooLarge: "--max-memory raises the limit"
  case .otherNetwork(_, let asked): "--model says '\(asked)'"
  case .alwaysNew: "leave --start-from away"
  default: nil
  }
}

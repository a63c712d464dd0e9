import Foundation

/// The files that a reconstruction is to leave behind.
struct ReconstructionTargets {
  let ct: URL
  let labels: URL?
  let uncertainty: URL?
  let report: URL?
  let mesh: URL?
  let labelTable: URL?
  let record: URL?
  /// A folder.
  let dicom: URL?
  let overwrite: Bool

  /// Makes sure, before any work is done, that all of them can be written, and that none is an input.
  func check(reading inputs: [URL], geometries: [URL]) throws {
    try OutputFolder.checkTargets(
      [ct, labels, uncertainty, report, mesh, labelTable, record].compactMap { $0 } + geometries,
      reading: inputs, overwrite: overwrite)
    try dicom.map { try OutputFolder.checkNew($0) }
  }

  /// Where estimated geometries are written: beside the CT, one a picture.
  func geometryFiles(of images: [URL]) -> [URL] {
    let stems = images.map(\.stem)
    // Pictures of one name in two folders are numbered.
    let areNamed = Set(stems).count == stems.count
    return stems.enumerated().map { index, stem in
      let name = areNamed ? stem : "\(stem)_\(index + 1)"
      return ct.deletingLastPathComponent().appendingPathComponent("\(ct.stem)_\(name).json")
    }
  }

  /// The paths by kind of output, as records have them.
  func outputs(isMeshed: Bool) -> [String: String?] {
    [
      "ct": ct.path, "labels": labels?.path, "uncertainty": uncertainty?.path,
      "mesh": isMeshed ? mesh?.path : nil, "report": report?.path, "label_table": labelTable?.path,
      "record": record?.path, "dicom": dicom?.path,
    ]
  }
}

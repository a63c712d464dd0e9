import Foundation
import SpiderCore
import SpiderIO

extension DataSet {
  /// Reads a patient, its isocentre moved to the world's origin.
  ///
  /// - Throws: ``/SpiderIO/FileError`` naming the case's file when it is missing, damaged, another one's
  ///   or not on the data set's grid.
  public func load(
    _ entry: DataSetIndex.Entry
  ) throws(FileError) -> (ct: Volume, labels: LabelVolume) {
    if let fault = damage(of: entry, thoroughly: true) { throw fault }
    let folder = folder(of: entry)
    let (ctFile, labelsFile) = (
      folder.appendingPathComponent(Self.ctName), folder.appendingPathComponent(Self.labelsName)
    )
    let ct = try NIfTI.readVolume(ctFile)
    let labels = try NIfTI.readLabels(labelsFile)
    try checkGrid(ct.grid, of: entry, ctFile)
    try checkGrid(labels.grid, of: entry, labelsFile)
    if let wrong = labels.values.first(where: { !isLabel($0) }) {
      throw FileError.corrupt(
        labelsFile, fault: "it holds the label \(wrong), which scheme '\(index.scheme.name)' lacks")
    }
    if entry.checksums[Self.scanName] != nil {
      let file = folder.appendingPathComponent(Self.scanName)
      let scan = try NIfTI.readLabels(file)
      try checkGrid(scan.grid, of: entry, file)
      let agrees = zip(scan.values, labels.values).allSatisfy {
        ($0 == 0) == ($1 == LabelScheme.outsideScan)
      }
      guard agrees else {
        throw FileError.corrupt(file, fault: "it contradicts the labels about where the scan is")
      }
    }
    let grid = VoxelGrid.canonical(size: index.size, side: index.fieldOfView)
    return (
      Volume(grid: grid, values: ct.values), LabelVolume(grid: grid, values: labels.values)
    )
  }

  private func isLabel(_ value: UInt8) -> Bool {
    value < index.scheme.count || value == LabelScheme.unknown || value == LabelScheme.outsideScan
  }

  private func checkGrid(
    _ grid: VoxelGrid, of entry: DataSetIndex.Entry, _ file: URL
  ) throws(FileError) {
    let isocenter = Vector3(entry.isocenter[0], entry.isocenter[1], entry.isocenter[2])
    let expected = VoxelGrid.canonical(
      size: index.size, side: index.fieldOfView, center: isocenter)
    let (a, b) = (grid.affine.columns, expected.affine.columns)
    // NIfTI holds affines in single precision.
    guard grid.shape == expected.shape, length(grid.center - expected.center) < 0.1,
      max(length(a.0 - b.0), length(a.1 - b.1), length(a.2 - b.2)) < 1e-4
    else {
      throw FileError.corrupt(file, fault: "its grid is not the canonical one of the data set")
    }
  }
}

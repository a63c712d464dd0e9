import Foundation
import SpiderCore
import SpiderIO
import SpiderSupport

/// Where the slabs of a reconstruction go: into its files, and into a preview where one is needed. The
/// files appear when all is there, or not at all.
final class ReconstructionOutput {
  private let ct: NIfTIWriter
  private let labels: NIfTIWriter?
  /// All of it, coarser where it is large.
  private(set) var preview: ReconstructionPreview?
  /// Seconds spent on taking slabs.
  private(set) var seconds = 0.0
  /// The slice that the next slab begins with.
  private var nextSlice = 0

  /// Starts the files: CT in whole HU, and labels if they have a name.
  init(
    ct: URL, labels: URL?, preview: Bool, grid: VoxelGrid, overwrite: Bool
  ) throws {
    self.ct = try NIfTIWriter(ct, grid: grid, datatype: .int16, overwrite: overwrite)
    self.labels = try labels.map {
      try NIfTIWriter($0, grid: grid, datatype: .uint8, overwrite: overwrite)
    }
    self.preview = preview ? ReconstructionPreview(of: grid) : nil
  }

  /// Takes the next slab.
  func add(_ slab: ReconstructionSlab) throws {
    precondition(
      slab.slices.lowerBound == nextSlice, "slices \(slab.slices) where \(nextSlice) comes next")
    nextSlice = slab.slices.upperBound
    let clock = Stopwatch()
    try ct.append(slab.hounsfield[...])
    try labels?.append(slab.labels[...])
    preview?.add(slab)
    seconds += clock.total
  }

  /// Gives the files their names.
  func finish() throws {
    try ct.finish()
    try labels?.finish()
  }
}

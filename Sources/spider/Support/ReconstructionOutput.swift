import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderIO
import SpiderSupport

/// Where the slabs of a reconstruction go: into its files, and into a preview where one is needed. The
/// files appear when all is there, or not at all.
final class ReconstructionOutput {
  /// The most voxels of what is kept: larger volumes are kept coarser.
  static let shownVoxels = 1 << 24

  private let ctFile: URL
  private let labelFile: URL?
  private let uncertaintyFile: URL?
  private let grid: VoxelGrid
  private let overwrite: Bool
  /// Whether labels are wanted that the model does not give.
  private let needsLabeller: Bool
  private let voxelLimit: Int?
  private let provenance: Provenance
  private let marginCount: Int
  /// The margins of classes, those of a voxel side by side; nil where none come.
  private(set) var margins: [Float]?
  private var ct: NIfTIWriter?
  private var labels: NIfTIWriter?
  private var uncertainty: NIfTIWriter?
  /// All of it, coarser where it is large.
  private(set) var preview: ReconstructionPreview?
  /// Measures the labels as they come; nil where none come, or those of no head.
  private var measurer: HeadMeasurer?
  /// Labels that the model did not give.
  private var found: LabelVolume?
  /// Seconds spent on taking slabs.
  private(set) var seconds = 0.0
  /// The slice that the next slab begins with.
  private var nextSlice = 0

  /// Plans the files: CT in whole HU, labels and uncertainty, in whole HU too, if they have a name.
  ///
  /// - Parameters:
  ///   - isShown: whether a page or a mesh will be made of the volume.
  ///   - hasLabels: whether the model tells tissues apart; else the automatic labeller does.
  ///   - isWhole: whether the volume will be held against the X-rays.
  ///   - marginCount: of how many classes margins will come, for a mesh.
  ///   - measurer: of labels that will come; nil: they are no head's.
  ///   - provenance: what the files say of where they come from.
  init(
    ct: URL, labels: URL?, uncertainty: URL?, isShown: Bool, hasLabels: Bool, isWhole: Bool,
    marginCount: Int, measurer: HeadMeasurer?, grid: VoxelGrid, provenance: Provenance,
    overwrite: Bool
  ) {
    ctFile = ct
    labelFile = labels
    uncertaintyFile = uncertainty
    self.grid = grid
    self.provenance = provenance
    self.marginCount = marginCount
    self.measurer = measurer
    self.overwrite = overwrite
    needsLabeller = !hasLabels && (labels != nil || isShown)
    // The labeller works on the whole volume.
    voxelLimit = needsLabeller ? grid.count : isWhole || isShown ? Self.shownVoxels : nil
  }

  /// The most bytes that are held here: a preview, together with its attenuation when it is projected.
  var memory: Int {
    (voxelLimit.map { 2 * ReconstructionPreview.bytes(of: grid, voxelLimit: $0) } ?? 0)
      + grid.count * marginCount * MemoryLayout<Float>.stride
  }

  /// Starts the files.
  func start() throws {
    ct = try NIfTIWriter(
      ctFile, grid: grid, datatype: .int16, provenance: provenance, overwrite: overwrite)
    labels = try labelFile.map {
      try NIfTIWriter(
        $0, grid: grid, datatype: .uint8, provenance: provenance, overwrite: overwrite)
    }
    uncertainty = try uncertaintyFile.map {
      try NIfTIWriter(
        $0, grid: grid, datatype: .int16, content: .uncertainty, provenance: provenance,
        overwrite: overwrite)
    }
    preview = voxelLimit.map { ReconstructionPreview(of: grid, voxelLimit: $0) }
  }

  /// Keeps the margins of a slab, which refinement does not change.
  func keepMargins(of slab: ReconstructionSlab) {
    guard let new = slab.margins else { return }
    if margins == nil {
      margins = []
      margins?.reserveCapacity(grid.count * marginCount)
    }
    margins? += new
  }

  /// Takes voxels that an X-ray has shown to be empty out of all classes.
  func empty(_ voxels: Mask) {
    for voxel in voxels.values.indices where voxels.values[voxel] {
      for index in voxel * marginCount..<(voxel + 1) * marginCount {
        if let margin = margins?[index] { margins?[index] = -abs(margin) }
      }
    }
  }

  /// Takes the next slab.
  func add(_ slab: ReconstructionSlab) throws {
    precondition(
      slab.slices.lowerBound == nextSlice, "slices \(slab.slices) where \(nextSlice) comes next")
    nextSlice = slab.slices.upperBound
    let clock = Stopwatch()
    try ct?.append(slab.hounsfield[...])
    if let classes = slab.labels { try labels?.append(classes[...]) }
    if let classes = slab.labels { measurer?.add(classes) }
    if let widths = slab.uncertainty { try uncertainty?.append(widths[...]) }
    preview?.add(slab)
    seconds += clock.total
  }

  /// Labels the volume where the model has not.
  func label() throws {
    guard needsLabeller, let preview else { return }
    let volume = AutomaticLabeller().labels(of: preview.ct)
    try labels?.append(volume.values[...])
    measurer?.add(volume.values)
    found = volume
  }

  /// What was measured, after the last slab; nil where there are no labels of a head.
  var measurements: HeadMeasurements? {
    needsLabeller && found == nil ? nil : measurer?.measurements()
  }

  /// What a page shows; nil where no preview was kept.
  var shown: (ct: Volume, labels: LabelVolume)? {
    preview.map { ($0.ct, found ?? $0.labels) }
  }

  /// The uncertainty of what a page shows, HU.
  var shownUncertainty: Volume? { preview?.uncertainty }

  /// Gives the files their names.
  func finish() throws {
    try ct?.finish()
    try labels?.finish()
    try uncertainty?.finish()
  }
}

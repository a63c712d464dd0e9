import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderDRR
import SpiderIO

/// What a reconstruction will do, decided before it begins: the voxels, how often the answer is refined, where it goes,
/// how much memory that takes.
struct ReconstructionPlan {
  let voxels: VoxelGrid
  /// Whether the volume holds all that the model shows: only then can it be held against the X-rays.
  let isWhole: Bool
  /// Steps of refinement.
  let steps: Int
  /// The field of view that is refined instead, where the voxels themselves cannot be.
  let whole: VoxelGrid?
  /// What the user should know of it.
  let note: String?
  let options: ReconstructionOptions
  let provenance: Provenance
  let output: ReconstructionOutput
  /// Bytes, the program itself aside.
  let memory: Int

  /// Plans a run on views that are prepared for a model.
  ///
  /// - Parameter pixels: those of the X-rays as they were read.
  /// - Throws: An error that names the option which asks for what cannot be.
  init(
    _ run: ReconstructionRun, _ views: PreparedViews, pixels: Int, by argument: ModelArgument,
    digest: String, surfaces: MeshWriting
  ) throws {
    let (model, traits, targets) = (argument.model, argument.model.traits, run.targets)
    guard targets.uncertainty == nil || traits.tellsUncertainty else {
      throw CommandFailure(
        "--uncertainty: the model '\(argument.name)' does not say how far its CT numbers may be off; spider uncertainty "
          + "teaches it that, or leave the option away")
    }
    var options = run.options
    options.uncertainty =
      traits.tellsUncertainty && (targets.uncertainty != nil || targets.report != nil)
    let side = traits.grid(about: views.isocenter, size: 1).spacing.x
    let voxels = try run.grid.grid(
      center: views.isocenter, fieldOfView: side, limit: run.limits.maxVoxels)
    let isWhole = voxels.coversCube(about: views.isocenter, side: side)
    if targets.mesh != nil, traits.scheme != nil, surfaces.classes.count <= 16,
      voxels.count <= ReconstructionOutput.shownVoxels
    {
      options.margins = surfaces.classes
    }
    if targets.dicom != nil, voxels.count > ReconstructionOutput.shownVoxels {
      throw CommandFailure(
        "--dicom is for grids of up to \(ReconstructionOutput.shownVoxels) voxels, and this one has "
          + "\(voxels.count); choose a coarser one, or leave --dicom away")
    }
    let obstacle = Refinement.obstacle(on: voxels, isocenter: views.isocenter, side: side)
    whole =
      obstacle == .partial || obstacle == .tooMany
      ? traits.grid(about: views.isocenter, size: RefinementChange.usualSize) : nil
    let refining = try run.refining.steps(
      on: whole ?? voxels, isocenter: views.isocenter, side: side)
    steps = refining.count
    note = refining.obstacle.map { "not refined: \($0)" }
    var provenance = Provenance(
      commit: BuildRecord.commit, model: .init(name: argument.name, sha256: digest),
      isocenter: views.isocenter, views: views.given.map(\.geometry))
    provenance.refinementSteps = steps
    // A method that tells no tissues apart has the labeller's, where labels are wanted.
    let hasLabels =
      traits.scheme == .head
      || traits.scheme == nil
        && (targets.labels != nil || targets.report != nil || targets.mesh != nil
          || targets.dicom != nil)
    output = ReconstructionOutput(
      ct: targets.ct, labels: targets.labels, uncertainty: targets.uncertainty,
      isShown: targets.report != nil || targets.mesh != nil || targets.dicom != nil,
      hasLabels: traits.scheme != nil, isWhole: isWhole, marginCount: options.margins.count,
      measurer: hasLabels ? HeadMeasurer(on: voxels, seenBy: views.given) : nil, grid: voxels,
      provenance: provenance, overwrite: targets.overwrite)
    var memory = model.memory(for: voxels, options: options) + output.memory
    if steps > 0, let whole {
      let (refining, carrying) = CarriedRefinement.memory(on: whole)
      memory = max(memory + carrying, model.memory(for: whole, options: options) + refining)
    } else if steps > 0 {
      memory += RefinedOutput.memory(for: voxels)
    }
    memory += views.memory + pixels * MemoryLayout<Float>.stride
    self.memory = memory
    try run.limits.check(memory, for: voxels)
    (self.voxels, self.isWhole, self.options, self.provenance) = (
      voxels, isWhole, options, provenance
    )
  }
}

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

import ArgumentParser
import Foundation
import SpiderCore
import SpiderIO
import SpiderPhantom

struct Phantom: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make procedural head CTs with exact labels.",
    discussion: """
      Writes phantom-<seed>.nii.gz (HU) and phantom-<seed>_labels.nii.gz for the seeds S ... \
      S+count-1. The same seed is the same head at any size.
      --letters makes a cube instead, with R, L, A, P, S, I on its faces, to be read from outside: whoever \
      takes it through a chain of tools sees what it mirrors or turns.
      Examples: spider phantom --seed 1 --count 20 --out heads
                spider phantom --letters --out . && spider drr letters.nii.gz --isocenter volume --film
      """)

  @Option(help: "How many heads (default: 1).") var count: Int?
  @Option(help: ArgumentHelp("The first seed (default: 1).", valueName: "s")) var seed: UInt64?
  @Flag(help: "Make letters.nii.gz, a cube with letters on its faces, instead of heads.")
  var letters = false
  @Option(help: "Voxels along a side of the 256 mm field of view.") var size: Int?
  @Option(help: "Voxel spacing in mm, instead of --size.") var spacing: Double?
  @Option(help: "Folder to write to; made if it is not there.") var out: String
  @Flag(help: "Replace files that exist.") var overwrite = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard !letters || (count == nil && seed == nil) else {
      throw ValidationError("--letters makes one cube: --count and --seed belong to heads")
    }
    guard (1...1_000_000).contains(count ?? 1) else {
      throw ValidationError("--count is \(count ?? 1)")
    }
    if let size, !(8...1024).contains(size) {
      throw ValidationError("--size is \(size); it must be 8 to 1024")
    }
    if let spacing, !(spacing >= 0.25 && spacing <= 32) {
      throw ValidationError("--spacing is \(spacing); it must be 0.25 to 32 mm")
    }
    if size != nil && spacing != nil { throw ValidationError("give --size or --spacing, not both") }
    guard seed ?? 1 <= UInt64.max - UInt64(count ?? 1) else {
      throw ValidationError("--seed is too large")
    }
  }

  /// Voxels of just the spacing asked for; the outermost may reach beyond the field of view.
  private var grid: VoxelGrid {
    guard let spacing else { return .canonical(size: size ?? 128) }
    // A millionth of a voxel of slack: 256 / 0.4 must not become 641.
    let voxels = (256 / spacing - 1e-6).rounded(.up)
    return .canonical(size: Int(voxels), side: voxels * spacing)
  }

  func run() throws {
    common.apply()
    let folder = try OutputFolder(out)
    let grid = grid
    if letters { return try makeLetters(folder, grid) }
    let (count, seed) = (count ?? 1, seed ?? 1)
    let targets = (0..<count).map { index -> (seed: UInt64, ct: URL, labels: URL) in
      let stem = "phantom-\(seed + UInt64(index))"
      return (
        seed + UInt64(index), folder.file("\(stem).nii.gz"), folder.file("\(stem)_labels.nii.gz")
      )
    }
    try OutputFolder.refuseExisting(targets.flatMap { [$0.ct, $0.labels] }, overwrite: overwrite)
    let progress = ProgressDisplay("phantoms")
    for (index, target) in targets.enumerated() {
      let head = HeadPhantom(seed: target.seed).render(on: grid)
      try NIfTI.write(head.ct, to: target.ct, datatype: .int16, overwrite: overwrite)
      try NIfTI.write(head.labels, to: target.labels, overwrite: overwrite)
      progress.update(Double(index + 1) / Double(count))
    }
    if common.json {
      try Console.printJSON(["outputs": targets.flatMap { [$0.ct.path, $0.labels.path] }])
    }
  }

  private func makeLetters(_ folder: OutputFolder, _ grid: VoxelGrid) throws {
    let target = folder.file("letters.nii.gz")
    try OutputFolder.refuseExisting([target], overwrite: overwrite)
    try NIfTI.write(
      LetterCube().render(on: grid), to: target, datatype: .int16, overwrite: overwrite)
    if common.json { try Console.printJSON(["outputs": [target.path]]) }
  }
}

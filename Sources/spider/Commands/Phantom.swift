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
      --fine-labels adds phantom-<seed>_structures.nii.gz with its names in .json, and \
      phantom-<seed>_landmarks.json, world mm. --picture adds phantom-<seed>.png: X-rays, planes, surface.
      --letters makes a cube instead, with R, L, A, P, S, I on its faces, to be read from outside: whoever \
      takes it through a chain of tools sees what it mirrors or turns.
      Examples: spider phantom --seed 1 --count 20 --out heads
                spider phantom --letters --out . && spider drr letters.nii.gz --isocenter volume --film
      """)

  @Option(help: "How many heads (default: 1).", transform: WholeNumber.read) var count: Int?
  @Option(
    help: ArgumentHelp("The first seed (default: 1).", valueName: "s"),
    transform: SeedArgument.read)
  var seed: UInt64?
  @Flag(help: "Make letters.nii.gz, a cube with letters on its faces, instead of heads.")
  var letters = false
  @Flag(help: "Write single muscles, bones, teeth, ventricles, ... and landmarks too.")
  var fineLabels = false
  @Flag(help: "Write a picture of each head.") var picture = false
  @OptionGroup(title: "Heads") var population: PhantomPopulation
  @Option(
    help: "Voxels along a side of the 256 mm field of view (default: 128).",
    transform: CubeSize.read)
  var size: Int?
  @Option(help: "Voxel spacing in mm, instead of --size.", transform: VoxelSpacing.read)
  var spacing: Double?
  @Option(help: "Folder to write to; made if it is not there.") var out: String
  @Flag(help: "Replace files that exist.") var overwrite = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard !letters || (count == nil && seed == nil && !fineLabels && !picture) else {
      throw ValidationError(
        "--letters makes one cube: --count, --seed, --fine-labels and --picture belong to heads")
    }
    guard !letters || !population.isStated else {
      throw ValidationError(
        "--letters makes one cube, which has no build, joints, age, teeth or injuries")
    }
    guard (1...1_000_000).contains(count ?? 1) else {
      throw ValidationError("--count is \(count ?? 1); it must be 1 to 1000000")
    }
    if let size, !(8...1024).contains(size) {
      throw ValidationError("--size is \(size); it must be 8 to 1024")
    }
    if let spacing, !(spacing >= 0.25 && spacing <= 32) {
      throw ValidationError("--spacing is \(spacing); it must be 0.25 to 32 mm")
    }
    if size != nil && spacing != nil { throw ValidationError("give --size or --spacing, not both") }
    let last = UInt64.max - UInt64((count ?? 1) - 1)
    guard seed ?? 1 <= last else {
      throw ValidationError("--seed is \(seed ?? 1); for so many heads it may be \(last) at most")
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
    let targets = (0..<count).map { index in
      PhantomOutput(
        seed: seed + UInt64(index), in: folder, fine: fineLabels, picture: picture)
    }
    try OutputFolder.refuseExisting(targets.flatMap(\.files), overwrite: overwrite)
    if let note = population.note { Console.say(note) }
    let progress = ProgressDisplay("phantoms")
    for (index, target) in targets.enumerated() {
      try target.write(population.options, on: grid, overwrite: overwrite)
      progress.update(Double(index + 1) / Double(count))
    }
    if common.json {
      try Console.printJSON(["outputs": targets.flatMap { $0.files.map(\.path) }])
    }
  }

  private func makeLetters(_ folder: OutputFolder, _ grid: VoxelGrid) throws {
    let target = folder.file("letters.nii.gz")
    try OutputFolder.refuseExisting([target], overwrite: overwrite)
    try NIfTI.write(
      OrientationPhantom().render(on: grid), to: target, datatype: .int16, overwrite: overwrite)
    if common.json { try Console.printJSON(["outputs": [target.path]]) }
  }
}

/// What heads `spider phantom` makes: by default as training meets them, or with what is asked for.
struct PhantomPopulation: ParsableArguments {
  @Flag(
    help:
      "No metal, surgery or injury, all teeth but perhaps those of wisdom; other flags add to it.")
  var intact = false
  @Option(
    help: ArgumentHelp(
      "How heads are built: nominal, or patients: as radiotherapy sees them (default: nominal).",
      valueName: "name"))
  var population: Build?
  @Option(
    help: ArgumentHelp(
      "Space above the condyles, or a range to draw it from: 0.5 to 8 mm (default: 2).",
      valueName: "low[-high]"),
    transform: JointSpaceArgument.read)
  var jointSpace: ClosedRange<Double>?
  @Option(
    help: ArgumentHelp("Everybody's age, 20 to 90 (default: drawn).", valueName: "years"),
    transform: RealNumber.read)
  var age: Double?
  @Flag(help: "No head has a tooth of its own.") var edentulous = false
  @Option(
    help: ArgumentHelp("Largest share of teeth that may be missing.", valueName: "share"),
    transform: RealNumber.read)
  var missingTeeth: Double?
  @Flag(help: "Every head has metal crowns or fillings.") var dentalMetal = false
  @Flag(help: "Every head has implants where teeth are missing.") var implants = false
  @Flag(help: "Every head has a plate with screws on the lower jaw.") var plates = false
  @Flag(help: "Every head has a craniotomy.") var craniotomy = false
  @Flag(help: "Every head has a broken lower jaw.") var fracture = false

  /// The populations by name.
  enum Build: String, ExpressibleByArgument, CaseIterable {
    case nominal, patients
  }

  /// Whether anything was asked for.
  var isStated: Bool {
    intact || population != nil || jointSpace != nil || age != nil || missingTeeth != nil
      || edentulous || dentalMetal || implants || plates
      || craniotomy || fracture
  }

  func validate() throws {
    if let age, !(20...90).contains(age) {
      throw ValidationError("--age is \(age); it must be 20 to 90 years")
    }
    if let missingTeeth, !(0...1).contains(missingTeeth) {
      throw ValidationError("--missing-teeth is \(missingTeeth); it must be a share from 0 to 1")
    }
    guard missingTeeth == nil || !edentulous else {
      throw ValidationError("--edentulous leaves no tooth; --missing-teeth says nothing beside it")
    }
  }

  /// What whoever asked for it should know.
  var note: String? {
    let years = (population == .patients ? HeadPopulation.patients : .nominal).age
    guard let age, !years.contains(age) else { return nil }
    return String(
      format: "heads of %g years: heads built as patients are otherwise of %g to %g", age,
      years.lowerBound, years.upperBound)
  }

  /// As the phantom module has it.
  var options: HeadPhantom.Options {
    var options = intact ? HeadPhantom.Options.intact : HeadPhantom.Options()
    if population == .patients { options.population = .patients }
    if let jointSpace { options.jointSpace = jointSpace }
    options.age = age
    if let missingTeeth { options.maximumMissingTeeth = missingTeeth }
    if edentulous { options.edentulousProbability = 1 }
    if dentalMetal { options.metalProbability = 1 }
    if implants { options.implantProbability = 1 }
    if plates { options.plateProbability = 1 }
    if craniotomy { options.craniotomyProbability = 1 }
    if fracture { options.fractureProbability = 1 }
    return options
  }
}

import ArgumentParser
import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderDICOM
import SpiderIO

/// How volumes are read, wherever they are.
struct VolumeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The orientation of files that state none, such as RAS or LPS.", valueName: "code"),
    transform: Orientation.read)
  var assumeOrientation: Orientation?

  @Option(
    help: ArgumentHelp(
      "Which DICOM series to read, where a folder holds several: its number in the list that the command "
        + "then gives, or its UID.", valueName: "number|uid"))
  var series: String?

  @OptionGroup var limits: MemoryLimits

  /// The options as the reader takes them.
  var readOptions: NIfTIReadOptions { readOptions(bytesPerVoxel: MemoryLimits.bytesPerVoxel) }

  /// The same when the work on a voxel needs so many bytes.
  func readOptions(bytesPerVoxel: Int) -> NIfTIReadOptions {
    NIfTIReadOptions(
      assumeOrientation: assumeOrientation,
      maxVoxels: limits.voxels(bytesEach: bytesPerVoxel))
  }
}

extension Orientation {
  /// Reads a code such as "RAS".
  static func read(_ text: String) throws -> Orientation {
    guard let orientation = Orientation(code: text) else {
      throw ValidationError(
        "an orientation is three letters, one of R and L, one of A and P, one of S and I, as RAS or LPS"
      )
    }
    return orientation
  }
}

extension VolumeOptions {
  /// Reads a CT, and says what its reader should know of it, the file's name in front.
  func load(
    _ url: URL, bytesPerVoxel: Int = MemoryLimits.bytesPerVoxel
  ) throws -> (numbers: CTNumbers, ct: Volume, warnings: [String]) {
    let loaded = try VolumeSource.load(
      url, series: series, options: readOptions(bytesPerVoxel: bytesPerVoxel))
    let numbers = CTNumbers(loaded.volume)
    let warnings = loaded.notes + numbers.notes
    return (numbers, loaded.volume, warnings.map { "\(url.lastPathComponent): \($0)" })
  }
}

/// How large volumes may be, wherever they are read or made.
struct MemoryLimits: ParsableArguments {
  @Option(
    help: ArgumentHelp("Refuse volumes of more voxels (default: 1073741824).", valueName: "n"),
    transform: WholeNumber.read)
  var maxVoxels = 1 << 30

  @Option(
    help: ArgumentHelp(
      "Refuse volumes that need more memory than this, beside some 100 MB for the program itself: "
        + "bytes, or with K, M, G, T.", valueName: "size"), transform: MemorySize.read)
  var maxMemory: MemorySize?

  func validate() throws {
    guard maxVoxels > 0 else {
      throw ValidationError("--max-voxels is \(maxVoxels); it must be positive")
    }
  }

  /// What a voxel that is read or projected needs at most (measured: 10 bytes).
  static let bytesPerVoxel = 12
  /// What a voxel needs on which metrics and surface distances are computed (measured: 77 bytes).
  static let bytesPerScoredVoxel = 80
  /// What a voxel of a prepared head needs (measured: 22 bytes).
  static let bytesPerPreparedVoxel = 24

  /// The most voxels.
  var voxels: Int { voxels(bytesEach: Self.bytesPerVoxel) }

  /// The most voxels when each needs so many bytes.
  func voxels(bytesEach bytes: Int) -> Int {
    let byMemory = maxMemory.map { $0.bytes / bytes } ?? Int.max
    return max(1, min(maxVoxels, byMemory))
  }

  /// Refuses work on a grid that is planned to need more than is allowed.
  func check(_ bytes: Int, for grid: VoxelGrid) throws {
    guard let maxMemory, bytes > maxMemory.bytes else { return }
    func megabytes(_ bytes: Int) -> String { "\((bytes + 999_999) / 1_000_000) MB" }
    throw CommandFailure(
      "\(grid.nx) x \(grid.ny) x \(grid.nz) voxels need \(megabytes(bytes)) with this model and these X-rays, more "
        + "than \(megabytes(maxMemory.bytes)); choose a coarser grid, or raise --max-memory")
  }
}

/// A number of bytes, written as 4000000, 512M or 8G.
struct MemorySize {
  let bytes: Int

  static func read(_ text: String) throws -> MemorySize {
    let units: [Character: Double] = ["K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12]
    let last = text.uppercased().last ?? " "
    let factor = units[last] ?? 1
    let digits = units[last] == nil ? text : String(text.dropLast())
    guard let number = Double(digits), number > 0, number * factor < 9e18 else {
      throw ValidationError("a size is a number of bytes, or with K, M, G or T, as 512M or 8G")
    }
    return MemorySize(bytes: Int(number * factor))
  }
}

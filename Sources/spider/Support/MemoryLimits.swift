import ArgumentParser
import SpiderCore

/// How large volumes may be, wherever they are read or made.
struct MemoryLimits: ParsableArguments {
  @Option(help: ArgumentHelp("Refuse volumes of more voxels.", valueName: "n"))
  var maxVoxels: Int = 1 << 30

  @Option(
    help: ArgumentHelp(
      "Refuse volumes that need more memory than this, beside some 100 MB for the program itself: "
        + "bytes, or with K, M, G.", valueName: "size"))
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
      "\(grid.nx) x \(grid.ny) x \(grid.nz) voxels need \(megabytes(bytes)) with this model, more than "
        + "\(megabytes(maxMemory.bytes)); choose a coarser grid, or raise --max-memory")
  }
}

/// A number of bytes, written as 4000000, 512M or 8G.
struct MemorySize: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    let units: [Character: Double] = ["K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12]
    let last = argument.uppercased().last ?? " "
    let factor = units[last] ?? 1
    let digits = units[last] == nil ? argument : String(argument.dropLast())
    guard let number = Double(digits), number > 0, number * factor < 9e18 else { return nil }
    bytes = Int(number * factor)
  }
}

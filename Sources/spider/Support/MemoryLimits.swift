import ArgumentParser

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

  /// What a voxel that is read, projected or reconstructed needs at most (measured: 10 bytes).
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
}

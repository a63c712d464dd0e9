import ArgumentParser

/// How large volumes may be, wherever they are read or made.
struct MemoryLimits: ParsableArguments {
  @Option(help: ArgumentHelp("Refuse volumes of more voxels.", valueName: "n"))
  var maxVoxels: Int = 1 << 30

  @Option(
    help: ArgumentHelp(
      "Refuse volumes that need more memory than this: bytes, or with K, M, G.", valueName: "size"))
  var maxMemory: MemorySize?

  func validate() throws {
    guard maxVoxels > 0 else {
      throw ValidationError("--max-voxels is \(maxVoxels); it must be positive")
    }
  }

  /// The most voxels. A voxel needs 4 bytes, and as many again while it is read or made.
  var voxels: Int {
    let byMemory = maxMemory.map { $0.bytes / 8 } ?? Int.max
    return max(1, min(maxVoxels, byMemory))
  }
}

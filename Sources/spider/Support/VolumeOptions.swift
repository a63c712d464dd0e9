import ArgumentParser
import SpiderCore
import SpiderIO

/// How volumes are read, wherever they are.
struct VolumeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The orientation of files that state none, such as RAS or LPS.", valueName: "code"))
  var assumeOrientation: Orientation?

  @Option(help: ArgumentHelp("Refuse volumes of more voxels.", valueName: "n"))
  var maxVoxels: Int = 1 << 30

  @Option(
    help: ArgumentHelp(
      "Refuse volumes that need more memory than this: bytes, or with K, M, G.", valueName: "size"))
  var maxMemory: MemorySize?

  /// The limits as the reader takes them. A voxel needs 4 bytes, and as many again while it is read.
  var readOptions: NIfTIReadOptions {
    let byMemory = maxMemory.map { $0.bytes / 8 } ?? Int.max
    return NIfTIReadOptions(
      assumeOrientation: assumeOrientation, maxVoxels: max(1, min(maxVoxels, byMemory)))
  }
}

extension Orientation: ExpressibleByArgument {
  /// Reads a code such as "RAS".
  public init?(argument: String) { self.init(code: argument) }
}

import ArgumentParser
import SpiderCore
import SpiderIO

/// How volumes are read, wherever they are.
struct VolumeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The orientation of files that state none, such as RAS or LPS.", valueName: "code"))
  var assumeOrientation: Orientation?

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

extension Orientation: ExpressibleByArgument {
  /// Reads a code such as "RAS".
  public init?(argument: String) { self.init(code: argument) }
}

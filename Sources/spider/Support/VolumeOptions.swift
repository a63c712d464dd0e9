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
  var readOptions: NIfTIReadOptions {
    NIfTIReadOptions(assumeOrientation: assumeOrientation, maxVoxels: limits.voxels)
  }
}

extension Orientation: ExpressibleByArgument {
  /// Reads a code such as "RAS".
  public init?(argument: String) { self.init(code: argument) }
}

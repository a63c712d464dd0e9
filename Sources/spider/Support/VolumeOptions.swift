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
      "The orientation of files that state none, such as RAS or LPS.", valueName: "code"))
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

extension Orientation: ExpressibleByArgument {
  /// Reads a code such as "RAS".
  public init?(argument: String) { self.init(code: argument) }
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

import Foundation
import SpiderCore
import SpiderIO

extension VolumeOptions {
  /// Reads a CT, and says what its reader should know of it, the file's name in front.
  func load(
    _ url: URL, bytesPerVoxel: Int = MemoryLimits.bytesPerVoxel
  ) throws -> (ct: Volume, warnings: [String]) {
    let loaded = try NIfTI.load(url, options: readOptions(bytesPerVoxel: bytesPerVoxel))
    var warnings = loaded.notes
    // A small box within a head has no air, and only the user knows that: no reason to refuse it.
    if let lowest = loaded.volume.values.min(), lowest >= -500 {
      warnings.append(
        "the lowest value is \(lowest): there is no air. If these are not CT numbers in HU (air near "
          + "-1000), the results are wrong; convert them first")
    }
    return (loaded.volume, warnings.map { "\(url.lastPathComponent): \($0)" })
  }
}

import Foundation
import SpiderCore
import SpiderDRR
import SpiderIO

/// The projectors, for comparison with other programs:
///
///     projection time [--repeats N] [--threads N]
///     projection render OUT VOLUME.nii[.gz] GEOMETRY.json ...
///
/// `time` prints one JSON object of milliseconds. `render` projects the stored values of a volume as if
/// they were attenuation, exactly, and writes OUT/<geometry's name>.f32: Float32, row by row.
@main struct ProjectionBenchmarks {
  static func main() throws {
    var arguments = Array(CommandLine.arguments.dropFirst())
    func option(_ name: String) -> Int? {
      guard let place = arguments.firstIndex(of: name), place + 1 < arguments.count else {
        return nil
      }
      defer { arguments.removeSubrange(place...place + 1) }
      return Int(arguments[place + 1])
    }
    let threads = option("--threads") ?? Parallel.workerCount
    let repeats = option("--repeats") ?? 5
    switch arguments.first {
    case "time":
      let report = try Parallel.withWorkerCount(threads) {
        try ProjectionTimes(repeats: repeats).measure()
      }
      let data = try JSONSerialization.data(
        withJSONObject: report, options: [.prettyPrinted, .sortedKeys])
      print(String(decoding: data, as: UTF8.self))
    case "render" where arguments.count >= 4:
      try Rendering.render(
        URL(fileURLWithPath: arguments[2]), arguments[3...].map { URL(fileURLWithPath: $0) },
        into: URL(fileURLWithPath: arguments[1]))
    default:
      FileHandle.standardError.write(
        Data("usage: projection time | render OUT VOLUME GEOMETRY...\n".utf8))
      exit(64)
    }
  }
}

/// Images of a file's values for given geometries, for programs that compare them with their own.
enum Rendering {
  static func render(_ volume: URL, _ geometries: [URL], into folder: URL) throws {
    let attenuation = try NIfTI.readVolume(volume)
    let views = try geometries.map { try GeometrySidecar.read($0).geometry }
    let images = ExactProjector().forward(attenuation, views)
    for (image, url) in zip(images, geometries) {
      let name = url.deletingPathExtension().lastPathComponent + ".f32"
      let data = Data(
        image.flatMap { value in
          withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init)
        })
      try data.write(to: folder.appendingPathComponent(name))
    }
  }
}

import Foundation
import SpiderCore
import SpiderDRR
import SpiderIO

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

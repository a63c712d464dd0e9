import Foundation
import SpiderCore
import SpiderDRR
import SpiderIO

/// The three files of a radiograph that Spider makes: line integrals, a picture to look at, geometry.
struct RadiographOutput: Encodable {
  let image: URL
  let picture: URL
  let geometry: URL

  /// The files `<name>.nii.gz`, `.png` and `.json` of a folder.
  init(_ name: String, in folder: OutputFolder) {
    image = folder.file("\(name).nii.gz")
    picture = folder.file("\(name).png")
    geometry = folder.file("\(name).json")
  }

  var all: [URL] { [image, picture, geometry] }

  /// Writes all three; an old geometry goes first and the new one comes last, so that an image is
  /// never found with another one's.
  func write(_ radiograph: Radiograph, overwrite: Bool) throws {
    if overwrite, FileManager.default.fileExists(atPath: geometry.path) {
      do {
        try FileManager.default.removeItem(at: geometry)
      } catch {
        throw FileError.notWritable(geometry, reason: error.localizedDescription)
      }
    }
    try RadiographFile.write(radiograph, to: image, overwrite: overwrite)
    try PNG.writeGrey16(
      RadiographPicture.gray16(radiograph), width: radiograph.geometry.columns,
      height: radiograph.geometry.rows, to: picture, overwrite: overwrite)
    try GeometrySidecar(geometry: radiograph.geometry).write(to: geometry, overwrite: overwrite)
  }

  enum CodingKeys: CodingKey { case image, picture, geometry }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(image.path, forKey: .image)
    try container.encode(picture.path, forKey: .picture)
    try container.encode(geometry.path, forKey: .geometry)
  }
}

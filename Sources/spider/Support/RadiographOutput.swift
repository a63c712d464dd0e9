import Foundation
import SpiderCore
import SpiderDRR
import SpiderIO

/// The files of a radiograph that Spider makes: line integrals, a picture to look at, geometry; and, where
/// they are asked for, a film and an overlay.
struct RadiographOutput: Encodable {
  let name: String
  let image: URL
  let picture: URL
  let geometry: URL
  let film: URL?
  let overlay: URL?

  /// The files `<name>.nii.gz`, `.png`, `.json`, `_film.png` and `_overlay.png` of a folder.
  init(_ name: String, in folder: OutputFolder, film: Bool = false, overlay: Bool = false) {
    self.name = name
    image = folder.file("\(name).nii.gz")
    picture = folder.file("\(name).png")
    geometry = folder.file("\(name).json")
    self.film = film ? folder.file("\(name)_film.png") : nil
    self.overlay = overlay ? folder.file("\(name)_overlay.png") : nil
  }

  var all: [URL] { [image, picture, geometry] + [film, overlay].compactMap { $0 } }

  /// Writes line integrals, picture and geometry; an old geometry goes first and the new one comes last,
  /// so that an image is never found with another one's.
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
    try GeometrySidecar(of: radiograph).write(to: geometry, overwrite: overwrite)
  }

  enum CodingKeys: CodingKey { case image, picture, geometry, film, overlay }

  /// Paths; null for what was not asked for.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(image.path, forKey: .image)
    try container.encode(picture.path, forKey: .picture)
    try container.encode(geometry.path, forKey: .geometry)
    try container.encode(film?.path, forKey: .film)
    try container.encode(overlay?.path, forKey: .overlay)
  }
}

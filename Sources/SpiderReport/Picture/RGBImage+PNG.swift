import Foundation
import SpiderIO

extension RGBImage {
  /// The picture as the bytes of a PNG file.
  public var png: Data { PNG.encodeRGB8(pixels, width: width, height: height) }

  /// Writes the picture as a PNG file, whole or not at all.
  ///
  /// - Throws: ``SpiderIO/FileError``; then no file has appeared and none has changed.
  public func writePNG(to url: URL, overwrite: Bool = false) throws(FileError) {
    try PNG.writeRGB8(pixels, width: width, height: height, to: url, overwrite: overwrite)
  }
}

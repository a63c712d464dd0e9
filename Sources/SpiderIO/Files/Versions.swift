internal import CJPEG
internal import CNifti
internal import CPNG
internal import CTIFF

/// Which Spider this is.
public enum SpiderRelease {
  /// The release, as `CHANGELOG.md` numbers it.
  public static let version = "0.2.0"
}

/// The versions of the C libraries that read and write files.
package enum LibraryVersions {
  /// Name and version; nil of a library that does not say.
  package static var all: [(name: String, version: String?)] {
    let tiff = unsafe String(cString: spider_tiff_version()).prefix { $0 != "\n" }
    return unsafe [
      ("libnifti2", nil),
      ("zlib", String(cString: zlibVersion())),
      ("libpng", String(cString: spider_png_version())),
      ("libjpeg", String(cString: spider_jpeg_version())),
      ("libtiff", tiff.split(separator: " ").last.map(String.init)),
    ]
  }
}

internal import CGDCM

/// The library that decodes DICOM pixels.
package enum GDCM {
  /// Its version.
  package static var version: String { unsafe String(cString: spider_gdcm_version()) }
}

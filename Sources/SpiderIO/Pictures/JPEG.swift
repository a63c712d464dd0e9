import Foundation
internal import CJPEG

/// Reads JPEG pictures: grey, YCbCr or RGB, 8 bits, baseline or progressive.
///
/// Whatever libjpeg only warns of is an error, and so is a file that lacks scans: it would fill up the
/// picture with numbers of its own. CMYK, arithmetic coding, 12 bits and lossless kinds are refused.
enum JPEG {
  static func decode(
    _ bytes: [UInt8], _ limits: PictureLimits
  ) throws(FileError) -> GreyPicture {
    var header = spider_jpeg_header()
    var message = [CChar](repeating: 0, count: Int(SPIDER_JPEG_MESSAGE_SIZE))
    try check(
      unsafe spider_jpeg_read_header(bytes, bytes.count, &header, &message), message, limits.url)
    let form = PictureForm(
      width: Int(header.width), height: Int(header.height), bitDepth: 8,
      colours: Int(header.channels), alpha: nil)
    // Each block of 8 x 8 pixels has a code of at least one bit.
    try limits.check(form.width, form.height, bytes: form.size, ratio: 512 * form.colours)
    var pixels = [UInt8](repeating: 0, count: form.size)
    try check(
      unsafe spider_jpeg_read_pixels(bytes, bytes.count, &pixels, pixels.count, &message), message,
      limits.url)
    return GreyPicture(
      form, PictureSource(format: .jpeg, orientation: PictureOrientation(ofJPEG: bytes)),
      PackedSamples(pixels, isWide: false))
  }

  private static func check(
    _ result: spider_jpeg_result, _ message: [CChar], _ url: URL
  ) throws(FileError) {
    let text = PictureFormat.text(message)
    switch result {
    case SPIDER_JPEG_READ: return
    case SPIDER_JPEG_UNSUPPORTED:
      throw .unsupported(
        url, fault: "this is a JPEG picture of a kind that is not read: \(text)",
        remedy: "save it as grey, in JPEG or PNG")
    default: throw .corrupt(url, fault: "as a JPEG picture: \(text)")
    }
  }
}

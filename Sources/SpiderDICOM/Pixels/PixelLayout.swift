import SpiderIO

/// How the pixels of a DICOM file are stored (PS3.3 C.7.6.3), checked before any of them is touched.
struct PixelLayout: Equatable, Sendable {
  let columns: Int
  let rows: Int
  let frames: Int
  /// Numbers a pixel: 1, or 3 for colours.
  let samples: Int
  let photometric: Photometric
  let bitsAllocated: Int
  let bitsStored: Int
  let highBit: Int
  let isSigned: Bool
  /// Whether the colours of a native frame lie one after another.
  let isPlanar: Bool

  /// What a pixel's numbers are.
  enum Photometric: String, Sendable {
    case monochrome1 = "MONOCHROME1"
    case monochrome2 = "MONOCHROME2"
    case rgb = "RGB"
    case ybrFull = "YBR_FULL"
    case ybrFull422 = "YBR_FULL_422"
    case ybrIrreversible = "YBR_ICT"
    case ybrReversible = "YBR_RCT"

    var samples: Int { self == .monochrome1 || self == .monochrome2 ? 1 : 3 }
  }

  /// Pixels of a frame.
  var count: Int { columns * rows }

  /// Bytes of a native frame.
  var frameSize: Int { count * samples * bitsAllocated / 8 }

  /// The least and the greatest number that can be stored.
  var range: ClosedRange<Int> {
    isSigned ? -(1 << (bitsStored - 1))...(1 << (bitsStored - 1)) - 1 : 0...(1 << bitsStored) - 1
  }

  /// Reads and checks the description of the pixels.
  ///
  /// - Parameter maxPixels: more, in all frames together, are refused.
  /// - Throws: ``/SpiderIO/FileError``.
  init(_ file: DICOMFile, maxPixels: Int) throws(FileError) {
    let content = file.content
    func required(
      _ attribute: DICOMAttribute, _ range: ClosedRange<Int>
    ) throws(FileError) -> Int {
      guard let value = try content.integer(attribute) else {
        throw .badHeader(file.url, field: attribute.description, fault: "is missing")
      }
      guard range.contains(value) else {
        throw .badHeader(
          file.url, field: attribute.description,
          fault: "is \(value); it must be \(range.lowerBound) to \(range.upperBound)")
      }
      return value
    }
    guard content.elements.values[DICOMAttribute.pixels.tag] != nil else {
      throw .unsupported(
        file.url, fault: "this DICOM file holds no pixels",
        remedy: "give an image: a CT or an X-ray")
    }
    let name = content.text(.photometric) ?? ""
    guard let photometric = Photometric(rawValue: name) else {
      throw .unsupported(
        file.url, fault: "the \(DICOMAttribute.photometric) '\(name.prefix(16))' is not read",
        remedy: "export the image as MONOCHROME2")
    }
    self.photometric = photometric
    samples = try content.integer(.samples) ?? photometric.samples
    guard samples == photometric.samples else {
      throw .badHeader(
        file.url, field: DICOMAttribute.samples.description,
        fault: "is \(samples), which does not go with \(name)")
    }
    columns = try required(.columns, 1...65535)
    rows = try required(.rows, 1...65535)
    let frames = try content.number(.frames) ?? 1
    guard frames >= 1, frames <= 1e6, let whole = Int(exactly: frames) else {
      throw .badHeader(file.url, field: DICOMAttribute.frames.description, fault: "is \(frames)")
    }
    self.frames = whole
    guard columns * rows * whole <= maxPixels else {
      throw .tooLarge(
        file.url,
        fault: "it claims \(columns) x \(rows) x \(whole) voxels; the limit is \(maxPixels)",
        remedy: "raise the limit if the file is right")
    }
    bitsAllocated = try required(.bitsAllocated, 1...64)
    guard [8, 16, 32].contains(bitsAllocated) else {
      throw .unsupported(
        file.url, fault: "DICOM pixels of \(bitsAllocated) bits are not read",
        remedy: "export the image with 16 bits a pixel")
    }
    bitsStored = try content.integer(.bitsStored) ?? bitsAllocated
    highBit = try content.integer(.highBit) ?? bitsStored - 1
    let (representation, planar) = (
      try content.integer(.representation), try content.integer(.planar)
    )
    isSigned = representation == 1
    isPlanar = samples == 3 && planar == 1
    guard (1...bitsAllocated).contains(bitsStored), highBit >= bitsStored - 1,
      highBit < bitsAllocated, bitsStored < 32 || isSigned
    else {
      throw .badHeader(
        file.url, field: DICOMAttribute.bitsStored.description,
        fault:
          "is \(bitsStored), with \(DICOMAttribute.highBit) \(highBit) of \(bitsAllocated) bits")
    }
  }
}

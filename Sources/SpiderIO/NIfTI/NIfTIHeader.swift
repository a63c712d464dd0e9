import Foundation
import SpiderCore
import SpiderSupport

/// The content of a NIfTI header, checked and in Spider's units. Nothing in it can make reading the data
/// crash or allocate more than the file can hold.
struct NIfTIHeader {
  /// The file the header is in.
  let url: URL
  /// The version of the format, 1 or 2.
  let version: Int
  /// Voxels along i, j, k; all at least 1.
  let shape: [Int]
  /// The type of the stored numbers.
  let datatype: NIfTIDatatype
  /// Whether the data have the byte order this machine has not.
  let isSwapped: Bool
  /// Whether the voxels are in a second file (.img).
  let isPair: Bool
  /// The offset of the voxels in the uncompressed file, bytes.
  let dataOffset: Int
  /// A stored number n means `n * slope + intercept`.
  let slope: Double
  let intercept: Double
  /// Voxel spacing along i, j, k by pixdim, mm, positive.
  let pixelSpacing: Vector3
  /// Voxel to world RAS+ in mm, or nil when the file does not say.
  let affine: Affine?
  /// What it says that the numbers are.
  let content: NIfTIContent?
  /// The free text of the header.
  let text: String
  /// Notes on the reading, for the user.
  var notes: [String]

  /// The number of voxels.
  var count: Int { shape[0] * shape[1] * shape[2] }

  /// Bytes of all voxels as stored.
  var dataSize: Int { count * datatype.size }

  /// Whether the image has at least two voxels along every axis.
  var isVolume: Bool { shape.allSatisfy { $0 > 1 } }

  /// The place of the voxels in the world: as stored, else by the orientation assumed, with the
  /// middle of the grid at the world's origin.
  func affine(assuming orientation: Orientation?) throws(FileError) -> Affine {
    if let affine { return affine }
    guard let orientation else { throw .noOrientation(url) }
    let columns = (0..<3).map { orientation.axes[$0].direction * pixelSpacing[$0] }
    let middle = Vector3(Double(shape[0] - 1), Double(shape[1] - 1), Double(shape[2] - 1)) / 2
    let linear = Affine(columns: (columns[0], columns[1], columns[2]), translation: .zero)
    return Affine(columns: linear.columns, translation: -linear.apply(middle))
  }

  /// Refuses what is a single slice or a line.
  func requireVolume() throws(FileError) {
    guard isVolume else {
      throw .notAVolume(url, fault: "it is a single slice (\(describedShape) voxels)")
    }
  }

  /// The shape as text, "64 x 64 x 57".
  var describedShape: String { shape.map(String.init).joined(separator: " x ") }
}

extension NIfTIHeader {
  /// Reads and checks the header at the start of a file.
  static func read(from reader: GzipReader) throws(FileError) -> NIfTIHeader {
    var bytes = [UInt8](repeating: 0, count: NIfTILayout.two.headerSize)
    let got = try reader.read(NIfTILayout.one.headerSize, into: &bytes)
    let (layout, fields) = try identify(Array(bytes.prefix(got)), reader.url)
    guard got == NIfTILayout.one.headerSize else {
      throw .truncated(reader.url, expected: layout.headerSize, found: got)
    }
    guard layout.version == 2 else { return try parse(fields, layout, reader.url) }
    var rest = [UInt8](repeating: 0, count: layout.headerSize - got)
    try reader.readAll(rest.count, into: &rest, at: got)
    let complete = HeaderFields(
      bytes: Array(bytes.prefix(got)) + rest, isSwapped: fields.isSwapped)
    return try parse(complete, layout, reader.url)
  }

  /// The version and the byte order, by the size the header states as its first number.
  private static func identify(
    _ bytes: [UInt8], _ url: URL
  ) throws(FileError) -> (NIfTILayout, HeaderFields) {
    guard !bytes.isEmpty else {
      throw .truncated(url, expected: NIfTILayout.one.headerSize, found: 0)
    }
    if bytes.count >= 4 {
      for layout in [NIfTILayout.one, .two] {
        for swapped in [false, true] {
          let fields = HeaderFields(bytes: bytes, isSwapped: swapped)
          if fields.int(4, at: 0) == layout.headerSize { return (layout, fields) }
        }
      }
    }
    throw .unknownFormat(url, expected: "a NIfTI file", found: InputFile.kind(of: bytes))
  }

  private static func parse(
    _ fields: HeaderFields, _ layout: NIfTILayout, _ url: URL
  ) throws(FileError) -> NIfTIHeader {
    let isPair = try checkMagic(fields, layout, url)
    let shape = try checkShape(fields, layout, url)
    let code = fields.int(2, at: layout.datatype)
    guard let datatype = NIfTIDatatype(rawValue: code) else {
      throw .unsupported(
        url, fault: "its voxels are \(NIfTIDatatype.name(ofUnsupported: code))",
        remedy: "convert it to one integer or 32-bit floating point number a voxel")
    }
    let offset = try checkOffset(fields, layout, isPair: isPair, url)
    let (slope, intercept) = try checkScaling(fields, layout, url)
    let place = try NIfTIAffine.read(fields, layout, shape: shape, url)
    return NIfTIHeader(
      url: url, version: layout.version, shape: shape, datatype: datatype,
      isSwapped: fields.isSwapped, isPair: isPair, dataOffset: offset, slope: slope,
      intercept: intercept, pixelSpacing: place.pixelSpacing, affine: place.affine,
      content: NIfTIContent(
        code: fields.int(layout.codeSize, at: layout.intentCode),
        name: fields.text(layout.intentName..<layout.intentName + 16)),
      text: fields.text(layout.description..<layout.description + 80), notes: place.notes)
  }

  /// Whether the data are in a second file.
  private static func checkMagic(
    _ fields: HeaderFields, _ layout: NIfTILayout, _ url: URL
  ) throws(FileError) -> Bool {
    let magic = Array(fields.bytes[layout.magic..<layout.magic + 4])
    let digit = UInt8(ascii: layout.version == 1 ? "1" : "2")
    if magic == [UInt8(ascii: "n"), UInt8(ascii: "+"), digit, 0] { return false }
    if magic == [UInt8(ascii: "n"), UInt8(ascii: "i"), digit, 0] { return true }
    guard magic != [0, 0, 0, 0] else {
      throw .unsupported(
        url, fault: "this is an Analyze 7.5 file, which cannot say how it lies in the patient",
        remedy: "convert it to NIfTI with a tool that knows where it comes from")
    }
    throw .badHeader(url, field: "magic", fault: "is \(magic), which is not NIfTI's")
  }

  /// The counts along i, j, k of an image that has no further axis.
  private static func checkShape(
    _ fields: HeaderFields, _ layout: NIfTILayout, _ url: URL
  ) throws(FileError) -> [Int] {
    let dims = (0..<8).map { fields.int(layout.dimSize, at: layout.dim + $0 * layout.dimSize) }
    guard (1...7).contains(dims[0]) else {
      throw .badHeader(url, field: "dim[0]", fault: "is \(dims[0]); 1 to 7 axes are possible")
    }
    var voxels = 1
    for axis in 1...dims[0] {
      guard dims[axis] > 0 else {
        throw .badHeader(url, field: "dim[\(axis)]", fault: "is \(dims[axis]); it must be positive")
      }
      // 16 bytes per voxel at most, and room for the offset: byte counts cannot overflow either.
      let (product, overflow) = voxels.multipliedReportingOverflow(by: dims[axis])
      guard !overflow, product <= Int.max / 64 else {
        throw .badHeader(url, field: "dim", fault: "announces more voxels than any file can hold")
      }
      voxels = product
    }
    let counts = Array(dims[1...dims[0]])
    guard counts.dropFirst(3).allSatisfy({ $0 == 1 }) else {
      let shape = counts.map(String.init).joined(separator: " x ")
      throw .notAVolume(url, fault: "it has \(counted(counts.count, "dimension")) (\(shape))")
    }
    return Array((counts + [1, 1]).prefix(3))
  }

  private static func checkOffset(
    _ fields: HeaderFields, _ layout: NIfTILayout, isPair: Bool, _ url: URL
  ) throws(FileError) -> Int {
    let value =
      layout.version == 1
      ? fields.real(4, at: layout.voxOffset) : Double(fields.int(8, at: layout.voxOffset))
    // Four bytes behind the header announce extensions.
    let least = isPair ? 0 : layout.headerSize + 4
    guard value.isFinite, value == value.rounded(), value >= Double(least), value < 0x1p53 else {
      throw .badHeader(
        url, field: "vox_offset", fault: "is \(value); the data start at byte \(least) or later")
    }
    return Int(value)
  }

  private static func checkScaling(
    _ fields: HeaderFields, _ layout: NIfTILayout, _ url: URL
  ) throws(FileError) -> (Double, Double) {
    let numbers = fields.reals(2, layout.realSize, at: layout.slope)
    // 0 means unscaled by the standard; NaN is how nibabel writes the same.
    if numbers[0] == 0 || numbers[0].isNaN { return (1, 0) }
    guard numbers[0].isFinite, numbers[1].isFinite else {
      throw .badHeader(
        url, field: "scl_slope and scl_inter", fault: "are \(numbers[0]) and \(numbers[1])")
    }
    return (numbers[0], numbers[1])
  }
}

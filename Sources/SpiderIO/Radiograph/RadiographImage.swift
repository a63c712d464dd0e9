import Foundation
import SpiderCore
import SpiderSupport

/// The pixels of a radiograph's image file, before anything is known of its geometry.
struct RadiographImage {
  let url: URL
  let columns: Int
  let rows: Int
  /// Row by row from the top left, finite.
  var values: [Float]
  /// `false` where the file had no finite number, or a picture is transparent; nil when all count.
  var mask: [Bool]?
  /// Whether it is a picture, whose gain and tone curve nobody knows.
  let isPicture: Bool
  /// Where a NIfTI file says its pixels lie; nil when it does not say.
  let affine: Affine?
  /// Whether Spider wrote it, so that its affine is the detector's place for certain.
  let isOwn: Bool
  var notes: [String]
  /// Of a picture that declares white transparent: where it is white, and the note that says so.
  var clearedWhite: ClearedWhite?

  /// Reads a picture or a NIfTI file, told apart by content.
  init(_ url: URL, maxPixels: Int) throws(FileError) {
    _ = try InputFile.size(of: url)
    let start = (try? FileHandle(forReadingFrom: url).read(upToCount: 4)) ?? Data()
    if PictureFormat(startingWith: start) != nil {
      self.init(try GreyPicture.read(url, maxPixels: maxPixels), url)
    } else {
      do {
        try self.init(NIfTIFile(url), url, maxPixels)
      } catch .unknownFormat(let url, _, let found) {
        throw .unknownFormat(
          url, expected: "a radiograph in NIfTI, PNG, JPEG or TIFF", found: found)
      }
    }
  }

  /// A picture: its numbers as parts of full white.
  private init(_ picture: GreyPicture, _ url: URL) {
    self.url = url
    columns = picture.width
    rows = picture.height
    values = picture.values.map { $0 / picture.fullScale }
    mask = picture.mask
    isPicture = true
    affine = nil
    isOwn = false
    notes = picture.notes
    if let note = picture.whiteNote, let mask {
      clearedWhite = ClearedWhite(pixels: mask.map { !$0 }, note: note)
    }
  }

  private init(_ file: NIfTIFile, _ url: URL, _ maxPixels: Int) throws(FileError) {
    let header = file.header
    guard header.shape[2] == 1 else {
      throw .unsupported(
        url, fault: "this is a 3D volume (\(header.describedShape) voxels), not an X-ray image",
        remedy: "give a radiograph, or make one from the volume with spider drr")
    }
    self.url = url
    columns = header.shape[0]
    rows = header.shape[1]
    isPicture = false
    affine = header.affine
    isOwn = header.text == RadiographFile.headerText
    notes = header.notes
    var pixels: [Float] = []
    try file.forEachTile(maxVoxels: maxPixels) { pixels.append(contentsOf: $0) }
    let valid = pixels.map(\.isFinite)
    values = pixels.map { $0.isFinite ? $0 : 0 }
    if let first = valid.firstIndex(of: false) {
      mask = valid
      let count = valid[first...].count { !$0 }
      notes.append(
        isOwn
          ? "\(counted(count, "pixel is", "pixels are")) masked"
          : "\(counted(count, "pixel is", "pixels are")) not finite: masked")
    }
  }
}

extension RadiographImage {
  /// Hangs a NIfTI image of another program as a geometry has it: pixels are reordered, head up.
  ///
  /// Its affine says how, in one of two ways. Rows along z place the image in the patient: rows and columns
  /// are then turned to run as the geometry's do. Rows along y are those of a flat picture, where y is up
  /// and x says nothing. The identity is what programs write that know nothing.
  ///
  /// - Parameter firstRow: what is known better; then only that counts.
  mutating func hang(
    as geometry: ProjectionGeometry, firstRow: RadiographFile.FirstRow?
  ) throws(FileError) {
    if let firstRow {
      if firstRow == .bottom { turn(rows: true, columns: false, because: "as stated") }
      return
    }
    guard let affine, affine != .identity else { throw .rowsUnknown(url) }
    let (column, row) = (normalized(affine.columns.0), normalized(affine.columns.1))
    if abs(row.y) > 0.7 {
      turn(rows: row.y > 0, columns: false, because: "by its affine")
    } else if abs(row.z) > 0.7 {
      let along = dot(column, normalized(geometry.columnStep))
      guard abs(along) > 0.7 else {
        throw .disagreement(
          url,
          fault: "by its affine its columns run along the rays of the view that it is named as",
          remedy: "name the view as it was taken, or say which row is the first")
      }
      turn(rows: row.z > 0, columns: along < 0, because: "by its affine")
    } else {
      throw .unsupported(
        url, fault: "by its affine it lies turned by a quarter: its rows run from side to side",
        remedy: "turn it upright, or say which row is the first")
    }
  }

  private mutating func turn(rows turnsRows: Bool, columns turnsColumns: Bool, because: String) {
    guard turnsRows || turnsColumns else { return }
    values = turned(values, turnsRows, turnsColumns)
    mask = mask.map { turned($0, turnsRows, turnsColumns) }
    if turnsRows { notes.append("its rows count from the bottom, \(because): hung head up") }
    if turnsColumns {
      notes.append("its columns count from the other side, \(because): hung as the view's")
    }
  }

  private func turned<Value>(
    _ pixels: [Value], _ turnsRows: Bool, _ turnsColumns: Bool
  ) -> [Value] {
    (0..<pixels.count).map { index in
      let (column, row) = (index % columns, index / columns)
      return pixels[
        (turnsRows ? rows - 1 - row : row) * columns
          + (turnsColumns ? columns - 1 - column : column)]
    }
  }
}

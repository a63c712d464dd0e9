import Foundation
import SpiderCore
import SpiderIO
import SpiderSupport

/// Reads a CT: a multi-frame DICOM file, or the folder of a series.
///
/// Slices are put where their positions say, scaled to HU one by one, and nothing is resampled unless
/// their distances vary. The volume is the one that SimpleITK and dcm2niix make of it.
struct CTVolumeReader {
  let source: URL
  let maxVoxels: Int
  /// The series asked for: its number in the list, from 1, or its UID.
  let series: String?

  /// HU of what was not measured where the file's own padding would look like tissue; preparation takes
  /// everything below -1500 for such.
  static let unmeasured: Float = -3024

  /// Reads the volume.
  ///
  /// - Throws: ``DICOMError``, ``/SpiderIO/FileError``.
  func read() throws -> LoadedVolume {
    let listing = try CTListing(source, maxBytes: maxBytes, maxPixels: maxVoxels)
    let chosen = try listing.choose(series)
    let geometry = try CTGeometry(chosen, source: source)
    let (first, count) = (geometry.slices[0], geometry.count)
    guard first.columns * first.rows * count <= maxVoxels else {
      throw FileError.tooLarge(
        source,
        fault:
          "it has \(first.columns) x \(first.rows) x \(count) voxels; the limit is \(maxVoxels)",
        remedy: "raise the limit if the file is right")
    }
    let affine = geometry.affine
    guard affine.spacing.isPlausibleSpacing, affine.determinant != 0 else {
      throw FileError.unsupported(
        source, fault: "its slices give voxels of an impossible size", remedy: "export it again")
    }
    let grid = VoxelGrid(nx: first.columns, ny: first.rows, nz: count, affine: affine)
    var notes = listing.notes + geometry.notes + numberNotes(geometry.slices)
    var replaced = 0
    let values = try values(of: geometry, on: grid, &replaced)
    if replaced > 0 {
      notes.append(
        "\(counted(replaced, "voxel is", "voxels are")) padding: read as not measured (\(Int(Self.unmeasured)) HU)"
      )
    }
    return LoadedVolume(volume: Volume(grid: grid, values: values), nonFiniteCount: 0, notes: notes)
  }

  /// 8 bytes a voxel at most, and a header.
  private var maxBytes: Int { maxVoxels > Int.max / 16 ? Int.max : maxVoxels * 8 + (64 << 20) }

  private func numberNotes(_ slices: [CTSlice]) -> [String] {
    guard let type = slices[0].rescaleType, type.uppercased() != "HU" else { return [] }
    return [
      "\(DICOMAttribute.rescaleType) is '\(type.prefix(16))', not HU: the numbers may be no CT numbers"
    ]
  }

  private func values(
    of geometry: CTGeometry, on grid: VoxelGrid, _ replaced: inout Int
  ) throws -> [Float] {
    var frames = FrameCache(maxBytes: maxBytes, maxPixels: maxVoxels)
    var values: [Float] = []
    values.reserveCapacity(grid.count)
    if geometry.isEven {
      for slice in geometry.slices { values += try frames.values(of: slice, &replaced) }
      return values
    }
    // Between the two slices that lie next to each place.
    var (below, index) = (try frames.values(of: geometry.slices[0], &replaced), 0)
    var above = try frames.values(of: geometry.slices[1], &replaced)
    for k in 0..<grid.nz {
      let share = Double(k) / Double(grid.nz - 1)
      while index + 2 < geometry.slices.count, share > geometry.shares[index + 1] {
        index += 1
        below = above
        above = try frames.values(of: geometry.slices[index + 1], &replaced)
      }
      let (low, high) = (geometry.shares[index], geometry.shares[index + 1])
      let weight = Float(min(max((share - low) / (high - low), 0), 1))
      for (a, b) in zip(below, above) {
        // Nothing lies between tissue and what was not measured.
        let isMixed = (a < -1500) != (b < -1500)
        values.append(isMixed ? (weight < 0.5 ? a : b) : a + (b - a) * weight)
      }
    }
    return values
  }
}

/// The slices of a file or folder, and what else lies there.
struct CTListing {
  let source: URL
  private(set) var series: [CTSeries] = []
  private(set) var notes: [String] = []
  /// What was found that is no slice, by modality.
  private var others: [String: Int] = [:]
  private var localizers = 0
  private let isFolder: Bool

  /// Looks at a file, or at all files in a folder and the folders below it.
  ///
  /// - Throws: ``/SpiderIO/FileError`` when a DICOM file is damaged.
  init(_ source: URL, maxBytes: Int, maxPixels: Int) throws {
    self.source = source
    isFolder = source.isDirectory
    let files = isFolder ? try Self.files(in: source) : [source]
    var slices: [CTSlice] = []
    for url in files {
      let file = try DICOMFile(url, maxBytes: maxBytes)
      let modality = file.content.text(.modality) ?? "unknown"
      let hasPixels = file.content.elements.values[DICOMAttribute.pixels.tag] != nil
      guard modality == "CT", hasPixels else {
        others[String(modality.prefix(16)), default: 0] += 1
        continue
      }
      let layout = try PixelFrames(file, maxPixels: maxPixels).layout
      guard layout.samples == 1 else {
        others["CT in colours", default: 0] += 1
        continue
      }
      for frame in 0..<layout.frames {
        guard let slice = try CTSlice(file, frame: frame, layout: layout) else {
          others["CT without place", default: 0] += 1
          break
        }
        localizers += slice.isLocalizer ? 1 : 0
        slices.append(slice)
      }
    }
    series = CTSeries.sorted(slices)
    if localizers > 0 {
      notes.append("\(counted(localizers, "localizer image is", "localizer images are")) left out")
    }
    if isFolder, !others.isEmpty {
      notes.append("other DICOM files are left out: \(describedOthers)")
    }
  }

  private var describedOthers: String {
    others.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }.joined(separator: ", ")
  }

  private static func files(in folder: URL) throws -> [URL] {
    guard
      let walk = FileManager.default.enumerator(
        at: folder.resolvingSymlinksInPath(), includingPropertiesForKeys: [.isRegularFileKey],
        options: [.skipsHiddenFiles])
    else { throw FileError.unreadable(folder, reason: "the folder cannot be listed") }
    var files: [URL] = []
    for case let url as URL in walk {
      // A link stands for what it leads to: archives and version stores keep files so.
      let file = url.resolvingSymlinksInPath()
      guard (try? file.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true,
        DICOMFile.isDICOM(url)
      else { continue }
      files.append(url)
      guard files.count <= 50_000 else {
        throw FileError.tooLarge(
          folder, fault: "the folder holds more than 50000 DICOM files",
          remedy: "give the folder of one series")
      }
    }
    return files.sorted { $0.path < $1.path }
  }

  /// The series asked for, or the only one.
  ///
  /// - Throws: ``DICOMError``.
  func choose(_ asked: String?) throws(DICOMError) -> CTSeries {
    let volumes = series.filter { $0.slices.count > 1 }
    let uids = volumes.map(\.slices[0].series)
    let lines = volumes.enumerated().map { "\($0 + 1): \($1.summary)" }
    if let asked, !volumes.isEmpty {
      if let number = Int(asked), volumes.indices.contains(number - 1) {
        return volumes[number - 1]
      }
      let named = volumes.filter { $0.slices[0].series == asked }
      guard let first = named.first else { throw .noSuchSeries(source, asked: asked, lines) }
      guard named.count == 1 else { throw .severalSeries(source, lines, uids: uids) }
      return first
    }
    guard let only = volumes.first else { throw nothing }
    guard volumes.count == 1 else { throw .severalSeries(source, lines, uids: uids) }
    return only
  }

  private var nothing: DICOMError {
    var found: [String] = []
    if let slice = series.first {
      guard isFolder else { return .notACT(source, found: "one slice of a DICOM CT series") }
      found.append("single slices such as \(slice.slices[0].file.lastPathComponent)")
    }
    if localizers > 0 { found.append(counted(localizers, "localizer image")) }
    if !others.isEmpty {
      guard isFolder else {
        let kind = others.keys.sorted()[0]
        return .notACT(source, found: "a DICOM image of modality \(kind)")
      }
      found.append("DICOM files: " + describedOthers)
    }
    guard isFolder else { return .notACT(source, found: "a DICOM localizer") }
    if found.isEmpty { found.append("no DICOM files") }
    return .noSeries(source, found: "the folder holds " + found.joined(separator: ", "))
  }
}

/// Reads frames, keeping the file they lie in: an enhanced file holds all of a scan.
private struct FrameCache {
  let maxBytes: Int
  let maxPixels: Int
  private var last: (url: URL, frames: PixelFrames, padding: ClosedRange<Int>?)?

  init(maxBytes: Int, maxPixels: Int) {
    self.maxBytes = maxBytes
    self.maxPixels = maxPixels
  }

  /// The CT numbers of a slice. Padding that would look like tissue becomes what was not measured; padding
  /// at or below air keeps its number.
  mutating func values(of slice: CTSlice, _ replaced: inout Int) throws(FileError) -> [Float] {
    if last?.url != slice.file {
      let file = try DICOMFile(slice.file, maxBytes: maxBytes)
      let frames = try PixelFrames(file, maxPixels: maxPixels)
      last = (slice.file, frames, try file.padding(frames.layout))
    }
    guard let (_, frames, padding) = last, frames.layout.columns == slice.columns,
      frames.layout.rows == slice.rows
    else { throw .corrupt(slice.file, fault: "it changed while it was read") }
    let stored = try frames.stored(slice.frame)
    var result: [Float] = []
    result.reserveCapacity(stored.count)
    for number in stored {
      let hu = Float(Double(number) * slice.slope + slice.intercept)
      if let padding, padding.contains(Int(number)), hu > -1000 {
        result.append(CTVolumeReader.unmeasured)
        replaced += 1
      } else {
        result.append(hu)
      }
    }
    return result
  }
}

extension DICOMFile {
  /// The stored numbers that mean "no pixel" (PS3.3 C.7.5.1.1.2); nil when none does.
  func padding(_ layout: PixelLayout) throws(FileError) -> ClosedRange<Int>? {
    func number(_ attribute: DICOMAttribute) throws(FileError) -> Int? {
      guard let value = try content.integer(attribute) else { return nil }
      return layout.isSigned && value > 32767 ? value - 65536 : value
    }
    guard let value = try number(.padding) else { return nil }
    let limit = try number(.paddingLimit) ?? value
    return min(value, limit)...max(value, limit)
  }
}

extension URL {
  /// Whether there is a folder at this path, or behind the link at it.
  var isDirectory: Bool {
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: resolvingSymlinksInPath().path)
    return attributes?[.type] as? FileAttributeType == .typeDirectory
  }
}

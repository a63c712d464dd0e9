import Foundation
import SpiderCore
import SpiderIO

/// The place of a series' slices in the world: sorted along their normal, checked for gaps and doubles.
struct CTGeometry: Sendable {
  /// Slices nearer than this along the normal lie in one place, mm.
  static let samePlace = 1e-3

  /// In the order of their place along the normal of columns x rows.
  let slices: [CTSlice]
  /// Their distances from the first one, as shares of the way to the last one.
  let shares: [Double]
  /// The slices of the volume: as many as there are, or more where they are spaced unevenly.
  let count: Int
  let notes: [String]

  /// Whether slices are evenly spaced, so that each is one of the volume's.
  var isEven: Bool { count == slices.count }

  /// Voxel to world: RAS+. DICOM's LPS+ ends here.
  ///
  /// The step from slice to slice is taken from their positions, so that the shear of a tilted gantry
  /// is kept exactly.
  var affine: Affine {
    // Subtracted, so that no zero becomes a negative one.
    func ras(_ v: Vector3) -> Vector3 { Vector3(0 - v.x, 0 - v.y, v.z) }
    let (first, last) = (slices[0], slices[slices.count - 1])
    return Affine(
      columns: (
        ras(first.columnDirection) * first.spacing.x, ras(first.rowDirection) * first.spacing.y,
        ras(last.position - first.position) / Double(count - 1)
      ), translation: ras(first.position))
  }

  /// Sorts and checks the slices of a series.
  ///
  /// - Parameter source: the file or folder they came from.
  /// - Throws: ``DICOMError`` when slices are missing or doubled, ``/SpiderIO/FileError`` when they do not
  ///   lie behind one another.
  init(_ series: CTSeries, source: URL) throws {
    let normal = series.slices[0].normal
    let slices = series.slices.map { (slice: $0, place: dot($0.position, normal)) }
      .sorted {
        ($0.place, $0.slice.file.path, $0.slice.frame) < (
          $1.place, $1.slice.file.path, $1.slice.frame
        )
      }
    let isFrames = Set(series.slices.map(\.file)).count == 1
    // Files of one name in two folders are told apart by the folder.
    func name(_ index: Int) -> String {
      let slice = slices[index].slice
      let folder = source.path + "/"
      guard !isFrames, slice.file.path.hasPrefix(folder) else {
        return slice.name(isFrame: isFrames)
      }
      return String(slice.file.path.dropFirst(folder.count))
    }
    let gaps = zip(slices, slices.dropFirst()).map { $1.place - $0.place }

    let doubled = gaps.indices.filter { gaps[$0] < Self.samePlace }
    guard doubled.isEmpty else {
      throw DICOMError.doubledSlices(
        source, files: doubled.prefix(5).map { "\(name($0)) and \(name($0 + 1))" })
    }
    let first = slices[0]
    let last = slices[slices.count - 1]
    let way = last.slice.position - first.slice.position
    shares = slices.map { ($0.place - first.place) / (last.place - first.place) }
    for (share, slice) in zip(shares, slices) {
      let off = length(slice.slice.position - first.slice.position - way * share)
      guard off <= max(0.05, 0.1 * slice.slice.spacing.min()) else {
        throw FileError.unsupported(
          source,
          fault: "\(slice.slice.name(isFrame: isFrames)) lies "
            + String(format: "%.2f mm", off) + " beside the line of the other slices",
          remedy: "export the series again, or convert it to NIfTI with a tool that resamples it")
      }
    }
    self.slices = slices.map(\.slice)
    (count, notes) = try Self.spacing(gaps, self.slices, source, name)
  }

  /// The number of evenly spaced slices, and what is to be said of it.
  private static func spacing(
    _ gaps: [Double], _ slices: [CTSlice], _ source: URL, _ name: (Int) -> String
  ) throws -> (Int, [String]) {
    let base = gaps.sorted()[gaps.count / 2]
    let mean = gaps.reduce(0, +) / Double(gaps.count)
    // Positions are rounded, to a tenth of a millimetre at worst.
    let tolerance = min(0.1, max(0.01, 0.1 * mean))
    var place = 0.0
    let isEven = gaps.enumerated().allSatisfy { index, gap in
      place += gap
      return abs(place - Double(index + 1) * mean) <= tolerance
    }
    if isEven { return (slices.count, tiltNotes(slices)) }
    // A gap that occurs again and again, or that the slices beside it fill, is a change of spacing.
    let missing = gaps.indices.filter { index in
      let gap = gaps[index]
      guard gap > 1.5 * base else { return false }
      let isFilled = [slices[index], slices[index + 1]].contains {
        $0.thickness.map { $0 >= 0.95 * gap } ?? false
      }
      let run = gaps[max(0, index - 2)...min(gaps.count - 1, index + 2)]
        .count { abs($0 - gap) <= 0.02 * gap }
      return !isFilled && run < 3
    }
    guard missing.isEmpty else {
      throw DICOMError.missingSlices(
        source,
        gaps: missing.prefix(5).map {
          "\(name($0)) and \(name($0 + 1)) are " + String(format: "%.3g mm", gaps[$0])
            + " apart instead of " + String(format: "%.3g", base)
        })
    }
    let (least, most) = (gaps.min() ?? base, gaps.max() ?? base)
    guard least > 0.05 * most else {
      throw FileError.unsupported(
        source,
        fault: String(format: "its slices are %.3g to %.3g mm apart", least, most),
        remedy: "export the series again, or convert it to NIfTI with a tool that resamples it")
    }
    let total = gaps.reduce(0, +)
    let count = Int((total / least).rounded()) + 1
    let note =
      String(
        format: "slices are %.3g to %.3g mm apart: interpolated to %d slices, %.4g mm apart", least,
        most, count, total / Double(count - 1))
    return (count, [note] + tiltNotes(slices))
  }

  /// What the gantry's tilt has done: sheared the stack, or, by the file's word only, nothing.
  private static func tiltNotes(_ slices: [CTSlice]) -> [String] {
    let way = normalized(slices[slices.count - 1].position - slices[0].position)
    let degrees = acos(min(1, abs(dot(way, slices[0].normal)))) * 180 / .pi
    if degrees > 0.1 {
      return [
        String(format: "tilted gantry: the stack is sheared by %.1f degrees, and kept so", degrees)
      ]
    }
    if let tilt = slices[0].tilt, abs(tilt) > 0.1 {
      return [
        String(
          format:
            "\(DICOMAttribute.gantryTilt) is %.1f degrees, but the slices lie straight: taken as "
            + "they lie", tilt)
      ]
    }
    return []
  }
}

import Foundation
import SpiderCore
import SpiderSupport

/// The summary of a NIfTI file: shape, place and range of values.
///
/// Encoded, its keys are those of the command line's JSON; what is not known is null, never absent.
package struct NIfTISummary: Codable, Equatable, Sendable {
  /// Voxels along i, j, k; a single slice has 1 along one of them.
  package let shape: [Int]
  /// Voxel spacing along i, j, k, mm.
  package let spacing: [Double]
  /// The closest of the 48 orientations, such as "LPI"; nil when the file does not say.
  @NullWhenNil package private(set) var orientation: String?
  /// Voxel to world RAS+ in mm, four rows of four, as stored; nil when the file does not say.
  @NullWhenNil package private(set) var affine: [[Double]]?
  /// The type of the stored numbers, such as "int16".
  package let datatype: String
  /// The free text of the header: what made the file, where it says so; nil when there is none.
  @NullWhenNil package var description: String? = nil
  /// What the file says that its numbers are: "labels" or "uncertainty"; nil of a CT, and where it says nothing.
  @NullWhenNil package var content: String? = nil
  /// The smallest finite value after scaling; nil when none is finite.
  @NullWhenNil package private(set) var minimum: Double?
  /// The largest finite value after scaling.
  @NullWhenNil package private(set) var maximum: Double?
  /// The mean of the finite values after scaling.
  @NullWhenNil package private(set) var mean: Double?
  /// The number of voxels that are NaN or infinite.
  package let nonFiniteCount: Int
  /// Notes on the reading where the file left room.
  package let notes: [String]

  enum CodingKeys: String, CodingKey {
    case shape
    case spacing = "spacing_mm"
    case orientation, affine, datatype, description, content
    case minimum = "min"
    case maximum = "max"
    case mean
    case nonFiniteCount = "non_finite_voxels"
    case notes
  }
}

extension NIfTI {
  /// Describes a file, reading all of it. A single slice is described too; what has more than one
  /// volume or several numbers per voxel is refused.
  ///
  /// - Throws: ``FileError``.
  package static func summary(
    of url: URL, options: NIfTIReadOptions = NIfTIReadOptions()
  ) throws(FileError) -> NIfTISummary {
    let file = try NIfTIFile(url)
    let header = file.header
    var (low, high, sum) = (Double.infinity, -Double.infinity, 0.0)
    var nonFinite = 0
    try file.forEachTile(maxVoxels: options.maxVoxels) { tile in
      for value in tile {
        guard value.isFinite else {
          nonFinite += 1
          continue
        }
        let value = Double(value)
        low = min(low, value)
        high = max(high, value)
        sum += value
      }
    }
    let finite = header.count - nonFinite
    let known = header.affine != nil || options.assumeOrientation != nil
    let affine = known ? try header.affine(assuming: options.assumeOrientation) : nil
    let spacing = affine?.spacing ?? header.pixelSpacing
    return NIfTISummary(
      shape: header.shape, spacing: [spacing.x, spacing.y, spacing.z],
      orientation: affine.map { Orientation(closestTo: $0).description }, affine: affine?.rows,
      datatype: header.datatype.name, description: header.text.isEmpty ? nil : header.text,
      content: header.content?.rawValue,
      minimum: finite > 0 ? low : nil,
      maximum: finite > 0 ? high : nil, mean: finite > 0 ? sum / Double(finite) : nil,
      nonFiniteCount: nonFinite, notes: notes(on: header, affine, nonFinite))
  }

  private static func notes(
    on header: NIfTIHeader, _ affine: Affine?, _ nonFinite: Int
  ) -> [String] {
    var notes = header.notes
    if header.slope != 1 || header.intercept != 0 {
      notes.append("stored numbers are scaled: n * \(header.slope) + \(header.intercept)")
    }
    if !header.isVolume { notes.append("a single slice, not a volume") }
    if header.affine == nil, affine != nil { notes.append("the orientation shown is assumed") }
    if let affine, VoxelGrid(nx: 1, ny: 1, nz: 1, affine: affine).shear > 1e-3 {
      notes.append("sheared: the voxel axes are not perpendicular")
    }
    if nonFinite > 0 { notes.append("\(counted(nonFinite, "voxel is", "voxels are")) not finite") }
    return notes
  }
}

extension NIfTISummary {
  /// Describes a volume that another format's reader has read, under the same keys.
  package init(of loaded: LoadedVolume, datatype: String) {
    let grid = loaded.volume.grid
    let finite = loaded.volume.values.lazy.filter(\.isFinite)
    let sum = finite.reduce(0.0) { $0 + Double($1) }
    self.init(
      shape: [grid.nx, grid.ny, grid.nz],
      spacing: [grid.spacing.x, grid.spacing.y, grid.spacing.z],
      orientation: grid.orientation.description, affine: grid.affine.rows, datatype: datatype,
      minimum: finite.min().map(Double.init), maximum: finite.max().map(Double.init),
      mean: grid.count > loaded.nonFiniteCount ? sum / Double(grid.count) : nil,
      nonFiniteCount: loaded.nonFiniteCount, notes: loaded.notes)
  }
}

extension NIfTISummary: FileSummary {
  /// "volume", or "image" when it is a single slice.
  package var kind: String { shape.allSatisfy { $0 > 1 } ? "volume" : "image" }

  /// Shape, place and values in words.
  package var facts: [(name: String, value: String)] {
    func number(_ value: Double?) -> String {
      value.map { String(format: "%.6g", $0) } ?? "none is finite"
    }
    var facts = [
      (name: "voxels", value: shape.map(String.init).joined(separator: " x ")),
      ("spacing", spacing.map { String(format: "%.4g", $0) }.joined(separator: " x ") + " mm"),
      ("orientation", orientation ?? "not stated"),
      ("stored as", datatype), ("smallest value", number(minimum)),
      ("largest value", number(maximum)), ("mean", number(mean)),
    ]
    for (index, row) in (affine ?? []).prefix(3).enumerated() {
      let numbers = row.map { String(format: "%10.4f", $0) }.joined(separator: " ")
      facts.append((index == 0 ? "voxel to world [mm]" : "", numbers))
    }
    if let content { facts.append(("holds", content)) }
    if let description { facts.append(("description", description)) }
    return facts + notes.map { ("note", $0) }
  }
}

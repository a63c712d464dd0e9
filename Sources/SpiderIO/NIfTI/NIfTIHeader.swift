import Foundation
import SpiderCore

/// What a NIfTI header says, checked and in Spider's units. Nothing in it can make reading the data
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
  /// Where the voxels start in the uncompressed file, bytes.
  let dataOffset: Int
  /// A stored number n means `n * slope + intercept`.
  let slope: Double
  let intercept: Double
  /// Voxel spacing along i, j, k by pixdim, mm, positive.
  let pixelSpacing: Vector3
  /// Voxel to world RAS+ in mm, or nil when the file does not say.
  let affine: Affine?
  /// The free text of the header.
  let text: String
  /// What a user should know about how the file was understood.
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

import Foundation
import SpiderCore
import SpiderIO

/// Prints what is read in NIfTI files, one JSON object a file: affine, shape and voxels as the base64 of
/// 32-bit numbers, or the error. The names of the files come on standard input, one a line; for
/// Scripts/reliability/nifti-differential.
@main enum NIfTIValues {
  private struct Answer: Encodable {
    var affine: [[Double]]?
    var shape: [Int]?
    var values: Data?
    var error: String?
  }

  static func main() throws {
    while let line = readLine() {
      var answer = Answer()
      do {
        let volume = try NIfTI.readVolume(URL(fileURLWithPath: line))
        let (a, t) = (volume.grid.affine.columns, volume.grid.affine.translation)
        answer.affine = (0..<3).map { [a.0[$0], a.1[$0], a.2[$0], t[$0]] }
        answer.shape = [volume.grid.nx, volume.grid.ny, volume.grid.nz]
        answer.values = Data(
          volume.values.flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
          })
      } catch {
        answer.error = "\(error)"
      }
      print(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
    }
  }
}

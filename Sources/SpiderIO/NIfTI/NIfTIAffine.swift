import Foundation
import SpiderCore

/// The affine and spacing that a NIfTI header states, in mm.
///
/// The order of precedence, written down once: sform if its code is positive, else qform if its code
/// is positive, else nothing is known. pixdim alone says sizes, never directions.
struct NIfTIAffine {
  var pixelSpacing: Vector3
  var affine: Affine?
  var notes: [String] = []

  static func read(
    _ fields: HeaderFields, _ layout: NIfTILayout, shape: [Int], _ url: URL
  ) throws(FileError) -> NIfTIAffine {
    var notes: [String] = []
    let millimetres = try unit(fields, layout, url, &notes)
    let hasQform = fields.int(layout.codeSize, at: layout.qformCode) > 0
    let hasSform = fields.int(layout.codeSize, at: layout.qformCode + layout.codeSize) > 0

    var sizes = fields.reals(4, layout.realSize, at: layout.pixdim)
    for axis in 1...3 {
      // Pictures often say nothing of the axis they lack; libnifti2 reads that as 1, and so do we.
      if shape[axis - 1] == 1, sizes[axis] == 0 { sizes[axis] = 1 }
      guard sizes[axis].isFinite, sizes[axis] != 0 else {
        throw .badHeader(
          url, field: "pixdim[\(axis)]", fault: "is \(sizes[axis]); a voxel needs a size")
      }
      guard sizes[axis] > 0 || hasSform else {
        throw .badHeader(
          url, field: "pixdim[\(axis)]", fault: "is negative: left and right cannot be told apart")
      }
    }
    if sizes[1...3].contains(where: { $0 < 0 }) { notes.append("negative pixdim ignored") }
    let spacing = Vector3(abs(sizes[1]), abs(sizes[2]), abs(sizes[3])) * millimetres
    // With an sform nothing is made of these sizes.
    if !hasSform, !spacing.isPlausibleSpacing {
      throw .badHeader(url, field: "pixdim", fault: "gives voxels of an impossible size")
    }
    var result = NIfTIAffine(pixelSpacing: spacing, affine: nil, notes: notes)
    guard hasQform || hasSform else {
      result.notes.append("orientation unknown: the file has neither qform nor sform")
      return result
    }

    let numbers =
      (hasQform ? fields.reals(6, layout.realSize, at: layout.quaternion) : [])
      + (hasSform ? fields.reals(12, layout.realSize, at: layout.sform) : [])
    guard numbers.allSatisfy(\.isFinite) else {
      throw .badHeader(url, field: "qform or sform", fault: "holds a number that is not finite")
    }
    // A unit quaternion's three last numbers: the first one makes up what is missing to a length of 1.
    let tooLong = hasQform && numbers[0..<3].reduce(0) { $0 + $1 * $1 } > 1.001
    if tooLong {
      guard hasSform else {
        throw .badHeader(
          url, field: "qform", fault: "has a quaternion longer than 1, which is no rotation")
      }
      result.notes.append("the qform's quaternion is longer than 1, no rotation: ignored")
    }
    let forms = try NIfTILibrary.affines(of: fields, layout, url)
    let affine = (hasSform ? forms.sform : forms.qform).scaled(by: millimetres)
    guard affine.isUsable else {
      throw .badHeader(
        url, field: hasSform ? "sform" : "qform", fault: "is no invertible map of voxels to space")
    }
    guard affine.spacing.isPlausibleSpacing, affine.translation.isPlausiblePosition else {
      throw .badHeader(
        url, field: hasSform ? "sform" : "qform",
        fault: "gives voxels of an impossible size or place")
    }
    result.affine = affine
    if hasQform && hasSform && !tooLong {
      result.compare(qform: forms.qform.scaled(by: millimetres), sform: affine)
    }
    return result
  }

  /// The factor that turns the file's length unit into mm.
  private static func unit(
    _ fields: HeaderFields, _ layout: NIfTILayout, _ url: URL, _ notes: inout [String]
  ) throws(FileError) -> Double {
    // The low three bits are the unit of space, the next three that of time.
    let code = Int(
      layout.version == 1
        ? fields.bytes[layout.units] : UInt8(truncatingIfNeeded: fields.int(4, at: layout.units)))
    switch code & 7 {
    case 0:
      notes.append("length unit not stated: read as mm")
      return 1
    case 1:
      notes.append("length unit metre: converted to mm")
      return 1000
    case 2: return 1
    case 3:
      notes.append("length unit micrometre: converted to mm")
      return 0.001
    default:
      throw .badHeader(url, field: "xyzt_units", fault: "is \(code), no known length unit")
    }
  }

  private mutating func compare(qform: Affine, sform: Affine) {
    let differences = [
      sform.columns.0 - qform.columns.0, sform.columns.1 - qform.columns.1,
      sform.columns.2 - qform.columns.2, (sform.translation - qform.translation) * 0.01,
    ]
    // A hundredth of a voxel a step, or a millimetre in place: beyond what rounding does.
    let allowed = 0.01 * sform.spacing.min()
    if !differences.allSatisfy({ length($0) <= max(allowed, 1e-6) }) {
      notes.append("qform and sform differ: the sform is used")
    }
  }
}

extension Affine {
  /// The same map into a space whose unit is `factor` times smaller.
  func scaled(by factor: Double) -> Affine {
    Affine(
      columns: (columns.0 * factor, columns.1 * factor, columns.2 * factor),
      translation: translation * factor)
  }

  /// Whether voxels can be placed by it: finite, and no axis vanishes or lies in the others' plane.
  var isUsable: Bool {
    let (a, b, c) = (length(columns.0), length(columns.1), length(columns.2))
    let product = a * b * c
    return product.isFinite && product > 0 && determinant != 0 && determinant.isFinite
      && abs(determinant) > 1e-6 * product
      && translation.x.isFinite && translation.y.isFinite && translation.z.isFinite
  }
}

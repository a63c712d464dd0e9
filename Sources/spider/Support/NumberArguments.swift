import ArgumentParser
import SpiderCore

/// Pixels of a detector: 256, or 256x192 for columns x rows.
struct DetectorSize {
  let columns: Int
  let rows: Int

  static func read(_ text: String) throws -> DetectorSize {
    let counts: [Int] = try NumberList.read(
      text, "x", [1, 2], 1...8192, "a whole number of pixels or two, as 256 or 256x192")
    return DetectorSize(columns: counts[0], rows: counts[counts.count - 1])
  }
}

/// Size of a pixel in mm: 3.6, or 3.6x3.2 for column x row spacing.
struct PixelSize {
  let millimetres: SIMD2<Double>

  static func read(_ text: String) throws -> PixelSize {
    let sizes: [Double] = try NumberList.read(
      text, "x", [1, 2], 0.001...1000, "a length in mm or two, as 3.6 or 3.6x3.2")
    return PixelSize(millimetres: SIMD2(sizes[0], sizes[sizes.count - 1]))
  }
}

/// Voxels of a grid: 128 for all axes, or 128x128x96.
struct GridSize {
  /// One count or three.
  let counts: [Int]

  static func read(_ text: String) throws -> GridSize {
    GridSize(
      counts: try NumberList.read(
        text, "x", [1, 3], 1...8192, "a whole number of voxels or three, as 128 or 128x128x96"))
  }
}

/// Voxels along a side of a cube: 128.
enum CubeSize {
  static func read(_ text: String) throws -> Int {
    // Each command says how many it takes.
    let counts: [Int] = try NumberList.read(
      text, "x", [1], Int.min...Int.max,
      "one whole number of voxels, as 128: the field of view is a cube")
    return counts[0]
  }
}

/// A whole number: 8.
enum WholeNumber {
  static func read(_ text: String) throws -> Int { try read(text, "a whole number, as 8") }

  /// The same, in words of what it counts; each command says how many it takes.
  static func read(_ text: String, _ form: String) throws -> Int {
    let numbers: [Int] = try NumberList.read(text, ",", [1], Int.min...Int.max, form)
    return numbers[0]
  }
}

/// A number: 2 or 0.5.
enum RealNumber {
  static func read(_ text: String) throws -> Double { try read(text, "a number, as 2 or 0.5") }

  /// The same, in words of what it measures; each command says how much it takes.
  static func read(_ text: String, _ form: String) throws -> Double {
    let numbers: [Double] = try NumberList.read(
      text, ",", [1], -.greatestFiniteMagnitude...(.greatestFiniteMagnitude), form)
    return numbers[0]
  }
}

/// The spacing of voxels, the same along all axes: 2 mm.
enum VoxelSpacing {
  static func read(_ text: String) throws -> Double {
    try RealNumber.read(text, "one length in mm, as 2 or 0.5: voxels are cubes")
  }
}

/// A tube's filter: mm of aluminium, or aluminium+copper.
struct TubeFilter {
  let aluminium: Double
  let copper: Double

  static func read(_ text: String) throws -> TubeFilter {
    let parts: [Double] = try NumberList.read(
      text, "+", [1, 2], 0...50, "mm of aluminium, or of aluminium and copper, as 2.5 or 2.5+0.1")
    return TubeFilter(aluminium: parts[0], copper: parts.count == 2 ? parts[1] : 0)
  }
}

/// Spaces of the jaw's joints in mm: 2, or 0.8-7 to draw one for each side.
enum JointSpaceArgument {
  static func read(_ text: String) throws -> ClosedRange<Double> {
    let spaces: [Double] = try NumberList.read(
      text, "-", [1, 2], 0.5...8, "a space in mm or the least and the largest, as 2 or 0.8-7")
    guard spaces[0] <= spaces[spaces.count - 1] else {
      throw ValidationError("\(text): the least space comes first, as 0.8-7")
    }
    return spaces[0]...spaces[spaces.count - 1]
  }
}

/// A box of the world: x0,y0,z0,x1,y1,z1 in mm.
struct BoxArgument {
  let low: Vector3
  let high: Vector3

  static func read(_ text: String) throws -> BoxArgument {
    let numbers: [Double] = try NumberList.read(
      text, ",", [6], -1e5...1e5,
      "six numbers in mm, the least corner and the greatest: x0,y0,z0,x1,y1,z1")
    let (low, high) = (Vector3(Array(numbers[..<3])), Vector3(Array(numbers[3...])))
    for (axis, name) in ["x", "y", "z"].enumerated() where low[axis] >= high[axis] {
      throw ValidationError(
        "\(name)0 is \(numbers[axis]) and \(name)1 is \(numbers[axis + 3]); the corner with the lesser numbers comes first"
      )
    }
    return BoxArgument(low: low, high: high)
  }
}

/// A world point: x,y,z in mm.
struct PointArgument {
  let point: Vector3

  static func read(_ text: String) throws -> PointArgument {
    PointArgument(
      point: Vector3(
        try NumberList.read(text, ",", [3], -1e5...1e5, "three numbers in mm: x,y,z")))
  }
}

/// Two numbers along columns and rows: a pixel position, or lengths in mm.
struct PixelArgument {
  let position: SIMD2<Double>

  static func read(_ text: String) throws -> PixelArgument {
    let numbers: [Double] = try NumberList.read(
      text, ",", [2], -1e6...1e6, "two numbers, along columns and along rows")
    return PixelArgument(position: SIMD2(numbers[0], numbers[1]))
  }
}

/// Numbers with a separator between them.
enum NumberList {
  /// The numbers of a text.
  ///
  /// - Parameter form: what is asked for, in words.
  /// - Throws: `ValidationError` that says what was asked for, or which number is out of range.
  static func read<Number: LosslessStringConvertible & Comparable>(
    _ text: String, _ separator: Character, _ counts: [Int], _ range: ClosedRange<Number>,
    _ form: String
  ) throws -> [Number] {
    let words = listed(text, separator: separator)
    // What else Swift takes for numbers (0x1p3) is most likely a slip.
    let numbers = words.filter { $0.allSatisfy { "0123456789+-.eE".contains($0) } }
      .compactMap { Number($0) }
    guard numbers.count == words.count, counts.contains(numbers.count) else {
      throw ValidationError("give \(form)")
    }
    if let wrong = numbers.firstIndex(where: { !range.contains($0) }) {
      throw ValidationError(
        "\(words[wrong]) is not \(range.lowerBound) to \(range.upperBound); give \(form)")
    }
    return numbers
  }
}

import ArgumentParser
import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderIO
import SpiderSupport

/// What every subcommand understands.
struct CommonOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Worker threads; all processors by default.", valueName: "n"))
  var threads: Int?

  @Flag(help: "Print one machine-readable object on standard output; logs go to standard error.")
  var json = false

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads); it must be 1 to 1024")
    }
  }

  /// Makes the settings of the process. Call first.
  func apply() {
    if let threads { Parallel.processWorkerCount = threads }
  }
}

/// Where randomness starts: a whole number that is not negative.
enum SeedArgument {
  static func read(_ text: String) throws -> UInt64 {
    guard let seed = UInt64(text) else {
      throw ValidationError("a seed is a whole number from 0 to \(UInt64.max)")
    }
    return seed
  }
}

/// Pixels of a detector: 256, or 256x192 for columns x rows.
struct DetectorSize: ExpressibleByArgument {
  let columns: Int
  let rows: Int

  init?(argument: String) {
    guard let counts: [Int] = parts(of: argument, separator: "x", counts: [1, 2]),
      let columns = counts.first, let rows = counts.last,
      counts.allSatisfy((1...8192).contains)
    else { return nil }
    self.columns = columns
    self.rows = rows
  }
}

/// Size of a pixel in mm: 3.6, or 3.6x3.2 for column x row spacing.
struct PixelSize: ExpressibleByArgument {
  let millimetres: SIMD2<Double>

  init?(argument: String) {
    guard let sizes: [Double] = parts(of: argument, separator: "x", counts: [1, 2]),
      let column = sizes.first, let row = sizes.last, sizes.allSatisfy((0.001...1000).contains)
    else { return nil }
    millimetres = SIMD2(column, row)
  }
}

/// Voxels of a grid: 128 for all axes, or 128x128x96.
struct GridSize: ExpressibleByArgument {
  /// One count or three.
  let counts: [Int]

  init?(argument: String) {
    guard let counts: [Int] = parts(of: argument, separator: "x", counts: [1, 3]),
      counts.allSatisfy((1...8192).contains)
    else { return nil }
    self.counts = counts
  }
}

/// A tube's filter: mm of aluminium, or aluminium+copper.
struct TubeFilter: ExpressibleByArgument {
  let aluminium: Double
  let copper: Double

  init?(argument: String) {
    guard let parts: [Double] = parts(of: argument, separator: "+", counts: [1, 2]),
      let aluminium = parts.first
    else { return nil }
    self.aluminium = aluminium
    copper = parts.count == 2 ? parts[1] : 0
  }
}

/// A box of the world: x0,y0,z0,x1,y1,z1 in mm.
struct BoxArgument: ExpressibleByArgument {
  let low: Vector3
  let high: Vector3

  init?(argument: String) {
    guard let numbers: [Double] = parts(of: argument, separator: ",", counts: [6]),
      numbers.allSatisfy({ abs($0) <= 1e5 })
    else { return nil }
    low = Vector3(Array(numbers[..<3]))
    high = Vector3(Array(numbers[3...]))
    guard all(low .< high) else { return nil }
  }
}

/// A world point: x,y,z in mm.
struct PointArgument: ExpressibleByArgument {
  let point: Vector3

  init?(argument: String) {
    guard let numbers: [Double] = parts(of: argument, separator: ",", counts: [3]),
      numbers.allSatisfy({ abs($0) <= 1e5 })
    else { return nil }
    point = Vector3(numbers)
  }
}

/// Two numbers along columns and rows: a pixel position, or lengths in mm.
struct PixelArgument: ExpressibleByArgument {
  let position: SIMD2<Double>

  init?(argument: String) {
    guard let numbers: [Double] = parts(of: argument, separator: ",", counts: [2]),
      numbers.allSatisfy({ abs($0) <= 1e6 })
    else { return nil }
    position = SIMD2(numbers[0], numbers[1])
  }
}

/// The parts of a list, without the blanks around them: "skull, mandible" is "skull,mandible".
func listed(_ text: String, separator: Character = ",") -> [String] {
  text.split(separator: separator, omittingEmptySubsequences: false).map {
    $0.trimmingCharacters(in: .whitespaces)
  }
}

/// The numbers of a text with a separator between them, when their count is one of `counts`.
func parts<Number: LosslessStringConvertible>(
  of text: String, separator: Character, counts: [Int]
) -> [Number]? {
  let words = listed(text, separator: separator)
  let numbers = words.compactMap { Number($0) }
  return numbers.count == words.count && counts.contains(numbers.count) ? numbers : nil
}

extension PoseTolerance: ExpressibleByArgument {
  /// Reads "2,1": 2 mm and 1 degree.
  public init?(argument: String) {
    let numbers = listed(argument).map { Double($0) }
    guard numbers.count == 2, let shift = numbers[0], let turn = numbers[1],
      (0...1000).contains(shift), (0...180).contains(turn)
    else { return nil }
    self.init(shift: shift, turnDegrees: turn)
  }

  /// The default, as the help shows it.
  public var defaultValueDescription: String { "\(shift),\(turnDegrees)" }
}

extension NamedView: ExpressibleByArgument {
  /// Reads `pa`, `ap`, `left`, `right` or an angle in degrees.
  public init?(argument: String) { self.init(argument) }
}

extension ViewSpecification: ExpressibleByArgument {
  /// Reads `[pa=|ap=|left=|right=|ANGLE=]IMAGE[:GEOMETRY.json]`.
  public init?(argument: String) { self.init(argument) }
}

extension Vector3 {
  /// A point in mm as options take it: "0,-12.5,30".
  var text: String { String(format: "%.6g,%.6g,%.6g", x, y, z) }
}

/// The isocentre of a CT as the command line takes it: auto, volume, or a point x,y,z in mm.
struct IsocenterArgument: ExpressibleByArgument {
  let choice: IsocenterChoice

  static let auto = IsocenterArgument(choice: .auto)

  private init(choice: IsocenterChoice) { self.choice = choice }

  init?(argument: String) {
    switch argument.lowercased() {
    case "auto": choice = .auto
    case "volume": choice = .volume
    default:
      guard let given = PointArgument(argument: argument) else { return nil }
      choice = .point(given.point)
    }
  }

  /// The isocentre in a CT, and how it was found.
  func locate(in scan: Scan) -> (point: Vector3, note: String) {
    switch choice {
    case .auto:
      let head = HeadFinder().locate(in: scan)
      return (head.isocenter, head.basis.description)
    case .volume: return (scan.ct.grid.center, "isocentre at the centre of the volume, as asked")
    case .point(let point): return (point, "isocentre as given")
    }
  }

  var defaultValueDescription: String {
    switch choice {
    case .auto: return "auto"
    case .volume: return "volume"
    case .point(let p): return "\(p.x),\(p.y),\(p.z)"
    }
  }
}

import ArgumentParser
import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderIO
import SpiderSupport

/// What every subcommand understands.
struct CommonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Worker threads; all processors by default.", valueName: "n"),
    transform: WholeNumber.read)
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

/// The parts of a list, without the blanks around them: "skull, mandible" is "skull,mandible".
func listed(_ text: String, separator: Character = ",") -> [String] {
  text.split(separator: separator, omittingEmptySubsequences: false).map {
    $0.trimmingCharacters(in: .whitespaces)
  }
}

extension PoseTolerance {
  /// Reads "2,1": 2 mm and 1 degree.
  static func read(_ text: String) throws -> PoseTolerance {
    let form = "mm and degrees, as 2,1"
    let numbers: [Double] = try NumberList.read(text, ",", [2], 0...1000, form)
    guard numbers[1] <= 180 else {
      throw ValidationError("\(numbers[1]) degrees are more than half a turn; give \(form)")
    }
    return PoseTolerance(shift: numbers[0], turnDegrees: numbers[1])
  }
}

extension NamedView {
  /// Reads `pa`, `ap`, `left`, `right` or an angle in degrees.
  static func read(_ text: String) throws -> NamedView {
    guard let view = NamedView(text) else {
      throw ValidationError("a view is pa, ap, left, right or an angle in degrees, as 45")
    }
    return view
  }
}

extension ViewSpecification {
  /// Reads `[pa=|ap=|left=|right=|ANGLE=]IMAGE[:GEOMETRY.json]`.
  static func read(_ text: String) throws -> ViewSpecification {
    guard let view = ViewSpecification(text) else {
      throw ValidationError("give the file of an X-ray, as left=side.png or side.png:side.json")
    }
    return view
  }
}

extension Vector3 {
  /// A point in mm as options take it: "0,-12.5,30".
  var text: String { String(format: "%.6g,%.6g,%.6g", x, y, z) }
}

/// The isocentre of a CT as the command line takes it: auto, volume, or a point x,y,z in mm.
struct IsocenterArgument: CustomStringConvertible {
  let choice: IsocenterChoice

  static let auto = IsocenterArgument(choice: .auto)

  static func read(_ text: String) throws -> IsocenterArgument {
    switch text.lowercased() {
    case "auto": IsocenterArgument(choice: .auto)
    case "volume": IsocenterArgument(choice: .volume)
    default:
      IsocenterArgument(
        choice: .point(
          Vector3(
            try NumberList.read(
              text, ",", [3], -1e5...1e5, "auto, volume or three numbers in mm: x,y,z"))))
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

  /// As it is written.
  var description: String {
    switch choice {
    case .auto: return "auto"
    case .volume: return "volume"
    case .point(let p): return "\(p.x),\(p.y),\(p.z)"
    }
  }
}

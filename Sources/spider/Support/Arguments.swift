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

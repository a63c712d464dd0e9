import ArgumentParser
import SpiderCore

/// The isocentre as the command line takes it: auto, volume, or x,y,z in mm.
enum IsocenterArgument: ExpressibleByArgument, CustomStringConvertible {
  case auto
  case volume
  case point(Vector3)

  init?(argument: String) {
    switch argument.lowercased() {
    case "auto": self = .auto
    case "volume": self = .volume
    default:
      guard let point = Vector3(commaSeparated: argument) else { return nil }
      self = .point(point)
    }
  }

  var choice: IsocenterChoice {
    switch self {
    case .auto: return .auto
    case .volume: return .volume
    case .point(let point): return .point(point)
    }
  }

  /// The isocentre in a CT, and how it was found.
  func locate(in ct: Volume) -> (point: Vector3, note: String) {
    switch self {
    case .auto:
      let head = HeadFinder().locate(in: ct)
      return (head.isocenter, head.basis.description)
    case .volume: return (ct.grid.center, "isocentre at the centre of the volume, as asked")
    case .point(let point): return (point, "isocentre as given")
    }
  }

  var description: String {
    switch self {
    case .auto: return "auto"
    case .volume: return "volume"
    case .point(let p): return "\(p.x),\(p.y),\(p.z)"
    }
  }
  var defaultValueDescription: String { description }
}

extension Vector3 {
  /// Three finite numbers with commas between them.
  init?(commaSeparated text: String) {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).compactMap {
      Double($0)
    }
    guard numbers.count == 3, text.filter({ $0 == "," }).count == 2,
      numbers.allSatisfy(\.isFinite)
    else { return nil }
    self.init(numbers)
  }
}

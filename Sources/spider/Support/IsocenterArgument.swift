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

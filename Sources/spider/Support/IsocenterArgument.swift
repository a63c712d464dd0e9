import ArgumentParser
import SpiderAnatomy
import SpiderCore

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
  func locate(in ct: Volume) -> (point: Vector3, note: String) {
    switch choice {
    case .auto:
      let head = HeadFinder().locate(in: ct)
      return (head.isocenter, head.basis.description)
    case .volume: return (ct.grid.center, "isocentre at the centre of the volume, as asked")
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

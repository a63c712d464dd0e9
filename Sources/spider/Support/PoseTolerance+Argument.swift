import ArgumentParser
import SpiderCore

extension PoseTolerance: ExpressibleByArgument {
  /// Reads "2,1": 2 mm and 1 degree.
  public init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map {
      Double($0)
    }
    guard numbers.count == 2, let shift = numbers[0], let turn = numbers[1],
      (0...1000).contains(shift), (0...180).contains(turn)
    else { return nil }
    self.init(shift: shift, turnDegrees: turn)
  }

  /// The default, as the help shows it.
  public var defaultValueDescription: String { "\(shift),\(turnDegrees)" }
}

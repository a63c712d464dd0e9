/// A tensor as a file holds it: a name, a shape and its numbers, the last axis fastest.
public struct NamedTensor: Sendable, Equatable {
  /// Its name, the path of a property in the code of the network.
  public let name: String
  /// The counts along its axes; empty for a single number.
  public let shape: [Int]
  /// Its numbers, row-major.
  public let values: [Float]

  /// Builds a tensor; the number of values must be that of the shape.
  public init(name: String, shape: [Int], values: [Float]) {
    precondition(
      shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == values.count,
      "\(values.count) values for the shape \(shape) of \(name)")
    self.name = name
    self.shape = shape
    self.values = values
  }
}

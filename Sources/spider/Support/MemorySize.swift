import ArgumentParser

/// A number of bytes, written as 4000000, 512M or 8G.
struct MemorySize: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    let units: [Character: Double] = ["K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12]
    let last = argument.uppercased().last ?? " "
    let factor = units[last] ?? 1
    let digits = units[last] == nil ? argument : String(argument.dropLast())
    guard let number = Double(digits), number > 0, number * factor < 9e18 else { return nil }
    bytes = Int(number * factor)
  }
}

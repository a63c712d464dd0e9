/// Times a piece of work: repeats it and reports best and median, because on a shared machine the mean
/// measures the neighbours.
struct Stopwatch {
  /// How often the work is timed, after one untimed run.
  var repeats = 9

  /// Times `work` and prints a line. `amount` is how many `unit` one run handles. What `work` returns
  /// is consumed, so that the optimiser cannot leave it out.
  func measure<Result>(_ name: String, amount: Int, unit: String, work: () -> Result) {
    consume(work())
    let times = (0..<repeats).map { _ in
      ContinuousClock().measure { consume(work()) } / .nanoseconds(1)
    }.sorted()
    func perUnit(_ nanoseconds: Double) -> String {
      let value = nanoseconds / Double(amount)
      return String(value.description.prefix(6))
    }
    print(
      "\(name): best \(perUnit(times[0])), median \(perUnit(times[repeats / 2])) ns per \(unit)")
  }

  @inline(never) private func consume<Result>(_ result: Result) {}
}

/// Times a piece of work by the wall clock. On a shared machine the mean measures the neighbours, so
/// whoever reads the times takes the median.
enum WorkTimer {
  /// Seconds of `repeats` runs, after one untimed run.
  static func seconds(repeats: Int, _ work: () -> Void) -> [Double] {
    work()
    return (0..<repeats).map { _ in ContinuousClock().measure(work) / .seconds(1) }
  }

  /// The middle one.
  static func median(_ seconds: [Double]) -> Double { seconds.sorted()[seconds.count / 2] }
}

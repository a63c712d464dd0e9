import SpiderSupport

/// The steps that a session of a run skipped, and whose they were: a patient who is in most of them is worth a look.
struct SkippedSteps {
  private var count = 0
  private var timesByPatient: [String: Int] = [:]

  /// Patients that are named.
  private static let mostNamed = 4

  /// Counts a step.
  mutating func add(_ patients: [String]) {
    count += 1
    for name in Set(patients) { timesByPatient[name, default: 0] += 1 }
  }

  /// The patients who were in more than one of them, the most frequent first; nil where there is none.
  var note: String? {
    let repeated = timesByPatient.filter { $0.value > 1 }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    guard !repeated.isEmpty else { return nil }
    let named = repeated.prefix(Self.mostNamed).map { "'\($0.key)' in \($0.value)" }
    let others = repeated.count - named.count
    return "of \(count) skipped steps, patient " + named.joined(separator: ", ")
      + (others > 0 ? ", and \(others) more in several" : "")
  }
}

extension [String] {
  /// Patients by their names: "patient 'a'", "patients 'a', 'b'".
  var asPatients: String {
    (count == 1 ? "patient " : "patients ") + map { "'\($0)'" }.joined(separator: ", ")
  }
}

extension RunState {
  /// How many steps were made, and how many of them skipped, in words.
  public var stepsInWords: String {
    counted(step, "step")
      + (spikes.skipped > 0
        ? ", \(spikes.skipped) of them skipped: loss or gradient far beyond the usual" : "")
  }
}

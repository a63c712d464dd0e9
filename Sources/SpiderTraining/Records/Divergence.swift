import SpiderCore
import SpiderTensor

/// The place where the numbers of a training step are not finite (NaN or infinity): what is named when a run stops.
public struct Divergence: Equatable, Sendable {
  /// The step, from 1.
  public var step: Int
  /// What of a patient is not finite before any network has seen it: "CT numbers" or "X-rays", say; nil: all is.
  public var data: String?
  /// The terms of the loss that are not, by their names in the log.
  public var terms: [String] = []
  /// The parameter that is not: the first one, the way the network computes.
  public var parameter: String?
  /// The parameter whose gradient is not, though loss and parameters are: the first one on the way back from the loss.
  public var gradient: String?
  /// The patients whose numbers are not; all of the batch, where they cannot be told apart. None where the parameters
  /// alone were looked at, or the patients are another process's.
  public var patients: [String] = []

  /// States a step at which something is not finite.
  public init(
    step: Int, data: String? = nil, terms: [String] = [], parameter: String? = nil,
    gradient: String? = nil, patients: [String] = []
  ) {
    self.step = step
    self.data = data
    self.terms = terms
    self.parameter = parameter
    self.gradient = gradient
    self.patients = patients
  }
}

extension Divergence {
  /// One network of a step: its parameters, the gradient that it has found, and the prefix of its names.
  struct Network {
    var prefix = ""
    let parameters: ParameterArena
    let gradient: FloatSlice
  }

  /// Looks for what is not finite in a step that has failed.
  ///
  /// A gradient that is not finite makes all those behind it so, on the way back from the loss, which is the way
  /// against the order of the layout: it began in the last of them.
  static func found(
    step: Int, loss: some LossReport, _ networks: [Network], patients: [String]
  ) -> Divergence {
    var found = Divergence(step: step, terms: loss.termsNotFinite, patients: patients)
    for network in networks {
      guard let name = network.parameters.storage.slice.notFinite(network.parameters.layout).first
      else { continue }
      found.parameter = network.prefix + name
      return found
    }
    guard found.terms.isEmpty else { return found }
    for network in networks {
      guard let name = network.gradient.notFinite(network.parameters.layout).last else { continue }
      found.gradient = network.prefix + name
      return found
    }
    return found
  }

  /// The words for it, without its remedy.
  var fault: String {
    var places: [String] = []
    if let data { places.append("the \(data)") }
    if !terms.isEmpty {
      let names = terms.map { "'\($0)'" }.joined(separator: ", ")
      places.append(
        terms.count == 1 ? "the term \(names) of the loss" : "the terms \(names) of the loss")
    }
    if let parameter { places.append("the parameter '\(parameter)'") }
    if let gradient { places.append("the gradient of '\(gradient)'") }
    if places.isEmpty { places = ["loss or gradient"] }
    let whose = patients.isEmpty ? "" : ", \(patients.asPatients)"
    return "step \(step)\(whose): not finite (NaN or infinity): \(places.joined(separator: ", "))"
  }
}

extension LossReport {
  /// The terms that are not finite; the total alone where only adding up went beyond all numbers.
  var termsNotFinite: [String] {
    let names = terms.filter { !$0.value.isFinite }.map(\.name)
    return names.isEmpty && !total.isFinite ? ["total"] : names
  }
}

extension FloatSlice {
  /// Whether every number is finite.
  var isFinite: Bool { (0..<count).allSatisfy { self[$0].isFinite } }

  /// The names of the parameters whose numbers here are not finite, in the order of their layout.
  func notFinite(_ layout: ParameterLayout) -> [String] {
    layout.parameters.filter { !part($0.offset, $0.count).isFinite }.map(\.name)
  }
}

import Foundation
import SpiderTensor

/// Everything about a trained SPIDER model but its numbers: what it was built as, what it must be fed
/// and what it answers. It travels inside the model file.
public struct ModelDescription: Codable, Equatable, Sendable {
  /// The sizes of the network.
  public var architecture: SpiderArchitecture
  /// The CT numbers that 0 and 1 stand for.
  public var window: CTWindow
  /// The tissue classes it tells apart.
  public var scheme: LabelScheme
  /// The side of the canonical cube about the isocentre, mm.
  public var fieldOfView: Double
  /// The directions of the X-rays, in the order in which it reads them.
  public var views: [NamedView]
  /// Distances and detector of the X-rays it was trained with.
  public var setup: ViewSetup
  /// In which form it is fed radiographs.
  public var intensity: RadiographIntensity
  /// How it was trained, for people: data, steps, time, figures.
  public var training: [String: String]

  /// Describes a model.
  public init(
    architecture: SpiderArchitecture, window: CTWindow = .standard, scheme: LabelScheme = .head,
    fieldOfView: Double = 256, views: [NamedView] = [.pa, .left], setup: ViewSetup = ViewSetup(),
    intensity: RadiographIntensity = .relative, training: [String: String] = [:]
  ) {
    self.architecture = architecture
    self.window = window
    self.scheme = scheme
    self.fieldOfView = fieldOfView
    self.views = views
    self.setup = setup
    self.intensity = intensity
    self.training = training
  }

  /// Why a model of this description cannot be, or nil: for descriptions that come from a file.
  public var fault: String? {
    if let fault = architecture.fault { return fault }
    if architecture.classes != scheme.count {
      return "\(architecture.classes) classes in the network, \(scheme.count) in its scheme"
    }
    if architecture.viewCount != views.count {
      return "\(architecture.viewCount) views in the network, \(views.count) described"
    }
    if !(window.low.isFinite && window.high.isFinite && window.low < window.high) {
      return "a window from \(window.low) to \(window.high) HU"
    }
    if !WorldLimits.edge.contains(fieldOfView) {
      return "a field of view of \(fieldOfView) mm; it must be \(WorldLimits.edgeInWords)"
    }
    // Each side first: the product of two sides from a file could overflow.
    guard (1...8192).contains(setup.columns), (1...8192).contains(setup.rows) else {
      return "images of \(setup.columns) x \(setup.rows) pixels"
    }
    let alignment = 1 << (architecture.encoderWidths.count - 1)
    if setup.columns % alignment != 0 || setup.rows % alignment != 0 {
      return "images of \(setup.columns) x \(setup.rows), not multiples of \(alignment)"
    }
    if setup.columns * setup.rows > 1 << 24 { return "images of more than 16 million pixels" }
    let lengths = [
      setup.sourceToAxis, setup.sourceToDetector, setup.pixelSize.x, setup.pixelSize.y,
    ]
    if !lengths.allSatisfy({ abs($0) <= WorldLimits.distance }) {
      return "a distance or pixel size of more than \(WorldLimits.distance) mm"
    }
    do {
      for view in views { _ = try setup.geometry(of: view) }
    } catch {
      return "\(error)"
    }
    return nil
  }
}

/// A trained SPIDER model: its description, its network and its numbers.
public struct SpiderModel: Sendable {
  /// What it is fed and what it answers.
  public var description: ModelDescription
  /// The plan of the network.
  package let network: SpiderNetwork
  /// Its numbers.
  package var parameters: ParameterArena

  /// How far its CT numbers may be off; nil where nobody fitted that.
  public var uncertainty: UncertaintyHead?

  /// How far figures derived from its labels may be off; nil where nobody calibrated that.
  public var measurements: MeasurementIntervals?

  /// A model with numbers drawn from a seed, ready to be trained.
  public init(_ description: ModelDescription, seed: UInt64) {
    self.description = description
    network = SpiderNetwork(description.architecture)
    parameters = ParameterArena(network.layout, seed: seed)
  }

  /// A model with given numbers, in the layout of its network.
  package init(_ description: ModelDescription, parameters: ParameterArena) {
    self.description = description
    network = SpiderNetwork(description.architecture)
    precondition(
      parameters.layout.count == network.layout.count, "parameters of another network")
    self.parameters = parameters
  }
}

/// The head that says how far a CT number may be off.
///
/// From what the last hidden layer knows of a point, h, it answers with the scale b = exp(w h + c) of a Laplace law
/// about the CT number, in window units. Stretched by ``factor``, that is half the width of an interval which holds
/// the true number in ``coverage`` of a body's voxels: the factor is set on patients that the network has not learned
/// from (conformal calibration), so it does not rest on the law. It is at most the whole window: no answer is further
/// off.
///
/// It is fitted to a trained network and changes nothing of what that answers.
public struct UncertaintyHead: Equatable, Sendable {
  /// The share of a body's voxels that the intervals hold.
  public static let coverage = 0.9
  /// The range of log b. An error is at most 1 in window units.
  package static let logScales: ClosedRange<Float> = -12...1
  /// The limits of ``factor``.
  package static let factors: ClosedRange<Float> = 1e-3...1e3

  /// A weight for each number of the last hidden layer: w.
  package var weights: [Float]
  /// c.
  package var bias: Float
  /// Half an interval's width in scales.
  public var factor: Float

  /// States a head.
  package init(weights: [Float], bias: Float, factor: Float) {
    (self.weights, self.bias, self.factor) = (weights, bias, factor)
  }

  /// A head that knows nothing: the same scale, in window units, everywhere.
  package init(inputs: Int, scale: Float = 0.03) {
    self.init(weights: [Float](repeating: 0, count: inputs), bias: 0, factor: 1)
    bias = log(scale)
  }

  /// Half the width of the interval about a CT number, HU, for what the last hidden layer knows of a point, by its
  /// definition: the reference of the tests.
  package func reference(_ hidden: [Double], window: CTWindow) -> Double {
    let logScale = zip(weights, hidden).reduce(Double(bias)) { $0 + Double($1.0) * $1.1 }
    let bounded = min(
      max(logScale, Double(Self.logScales.lowerBound)), Double(Self.logScales.upperBound))
    return Double(window.high - window.low) * min(1, Double(factor) * exp(bounded))
  }

  /// The reason why no network has such a head of so many inputs, or nil: for numbers that come from a file.
  package func fault(inputs: Int) -> String? {
    guard weights.count == inputs else {
      return "\(weights.count) weights of the uncertainty for \(inputs) inputs"
    }
    guard weights.allSatisfy(\.isFinite), bias.isFinite else {
      return "weights of the uncertainty that are not numbers"
    }
    return Self.factors.contains(factor)
      ? nil
      : "a factor of the uncertainty of \(factor); it must be \(Self.factors.lowerBound) to "
        + "\(Self.factors.upperBound)"
  }
}

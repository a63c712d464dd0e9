import Foundation
import SpiderCore
import SpiderIO
import SpiderSupport
import SpiderTensor

/// The plan of a published network.
public enum BaselineNetwork: Sendable {
  /// X2CT-GAN's generator.
  case x2ctGAN(X2CTGenerator)
  /// PerX2CT.
  case perX2CT(PerX2CT)

  /// Plans a network; its description must have no fault.
  public init(_ architecture: BaselineArchitecture) {
    switch architecture {
    case .x2ctGAN(let architecture):
      self = .x2ctGAN(X2CTGenerator(architecture.generator, architecture.variant))
    case .perX2CT(let configuration): self = .perX2CT(PerX2CT(configuration))
    }
  }

  /// Names and places of the parameters.
  package var layout: ParameterLayout {
    switch self {
    case .x2ctGAN(let generator): generator.layout
    case .perX2CT(let network): network.layout
    }
  }
}

/// A trained published network: description, plan and numbers.
public struct BaselineModel: Sendable {
  /// What it is fed and what it answers.
  public var description: BaselineDescription
  /// The plan of the network.
  public let network: BaselineNetwork
  /// Its numbers.
  package var parameters: ParameterArena

  /// A model with numbers drawn from a seed, ready to be trained.
  public init(_ description: BaselineDescription, seed: UInt64) {
    self.description = description
    network = BaselineNetwork(description.architecture)
    parameters = ParameterArena(network.layout, seed: seed)
  }

  /// A model with given numbers, in the layout of its network.
  package init(
    _ description: BaselineDescription, network: BaselineNetwork, parameters: ParameterArena
  ) {
    self.description = description
    self.network = network
    precondition(
      parameters.layout.count == network.layout.count, "parameters of another network")
    self.parameters = parameters
  }
}

extension BaselineModel {
  /// About how many bytes a reconstruction holds at most, the numbers of the network included: from
  /// measurements at published widths.
  public var memoryForUse: Int {
    let voxels =
      description.architecture.size * description.architecture.size
      * description.architecture.size
    let activations: Int
    switch description.architecture {
    case .x2ctGAN(let architecture):
      // Nine volumes of the finest levels' channels.
      activations = 9 * voxels * architecture.generator.decoderChannels.prefix(2).reduce(0, max)
    case .perX2CT(let configuration):
      // Four slices at a time.
      activations = 48 * configuration.size * configuration.size * configuration.width
    }
    return (network.layout.count + activations) * MemoryLayout<Float>.stride
  }
}

/// A published network reconstructs from two X-rays: it makes its own voxels, a cube about the isocentre; any
/// other grid is interpolated from them, linearly, and is air beyond them. It tells no tissues apart.
extension BaselineModel: ReconstructionModel {
  /// Slices of PerX2CT that are decoded at a time.
  private static let slicesAtOnce = 4

  /// What it is called, what it reads, what it shows.
  public var traits: ModelTraits {
    ModelTraits(
      name: description.architecture.name, views: description.views, setup: description.setup,
      input: .matched(.relative), fieldOfView: description.fieldOfView, window: description.window,
      training: description.training)
  }

  /// What the network holds, with its own voxels and those that were asked for, as they are made and as
  /// they are turned.
  public func memory(for grid: VoxelGrid, options: ReconstructionOptions) -> Int {
    memoryForUse
      + (grid.count + description.grid(about: .zero).count) * 2 * MemoryLayout<Float>.stride
  }

  /// Makes the network's voxels, and hands on those of the grid.
  ///
  /// - Throws: ``BaselineError`` when a radiograph looks another way, and what `progress` and `sink` throw.
  public func answer(
    _ views: PreparedViews, on grid: VoxelGrid, options: ReconstructionOptions,
    progress: (Double) throws -> Void, into sink: (ReconstructionSlab) throws -> Void
  ) throws -> ReconstructionSummary {
    let clock = Stopwatch()
    let images = try PublishedImages(views.input, for: description, isocenter: views.isocenter)
    let values = try MemoryPool.reusing {
      switch network {
      case .x2ctGAN(let generator):
        // With the statistics of the sample, as the published test script does.
        let tape = Tape(parameters, statistics: .sample)
        return generator.forward([images.frontal, images.lateral], tape).volume.values
      case .perX2CT(let network):
        return try axialSlices(of: images, network, progress)
      }
    }
    let own = description.grid(about: views.isocenter)
    let window = description.window
    let ct = try PublishedOrientation(views: description.views).volume(
      values.map { window.hounsfield($0) }, on: own)
    var summary = ReconstructionSummary(points: grid.count)
    summary.decodeSeconds = clock.total
    try ReconstructionSlab.deliver(
      grid == own ? ct : ct.resampled(onto: grid, outside: -1000), into: sink)
    try progress(1)
    return summary
  }

  /// The volume (D, H, W) of PerX2CT's axial slices; the X-rays are encoded once.
  private func axialSlices(
    of images: PublishedImages, _ network: PerX2CT, _ progress: (Double) throws -> Void
  ) throws -> [Float] {
    let size = network.configuration.size
    let tape = Tape(parameters, statistics: .running)
    let features = network.encode(pa: images.frontal, lateral: images.lateral, tape)
    var values: [Float] = []
    values.reserveCapacity(size * size * size)
    for first in stride(from: 0, to: size, by: Self.slicesAtOnce) {
      let planes = (first..<min(size, first + Self.slicesAtOnce)).map { SliceLattice(.axial, $0) }
      let slices = network.decode(
        network.map(planes, features, cameras: [images.cameras], tape), tape)
      for index in planes.indices {
        values += slices.entry(index).part(PerX2CT.usedChannel * size * size, size * size).array
      }
      try progress(Double(planes.count + first) / Double(size))
    }
    return values
  }
}

extension BaselineModel: StorableModel {
  /// How it was trained, for people.
  public var training: [String: String] {
    get { description.training }
    set { description.training = newValue }
  }

  /// Network, input, output and training.
  public var summary: any FileSummary { BaselineSummary(self) }

  /// Writes a model file.
  public func write(
    to url: URL, precision: SafetensorsFile.Precision, overwrite: Bool
  ) throws(FileError) {
    try BaselineModelFile.write(self, to: url, precision: precision, overwrite: overwrite)
  }
}

/// X-rays as a published network is fed them: turned to its orientation and stretched to [0, 1] by each
/// image's own least and largest value. Training and use meet here, behind
/// ``/SpiderCore/NetworkInput/normalized(_:as:numbers:)``.
public struct PublishedImages: Sendable {
  /// The frontal X-ray (1, 1, S, S), as the network's own storage has it.
  package let frontal: Tensor
  /// The lateral one.
  package let lateral: Tensor
  /// The cameras that PerX2CT looks at them with.
  public let cameras: SliceCameras

  /// Turns normalised radiographs on the model's own detector, in the order of its views.
  ///
  /// - Throws: ``BaselineError/otherView(wanted:)`` when one looks another way.
  public init(
    _ radiographs: [Radiograph], for description: BaselineDescription, isocenter: Vector3
  ) throws {
    let orientation = try PublishedOrientation(views: description.views)
    let roles = try PublishedOrientation.roles(of: description.views)
    precondition(radiographs.count == roles.count, "\(radiographs.count) X-rays of two views")
    let size = description.architecture.size
    var images: [PublishedOrientation.View: Tensor] = [:]
    var cameras = SliceCameras.published
    for (radiograph, view) in zip(radiographs, roles) {
      let turned = try orientation.image(radiograph, as: view)
      var values = X2CTPreprocessing.stretched(turned.values)
      if case .perX2CT(let configuration) = description.architecture {
        values = PublishedOrientation.perX2CT(values, side: size, as: view)
        if configuration.camera == .trueGeometry {
          let camera = SliceCamera.detector(
            DetectorCamera(
              turned.geometry, as: view, in: orientation, isocenter: isocenter,
              side: description.fieldOfView))
          if view == .frontal { cameras.pa = camera } else { cameras.lateral = camera }
        }
      }
      images[view] = Tensor([1, 1, size, size], values)
    }
    guard let frontal = images[.frontal], let lateral = images[.lateral] else {
      throw BaselineError.otherViews(description.views)
    }
    self.frontal = frontal
    self.lateral = lateral
    self.cameras = cameras
  }
}

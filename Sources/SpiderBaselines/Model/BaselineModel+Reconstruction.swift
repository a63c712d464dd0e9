import Foundation
import SpiderCore
import SpiderIO
import SpiderSupport
import SpiderTensor

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

import Foundation
import SpiderCore
import SpiderTensor

/// Reconstructs a CT volume from two X-rays with a published network.
///
/// The network makes its own voxels, a cube about the isocentre; any other grid is interpolated from
/// them, linearly, and is air beyond them. It tells no tissues apart.
public struct BaselineReconstructor: Sendable {
  /// What comes out.
  public struct Result: Sendable {
    /// CT numbers in HU on the grid that was asked for.
    public var ct: Volume
    /// What the user should know.
    public var warnings: [String]
    /// Seconds until the network's voxels were there.
    public var seconds: Double
  }

  /// Slices of PerX2CT that are decoded at a time.
  private static let slicesAtOnce = 4

  /// The model that answers.
  public let model: BaselineModel

  /// Builds a reconstructor.
  public init(model: BaselineModel) { self.model = model }

  /// Reconstructs on a grid.
  ///
  /// - Parameters:
  ///   - radiographs: one a view, in any order; their geometries say where they belong.
  ///   - grid: where answers are wanted, world RAS+ mm.
  ///   - isocenter: the middle of the field of view, mm; nil takes it from the radiographs.
  ///   - progress: called now and then with the share of the volume that is done.
  /// - Throws: ``SpiderCore/ViewError`` or ``BaselineError`` when the radiographs contradict the model.
  public func reconstruct(
    _ radiographs: [Radiograph], on grid: VoxelGrid, isocenter: Vector3? = nil,
    progress: ((Double) -> Void)? = nil
  ) throws -> Result {
    let start = Date()
    let description = model.description
    let center = try isocenter ?? Isocenter.of(radiographs.map(\.geometry))
    let views = try ViewMatching.fit(
      radiographs, to: description.views, setup: description.setup, isocenter: center)
    let images = try PublishedImages(views, for: description, isocenter: center)
    let values = MemoryPool.reusing {
      switch model.network {
      case .x2ctGAN(let generator):
        // With the statistics of the sample, as the published test script does.
        let pass = Pass(model.parameters, statistics: .sample)
        return generator.forward([images.frontal, images.lateral], pass).volume.values
      case .perX2CT(let network):
        return axialSlices(of: images, network, progress)
      }
    }
    let own = description.grid(about: center)
    let window = description.window
    let ct = try PublishedOrientation(views: description.views).volume(
      values.map { window.hounsfield($0) }, on: own)
    let seconds = Date().timeIntervalSince(start)
    progress?(1)
    return Result(
      ct: grid == own ? ct : ct.resampled(onto: grid, outside: -1000),
      warnings: ReconstructionWarnings.of(
        radiographs, on: grid, isocenter: center, setup: description.setup,
        fieldOfView: description.fieldOfView), seconds: seconds)
  }

  /// The volume (D, H, W) of PerX2CT's axial slices; the X-rays are encoded once.
  private func axialSlices(
    of images: PublishedImages, _ network: PerX2CT, _ progress: ((Double) -> Void)?
  ) -> [Float] {
    let size = network.configuration.size
    let pass = Pass(model.parameters, statistics: .running)
    let features = network.encode(pa: images.frontal, lateral: images.lateral, pass)
    var values: [Float] = []
    values.reserveCapacity(size * size * size)
    for first in stride(from: 0, to: size, by: Self.slicesAtOnce) {
      let planes = (first..<min(size, first + Self.slicesAtOnce)).map { SliceLattice(.axial, $0) }
      let slices = network.decode(
        network.map(planes, features, cameras: [images.cameras], pass), pass)
      for index in planes.indices {
        values += slices.entry(index).part(PerX2CT.usedChannel * size * size, size * size).array
      }
      progress?(Double(planes.count + first) / Double(size))
    }
    return values
  }
}

import SpiderImaging
import SpiderSupport

/// Joseph's projector and its matched adjoint, fast: the projector for training, refinement and
/// residuals.
///
/// The convention is that of ``JosephReference``: bilinear between voxel centres in the planes across
/// the ray's main axis, 0 outside the grid. Cone and parallel beams and every invertible affine are
/// handled by the same code. Results do not depend on the number of workers, to the last bit.
public struct JosephProjector: FastProjector {
  /// Whether one call shares its work among all workers. Turn it off where many volumes are projected
  /// side by side.
  public var isParallel: Bool
  private let instructions: InstructionSet

  /// A projector that uses all workers, or only the calling thread.
  public init(isParallel: Bool = true) { self.init(isParallel: isParallel, instructions: .best) }

  /// The same with another variant of the kernels, for tests.
  package init(isParallel: Bool = true, instructions: InstructionSet) {
    self.isParallel = isParallel
    self.instructions = instructions
  }

  /// The line integrals of a volume.
  public func forward(_ attenuation: Volume, _ geometry: ProjectionGeometry) -> [Float] {
    RayKernel.forward(.joseph, attenuation, geometry, isParallel: isParallel, instructions)
      ?? JosephReference().forward(attenuation, geometry)
  }

  /// Adds the transpose of ``forward(_:_:)``, applied to an image, to a volume, as a sum over views
  /// needs it.
  public func addAdjoint(
    _ image: [Float], _ geometry: ProjectionGeometry, to volume: inout Volume
  ) {
    guard
      !RayKernel.addAdjoint(
        .joseph, image, geometry, to: &volume, isParallel: isParallel, instructions)
    else { return }
    volume.add(JosephReference().adjoint(image, geometry, onto: volume.grid))
  }
}

import SpiderImaging
import SpiderSupport

/// The exact line integrals of a volume of uniform voxels, and their matched adjoint, fast.
///
/// Voxel (i, j, k) is the box of half a step about its centre; each contributes its value times the
/// length of ray inside it (R. L. Siddon, Med. Phys. 12 (1985) 252). A ray that runs exactly along the
/// face between two voxels belongs to the one with the larger index. The right projector where a
/// volume is what it is, voxels; ``JosephProjector`` is the smoother model of a patient, and faster.
///
/// Paths are in double precision, positions within them in float: good to 1e-5 of the image's maximum
/// against ``ExactReference``. Results do not depend on the number of workers, to the last bit.
public struct ExactProjector: FastProjector {
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
    RayKernel.forward(.exact, attenuation, geometry, isParallel: isParallel, instructions)
      ?? ExactReference().forward(attenuation, geometry)
  }

  /// Adds the transpose of ``forward(_:_:)``, applied to an image, to a volume, as a sum over views
  /// needs it.
  public func addAdjoint(
    _ image: [Float], _ geometry: ProjectionGeometry, to volume: inout Volume
  ) {
    guard
      !RayKernel.addAdjoint(
        .exact, image, geometry, to: &volume, isParallel: isParallel, instructions)
    else { return }
    volume.add(ExactReference().adjoint(image, geometry, onto: volume.grid))
  }
}

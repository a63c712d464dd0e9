import SpiderImaging

/// Brings a reconstructed volume to agree with the X-rays that it comes from, changing it no more than they
/// demand, and most where it is least certain.
///
/// Of all volumes x it takes the most probable, given the answer x0 and the X-rays b:
///
///     minimise  |W (A x - b)|^2 + (x - x0)' C^-1 (x - x0),   C = S K K' S + m m',
///
/// where A projects (``JosephProjector``), W divides by the standard deviation of a pixel and leaves out rays
/// that say nothing of the volume (`InformativeRays`), S is what the answer may be wrong by at a voxel
/// (`PriorScale`), K makes errors of neighbours alike (`GridKernel`), and m is what all soft tissue is wrong by alike.
/// With x = x0 + S K z + m y the second term is |z|^2 + y^2, and conjugate gradients on the normal equations (CGLS: M. R. Hestenes, E. Stiefel, J. Res.
/// Natl. Bur. Stand. 49 (1952) 409) solve for z. The noise decides where that stops, not the number of steps:
/// what few steps leave is what the second term would have left.
///
/// Line integrals are taken as they are where they can be (``ViewUse``); else a tone curve is fitted first
/// (`FittedTone`), and little weight is given to what remains.
public struct Refinement: Sendable {
  /// Steps that suffice: more change less than the noise.
  public static let usualIterations = 8
  /// The most voxels of a volume that is refined.
  public static let mostVoxels = 1 << 24
  /// The largest voxels that are refined, mm: coarser ones explain no X-ray.
  public static let coarsestVoxels = 5.0
  /// The least standard deviation of a line integral, no unit: what the voxels' size leaves of edges. A noisy X-ray has
  /// more (`PixelNoise`).
  static func deviation(of grid: VoxelGrid) -> Float {
    max(0.05, 0.03 * Float(min(coarsestVoxels, grid.spacing.max())))
  }
  /// That of a line integral by a fitted tone curve, where scatter and processing remain: of a pixel of 2 mm at the
  /// patient. Wider ones are means over more of the film.
  package static let tonedDeviation: Float = 1
  package static let tonedWidth = 2.0
  /// The width of K: a Gaussian of this standard deviation, mm, or of half a voxel where that is more.
  static let smoothness = 1.6

  /// The number of steps; 0 changes nothing.
  public var iterations: Int
  /// The most that are of any use: after some ten nothing is gained.
  public static let mostIterations = 50
  /// The law by which CT numbers become attenuation.
  public var attenuation: Attenuation
  /// The projector and its adjoint.
  private let projector: any Projector

  /// By default ``usualIterations`` at 70 keV.
  public init(iterations: Int = usualIterations, attenuation: Attenuation = .standard) {
    self.init(iterations: iterations, attenuation: attenuation, projector: JosephProjector())
  }

  /// The same with another projector, for tests.
  package init(
    iterations: Int = usualIterations, attenuation: Attenuation = .standard,
    projector: any Projector
  ) {
    precondition(iterations >= 0, "\(iterations) iterations")
    self.iterations = iterations
    self.attenuation = attenuation
    self.projector = projector
  }

  /// Why a volume is not to be refined.
  public enum Obstacle: Error, Equatable, CustomStringConvertible {
    /// It is a part of the field of view: rays have tissue beyond it.
    case partial
    /// It has more than ``Refinement/mostVoxels``.
    case tooMany
    /// Its voxels are larger than ``Refinement/coarsestVoxels``.
    case tooCoarse

    /// What stands in the way.
    public var description: String {
      switch self {
      case .partial: "the grid does not cover the field of view, and rays have tissue beyond it"
      case .tooMany:
        "more than \(Refinement.mostVoxels) voxels are not refined; choose a coarser grid"
      case .tooCoarse:
        "voxels of more than \(Int(Refinement.coarsestVoxels)) mm explain no X-ray; choose a finer grid"
      }
    }
  }

  /// What keeps a volume on a grid from being refined; nil where nothing does.
  ///
  /// - Parameters:
  ///   - isocenter: the middle of the field of view, world mm.
  ///   - side: its side, mm.
  public static func obstacle(
    on grid: VoxelGrid, isocenter: Vector3 = .zero, side: Double = 256
  ) -> Obstacle? {
    if grid.spacing.max() > coarsestVoxels { return .tooCoarse }
    if !grid.coversCube(about: isocenter, side: side) { return .partial }
    return grid.count > mostVoxels ? .tooMany : nil
  }

  /// The most bytes held beside the volume itself.
  public static func memory(for grid: VoxelGrid) -> Int {
    10 * grid.count * MemoryLayout<Float>.stride
  }

  /// Refines a volume. Voxels of -1000 HU and below stay as they are: the air that a hull has found is
  /// certain. What line integrals of 0 show to be empty becomes air first.
  ///
  /// - Parameters:
  ///   - ct: the answer, HU: all of the field of view, since what it does not hold is told from what it
  ///     holds by its borders alone.
  ///   - radiographs: the X-rays it comes from, as `PreparedViews.given` has them.
  ///   - progress: called after every step with the share that is done.
  /// - Throws: `CancellationError` between two steps when the task was cancelled.
  public func refined(
    _ ct: Volume, to radiographs: [Radiograph], progress: ((Double) -> Void)? = nil
  ) throws(CancellationError) -> Result {
    // All is done in the memory order that suits the rays; only the result is brought back.
    let order = VoxelOrder(for: radiographs.map(\.geometry), in: ct.grid)
    var arranged = ct.reordered(order)
    var x = attenuation.attenuation(of: arranged)
    var views = RefinementView.views(
      of: ct, attenuation: x, radiographs, law: attenuation, projector)
    let before = views.map { $0.relativeError(of: x, projector) }
    if iterations > 0, views.contains(where: \.counts) {
      var emptied = EmptyRays.contradicted(ct, by: views.compactMap(\.emptyRays))
      if let voxels = emptied {
        let carved = ct.withValues(
          zip(ct.values, voxels.values).map { $1 ? -1000 : $0 })
        let rest = carved.reordered(order)
        let attenuated = attenuation.attenuation(of: rest)
        let again = RefinementView.views(
          of: carved, attenuation: attenuated, radiographs, law: attenuation, projector)
        if again.map(\.use) == views.map(\.use) {
          (arranged, x, views) = (rest, attenuated, again)
        } else {
          // Numbers that contradict what they leave are no line integrals, and their zeros no air.
          emptied = nil
        }
      }
      let prior = RefinementPrior(about: arranged, law: attenuation)
      let (change, steps) = try solve(views, prior, progress: progress)
      for index in x.values.indices {
        x.values[index] = max(0, x.values[index] + change.values[index])
      }
      // What was certain keeps its bits.
      let refined = zip(prior.scale.values.indices, arranged.values).map { index, old in
        prior.scale.values[index] > 0 ? attenuation.hu(attenuation: x.values[index]) : old
      }
      let result = Volume(grid: arranged.grid, values: refined).reordered(order.inverse)
      let after = views.map { $0.relativeError(of: x, projector) }
      return Result(
        ct: result, iterations: steps, views: Self.reports(views, before, after),
        emptied: emptied)
    }
    return Result(ct: ct, iterations: 0, views: Self.reports(views, before, before))
  }

  private static func reports(
    _ views: [RefinementView], _ before: [Double?], _ after: [Double?]
  ) -> [Result.View] {
    views.indices.map {
      Result.View(
        use: views[$0].use, share: views[$0].share, residualBefore: before[$0],
        residualAfter: after[$0])
    }
  }

  /// x - x0 = S K z + m y by conjugate gradients, and the steps that were made.
  ///
  /// It ends where the slope is as small as single precision lets it become: beyond, rounding would grow.
  private func solve(
    _ views: [RefinementView], _ prior: RefinementPrior, progress: ((Double) -> Void)?
  ) throws(CancellationError) -> (change: Volume, steps: Int) {
    var residuals = views.map(\.residual)
    var change = Volume(grid: prior.scale.grid, repeating: 0)
    var z = [Float](repeating: 0, count: prior.unknowns)
    var slope = prior.adjoint(backProjected(residuals, views, onto: change.grid))
    var direction = slope
    var energy = squares(slope)
    // The common error's slope is that of all voxels together, and would hide theirs.
    let least = 1e-8 * squares(Array(slope.dropLast()))
    var steps = 0
    for iteration in 0..<iterations where energy > 0 {
      guard !Task.isCancelled else { throw CancellationError() }
      let step = prior.synthesis(direction)
      let seen = views.map { $0.weighted(projector.forward(step, $0.geometry)) }
      let length = Float(energy / (seen.reduce(0) { $0 + squares($1) } + squares(direction)))
      add(step.values, times: length, to: &change.values)
      for index in residuals.indices { add(seen[index], times: -length, to: &residuals[index]) }
      steps += 1
      progress?(Double(iteration + 1) / Double(iterations))
      guard iteration + 1 < iterations else { break }
      add(direction, times: length, to: &z)
      slope = prior.adjoint(backProjected(residuals, views, onto: change.grid))
      add(z, times: -1, to: &slope)
      let next = squares(slope)
      guard next > least, next < 4 * energy else { break }
      let share = Float(next / energy)
      for index in direction.indices { direction[index] = slope[index] + share * direction[index] }
      energy = next
    }
    return (change, steps)
  }

  /// A' W y, summed over the views.
  private func backProjected(
    _ images: [[Float]], _ views: [RefinementView], onto grid: VoxelGrid
  ) -> Volume {
    var sum = Volume(grid: grid, repeating: 0)
    for (image, view) in zip(images, views) where view.counts {
      let weighted = view.weighted(image)
      if let fast = projector as? any FastProjector {
        fast.addAdjoint(weighted, view.geometry, to: &sum)
      } else {
        sum.add(projector.adjoint(weighted, view.geometry, onto: grid))
      }
    }
    return sum
  }
}

/// The sum of squares, in double precision and always in the same order.
private func squares(_ values: [Float]) -> Double {
  var sum = 0.0
  for value in values { sum += Double(value) * Double(value) }
  return sum
}

private func add(_ values: [Float], times factor: Float, to sum: inout [Float]) {
  for index in sum.indices { sum[index] += factor * values[index] }
}

extension Refinement {
  /// A refined volume, and how it agrees with its X-rays.
  public struct Result: Sendable {
    /// The volume, HU, on the grid of the answer.
    public var ct: Volume
    /// The steps that were made.
    public var iterations: Int
    /// The X-rays, in the order given.
    public var views: [View]
    /// The voxels that are air since an X-ray shows nothing on their ray; nil where there are none.
    public var emptied: Mask?

    package init(ct: Volume, iterations: Int, views: [View], emptied: Mask? = nil) {
      (self.ct, self.iterations, self.views, self.emptied) = (ct, iterations, views, emptied)
    }

    /// What else was answered on the same grid, labels or uncertainty, 0 where the volume has become air.
    public func clearing<Value: Numeric>(_ image: Image3D<Value>) -> Image3D<Value> {
      guard let emptied else { return image }
      precondition(image.grid == emptied.grid, "another grid")
      return image.withValues(zip(image.values, emptied.values).map { $1 ? 0 : $0 })
    }
  }
}

extension Refinement.Result {
  /// What became of an X-ray.
  public struct View: Sendable, Equatable {
    /// How it was read.
    public var use: ViewUse
    /// The share of its pixels that count.
    public var share: Double
    /// |b - A x| / |b| over the pixels that count, b its line integrals or what the tone curve makes of it,
    /// before; nil where none counts.
    public var residualBefore: Double?
    /// The same afterwards.
    public var residualAfter: Double?
  }
}

/// How the numbers of an X-ray are read in a ``Refinement``.
public enum ViewUse: String, Sendable, Encodable {
  /// As line integrals at the law's energy.
  case lineIntegrals = "line_integrals"
  /// By a tone curve fitted to the volume's own radiograph, since the picture is relative.
  case toned
  /// The same, since the line integrals contradict the volume's as a whole: a hardened beam, scatter, another
  /// energy, or another scale.
  case contradicted
  /// Not at all: too few rays say something of the volume.
  case unused
}

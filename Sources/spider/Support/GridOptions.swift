import ArgumentParser
import SpiderCore

/// The voxels a reconstruction answers for: by default 128^3 over the model's field of view.
struct GridOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Voxels: 128, or 128x128x96. Alone they fill the field of view; with --region N voxels lie "
        + "along its longest side.", valueName: "n|nxnxn"),
    transform: GridSize.read)
  var size: GridSize?
  @Option(help: ArgumentHelp("Voxel spacing in mm.", valueName: "mm"), transform: VoxelSpacing.read)
  var spacing: Double?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "A box of the world in mm instead of the whole field of view.",
      valueName: "x0,y0,z0,x1,y1,z1"),
    transform: BoxArgument.read)
  var region: BoxArgument?

  private static let defaultSize = 128

  func validate() throws {
    if let spacing, !(spacing >= 0.01 && spacing <= 1000) {
      throw ValidationError("--spacing is \(spacing); it must be 0.01 to 1000 mm")
    }
    if let region, (region.high - region.low).min() < WorldLimits.edge.lowerBound {
      throw ValidationError(
        "--region is thinner than \(WorldLimits.edge.lowerBound) mm; give x0,y0,z0,x1,y1,z1 in mm")
    }
    if size != nil, spacing != nil, region != nil {
      throw ValidationError("give --region with --size or with --spacing, not with both")
    }
  }

  /// The grid: axis-aligned RAS+.
  ///
  /// - Parameters:
  ///   - center: the isocentre, world mm.
  ///   - fieldOfView: side of the model's cube, mm.
  ///   - limit: the most voxels.
  func grid(center: Vector3, fieldOfView: Double, limit: Int) throws -> VoxelGrid {
    let half = Vector3(repeating: fieldOfView / 2)
    if let region,
      any(region.high .<= center - half) || any(region.low .>= center + half)
    {
      throw CommandFailure(
        "--region lies wholly outside the field of view, the box from "
          + "\((center - half).text) to \((center + half).text) mm; choose one within it")
    }
    var (low, high) = (region?.low ?? center - half, region?.high ?? center + half)
    let counts: Vector3
    if let spacing {
      // Voxels of just this size about the same middle: the outermost may reach beyond the box.
      counts = size.map { Self.vector($0.counts) } ?? Self.counts(high - low, edge: spacing, .up)
      let middle = (low + high) / 2
      (low, high) = (middle - counts * (spacing / 2), middle + counts * (spacing / 2))
    } else {
      let chosen = size?.counts ?? [Self.defaultSize]
      counts =
        chosen.count == 3
        ? Self.vector(chosen)
        : Self.counts(
          high - low, edge: (high - low).max() / Double(chosen[0]), .toNearestOrAwayFromZero)
    }
    let total = counts.x * counts.y * counts.z
    guard total <= Double(limit) else {
      throw CommandFailure(
        "a grid of \(Int(counts.x)) x \(Int(counts.y)) x \(Int(counts.z)) voxels has more than "
          + "\(limit); choose a coarser grid, or raise --max-voxels")
    }
    return VoxelGrid(
      nx: Int(counts.x), ny: Int(counts.y), nz: Int(counts.z), boxFrom: low, to: high)
  }

  private static func vector(_ counts: [Int]) -> Vector3 {
    counts.count == 3
      ? Vector3(Double(counts[0]), Double(counts[1]), Double(counts[2]))
      : Vector3(repeating: Double(counts[0]))
  }

  private static func counts(
    _ extent: Vector3, edge: Double, _ rule: FloatingPointRoundingRule
  ) -> Vector3 {
    // A millionth of a voxel of slack: 256 / 0.1 must not become 2561.
    pointwiseMax((extent / edge - (rule == .up ? 1e-6 : 0)).rounded(rule), Vector3(1, 1, 1))
  }
}

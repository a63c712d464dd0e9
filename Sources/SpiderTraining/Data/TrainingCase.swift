import SpiderCore
import SpiderDRR

/// One patient to learn from, ready in memory: CT and labels on the canonical grid, the attenuation its
/// X-rays are made of, and where its tissue and its bone are.
public struct TrainingCase: Sendable {
  /// The case's name.
  public let id: String
  /// Whether it is a real patient and not a phantom.
  public let isReal: Bool
  /// HU on the canonical grid, the isocentre at the world's origin.
  public let ct: Volume
  /// Classes on the same grid.
  public let labels: LabelVolume
  /// Linear attenuation per mm on the same grid.
  public let attenuation: Volume
  /// Voxels of the patient, bone included.
  let tissue: [Int32]
  /// Voxels of 300 HU and more.
  let bone: [Int32]
  /// The first and the last voxel of tissue along each axis.
  let bounds: (first: SIMD3<Int>, last: SIMD3<Int>)
  /// The CT again, where kernels can read it.
  let intensities: FloatSlice
  /// Where tissue goes on beyond the scan.
  let exit: ScanExit
  /// The attenuation of water, 1/mm.
  let water: Float
  /// Whether there are voxels of which nothing is known.
  private let isPartial: Bool

  /// The memory it takes, bytes.
  public var bytes: Int {
    ct.values.count * (3 * MemoryLayout<Float>.size + 1)
      + (tissue.count + bone.count + exit.voxels.count) * MemoryLayout<Int32>.size
  }

  /// A text that changes with the case's name and content.
  var fingerprint: String {
    let sum = ct.values.reduce(0.0) { $0 + Double($1) }
    return "\(id) \(isReal) \(ct.values.count) \(tissue.count) \(bone.count) \(sum)"
  }

  /// Prepares a case for sampling.
  public init(
    id: String, isReal: Bool, ct: Volume, labels: LabelVolume,
    attenuation: Attenuation = .standard
  ) {
    precondition(ct.grid == labels.grid, "CT and labels of '\(id)' lie on different grids")
    self.id = id
    self.isReal = isReal
    self.ct = ct
    self.labels = labels
    self.attenuation = attenuation.attenuation(of: ct)
    var (tissue, bone) = ([Int32](), [Int32]())
    let grid = ct.grid
    var first = SIMD3(grid.nx, grid.ny, grid.nz) &- 1
    var last = SIMD3<Int>.zero
    for index in ct.values.indices {
      let label = labels.values[index]
      guard label != HeadLabel.background, label != LabelScheme.outsideScan else { continue }
      tissue.append(Int32(index))
      let voxel = grid.voxel(at: index)
      first = pointwiseMin(first, voxel)
      last = pointwiseMax(last, voxel)
      if ct.values[index] >= 300 { bone.append(Int32(index)) }
    }
    bounds = tissue.isEmpty ? (.zero, .zero) : (first, last)
    self.tissue = tissue
    self.bone = bone
    let copy = FloatSlice.scratch(ct.values.count)
    copy.copy(from: ct.values)
    intensities = copy
    exit = ScanExit(ct: ct, labels: labels)
    water = attenuation.attenuation(hu: 0)
    isPartial = labels.values.contains(LabelScheme.outsideScan)
  }

  /// The label at a fractional voxel position: that of the nearest voxel. Where any of the voxels that
  /// the intensity is interpolated from lies outside the scan, nothing is known.
  func label(at place: Vector3) -> UInt8 {
    let grid = labels.grid
    let shape = SIMD3(Double(grid.nx), Double(grid.ny), Double(grid.nz))
    let nearest = (place + 0.5).rounded(.down)
    guard all(nearest .>= 0), all(nearest .< shape) else { return LabelScheme.outsideScan }
    let label = labels[Int(nearest.x), Int(nearest.y), Int(nearest.z)]
    guard isPartial, label != LabelScheme.outsideScan else { return label }
    let low = pointwiseMax(place.rounded(.down), .zero)
    let high = pointwiseMin(place.rounded(.up), shape - 1)
    for corner in 0..<8 {
      let x = Int(corner & 1 == 0 ? low.x : high.x)
      let y = Int(corner & 2 == 0 ? low.y : high.y)
      let z = Int(corner & 4 == 0 ? low.z : high.z)
      if labels[x, y, z] == LabelScheme.outsideScan { return LabelScheme.outsideScan }
    }
    return label
  }
}

import SpiderCore
import SpiderDataSet
import SpiderDRR
import SpiderEvaluation
import SpiderTensor

/// One patient to learn from, ready in memory, and where the tissue and the bone are.
public struct TrainingCase: Sendable {
  /// The patient: CT, labels and attenuation.
  public let patient: PreparedPatient
  /// Voxels of the patient, bone included: those of a class, and where the class is unknown those that are no air.
  package let tissue: [Int32]
  /// Voxels of 300 HU and more.
  package let bone: [Int32]
  /// The first and the last voxel of tissue along each axis.
  package let bounds: (first: SIMD3<Int>, last: SIMD3<Int>)
  /// The attenuation of water, 1/mm.
  let water: Float
  /// Whether there are voxels of which nothing is known.
  private let isPartial: Bool
  /// Whether all CT numbers of which something is known are finite. The X-rays would take others for air, and hide
  /// them.
  let isFinite: Bool

  /// The memory it takes, bytes.
  public var bytes: Int {
    ct.values.count * (2 * MemoryLayout<Float>.size + 1)
      + (tissue.count + bone.count + exit.voxels.count) * MemoryLayout<Int32>.size
  }

  /// A text that changes with the case's name and content.
  var fingerprint: String {
    let sum = ct.values.reduce(0.0) { $0 + Double($1) }
    return "\(id) \(isReal) \(ct.values.count) \(tissue.count) \(bone.count) \(sum)"
  }

  /// The case's name.
  public var id: String { patient.id }
  /// Whether it is a real patient and not a phantom.
  public var isReal: Bool { patient.isReal }
  /// HU on the canonical grid, the isocentre at the world's origin.
  public var ct: Volume { patient.ct }
  /// Classes on the same grid.
  public var labels: LabelVolume { patient.labels }
  /// Linear attenuation per mm on the same grid.
  public var attenuation: Volume { patient.attenuation }
  /// The tissue that goes on beyond the scan.
  var exit: TruncatedTissue { patient.exit }

  /// Prepares a patient, given as CT and labels on one grid.
  public init(
    id: String, isReal: Bool, ct: Volume, labels: LabelVolume, attenuation: Attenuation = .standard
  ) {
    self.init(
      PreparedPatient(id: id, isReal: isReal, ct: ct, labels: labels, attenuation: attenuation),
      attenuation: attenuation)
  }

  /// Prepares a patient for sampling.
  public init(_ patient: PreparedPatient, attenuation: Attenuation = .standard) {
    let (ct, labels) = (patient.ct, patient.labels)
    self.patient = patient
    var (tissue, bone) = ([Int32](), [Int32]())
    let grid = ct.grid
    var first = SIMD3(grid.nx, grid.ny, grid.nz) &- 1
    var last = SIMD3<Int>.zero
    for index in ct.values.indices {
      let kind = Kind(label: labels.values[index], hu: ct.values[index])
      guard kind != .other else { continue }
      tissue.append(Int32(index))
      let voxel = grid.voxel(at: index)
      first = pointwiseMin(first, voxel)
      last = pointwiseMax(last, voxel)
      if kind == .bone { bone.append(Int32(index)) }
    }
    bounds = tissue.isEmpty ? (.zero, .zero) : (first, last)
    self.tissue = tissue
    self.bone = bone
    water = attenuation.attenuation(hu: 0)
    isPartial = labels.values.contains(LabelScheme.outsideScan)
    isFinite = ct.values.indices.allSatisfy {
      ct.values[$0].isFinite || labels.values[$0] == LabelScheme.outsideScan
    }
  }

  /// What a voxel is to the drawing of points.
  package enum Kind: Sendable {
    /// Tissue of 300 HU and more.
    case bone
    /// Other tissue.
    case soft
    /// Air around the patient, and what no scan shows.
    case other

    /// CT numbers below this are air, where no label says more.
    private static let air: Float = -300

    fileprivate init(label: UInt8, hu: Float) {
      let isTissue =
        label != HeadLabel.background && label != LabelScheme.outsideScan
        && (label != LabelScheme.unknown || hu >= Self.air)
      self = !isTissue ? .other : hu >= 300 ? .bone : .soft
    }
  }

  /// The kind of the nearest voxel.
  func kind(at place: Vector3) -> Kind {
    let grid = labels.grid
    let nearest = (place + 0.5).rounded(.down)
    guard all(nearest .>= 0),
      all(nearest .< SIMD3(Double(grid.nx), Double(grid.ny), Double(grid.nz)))
    else { return .other }
    let (x, y, z) = (Int(nearest.x), Int(nearest.y), Int(nearest.z))
    return Kind(label: labels[x, y, z], hu: ct[x, y, z])
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

extension TrainingCase {
  /// Attenuation and CT numbers as a coarse scan has them; without one, as they are.
  func scanned(by scan: CoarseScan?) -> (attenuation: Volume, ct: Volume) {
    guard let scan else { return (attenuation, ct) }
    let attenuation = scan.scanned(attenuation)
    return (attenuation, attenuation.withValues(attenuation.values.map { 1000 * ($0 / water - 1) }))
  }
}

extension DataSet {
  /// A patient of this data set, ready to learn from.
  package func trainingCase(_ entry: DataSetIndex.Entry) throws -> TrainingCase {
    TrainingCase(try patient(entry))
  }
}

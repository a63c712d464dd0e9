import SpiderCore
import SpiderPhantom

/// What other heads have at the voxels of a box: the answer of who never looks at an X-ray.
struct Votes {
  private static let classes = LabelScheme.head.count
  private let grid: VoxelGrid
  private var counts: [UInt8]
  private var sums: [Float]
  private var heads: Float = 0

  init(on grid: VoxelGrid) {
    self.grid = grid
    counts = [UInt8](repeating: 0, count: grid.count * Self.classes)
    sums = [Float](repeating: 0, count: grid.count)
  }

  /// Counts one head, on this grid or on one of the same shape.
  mutating func add(_ ct: Volume, _ labels: LabelVolume) {
    for index in sums.indices {
      counts[index * Self.classes + Int(labels.values[index])] += 1
      sums[index] += ct.values[index]
    }
    heads += 1
  }

  /// The most frequent class of every voxel, the first of the scheme among equals, and its mean CT number.
  var mean: (ct: Volume, labels: LabelVolume) {
    let labels = sums.indices.map { index -> UInt8 in
      let start = index * Self.classes
      let winner = (0..<Self.classes).max { a, b in
        (counts[start + a], b) < (counts[start + b], a)
      }
      return UInt8(winner ?? 0)
    }
    return (
      Volume(grid: grid, values: sums.map { $0 / heads }), LabelVolume(grid: grid, values: labels)
    )
  }
}

/// The joint of one side in the mean of a population.
struct PopulationMean {
  /// The mean at the places of the world.
  private let inWorld: (ct: Volume, labels: LabelVolume)
  private let box: JointRegion
  /// The mean about each head's own condyle.
  private let aboutCondyle: (ct: Volume, labels: LabelVolume)
  /// The mean joint space of the heads, mm.
  let space: Double

  /// Averages heads over all the places at which it will be asked for; nil without any.
  init?(of heads: [HeadPhantom], _ side: JointSide, for places: [JointRegion]) throws {
    let own = try heads.map { try side.region(of: $0) }
    guard let first = own.first, let box = JointRegion(around: own + places) else { return nil }
    var (world, condyle) = (Votes(on: box.grid), Votes(on: first.grid))
    var spaces: [Double] = []
    for (head, region) in zip(heads, own) {
      let (ct, labels) = head.render(on: box.grid)
      world.add(ct, labels)
      let joint = (ct: region.part(of: ct, on: box), labels: region.part(of: labels, on: box))
      condyle.add(joint.ct, joint.labels)
      guard let gap = JointImage(ct: joint.ct, labels: joint.labels).gap else {
        throw JointError.incompleteTruth(seed: head.seed, side: side)
      }
      spaces.append(gap.width)
    }
    self.box = box
    inWorld = world.mean
    aboutCondyle = condyle.mean
    space = spaces.reduce(0, +) / Double(spaces.count)
  }

  /// The mean at a place of the world: what can be said without an X-ray.
  func answer(at region: JointRegion) -> JointImage {
    JointImage(
      ct: region.part(of: inWorld.ct, on: box), labels: region.part(of: inWorld.labels, on: box))
  }

  /// The mean joint put where the true condyle is: what can be said by who is told its place.
  func answer(placedAt region: JointRegion) -> JointImage {
    JointImage(
      ct: Volume(grid: region.grid, values: aboutCondyle.ct.values),
      labels: LabelVolume(grid: region.grid, values: aboutCondyle.labels.values))
  }
}

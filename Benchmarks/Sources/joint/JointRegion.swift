import SpiderCore
import SpiderPhantom

/// A box of the world on one lattice of 0.4 mm, which all heads share: what is known of one head at a voxel
/// can be held against another without resampling.
struct JointRegion: Sendable {
  /// The edge of a voxel, mm.
  static let spacing = 0.4
  /// Voxels along a side of the cube about a joint.
  static let count = 100
  /// Half the side of that cube, mm.
  static let reach = spacing * Double(count) / 2

  /// The lowest voxel, counted from the one above the isocentre.
  let corner: SIMD3<Int>
  /// Voxels along x, y, z.
  let size: SIMD3<Int>

  /// The cube of 40 mm about a point, to half a voxel.
  init(about point: Vector3) {
    let middle = (point / Self.spacing).rounded(.toNearestOrAwayFromZero)
    corner = SIMD3<Int>(middle) &- Self.count / 2
    size = SIMD3(repeating: Self.count)
  }

  /// The smallest box that holds several; nil without any.
  init?(around regions: [JointRegion]) {
    guard var low = regions.first?.corner else { return nil }
    var high = low
    for region in regions {
      low = pointwiseMin(low, region.corner)
      high = pointwiseMax(high, region.corner &+ region.size)
    }
    corner = low
    size = high &- low
  }

  /// Its voxels, world RAS+ mm.
  var grid: VoxelGrid {
    VoxelGrid(
      nx: size.x, ny: size.y, nz: size.z, boxFrom: Vector3(corner) * Self.spacing,
      to: Vector3(corner &+ size) * Self.spacing)
  }

  /// The values that an image of a box has in this part of it.
  func part<Voxel>(of image: Image3D<Voxel>, on box: JointRegion) -> Image3D<Voxel> {
    let from = corner &- box.corner
    var values: [Voxel] = []
    values.reserveCapacity(grid.count)
    for k in from.z..<from.z + size.z {
      for j in from.y..<from.y + size.y {
        let start = image.grid.index(from.x, j, k)
        values += image.values[start..<start + size.x]
      }
    }
    return Image3D(grid: grid, values: values)
  }
}

/// The two joints of a head.
enum JointSide: String, CaseIterable {
  case right, left

  /// The cube about the top of a phantom's condyle.
  func region(of head: HeadPhantom) throws -> JointRegion {
    let name = "condylion_\(rawValue)"
    guard let landmark = head.landmarks.first(where: { $0.name == name }) else {
      throw JointError.noCondyle(seed: head.seed, side: self)
    }
    return JointRegion(about: landmark.point)
  }
}

/// Why joints cannot be measured.
enum JointError: Error, CustomStringConvertible {
  /// A phantom has no condyle to look at.
  case noCondyle(seed: UInt64, side: JointSide)
  /// A phantom lacks a structure where it must be.
  case incompleteTruth(seed: UInt64, side: JointSide)

  var description: String {
    switch self {
    case .noCondyle(let seed, let side):
      "phantom \(seed) has no \(side.rawValue) condyle: choose other seeds"
    case .incompleteTruth(let seed, let side):
      "phantom \(seed) lacks mandible or skull about its \(side.rawValue) joint: choose other seeds"
    }
  }
}

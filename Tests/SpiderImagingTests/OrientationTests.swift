import SpiderImaging
import SpiderTestSupport
import Testing

struct OrientationTests {
  /// A small volume in an orientation, all counts and spacings different, turned a little.
  static func sample(_ orientation: Orientation) -> Image3D<Int> {
    let turn = Affine.rotation(angle: 0.2, axis: normalized(Vector3(1, 2, 3)))
    let columns = zip(orientation.axes, [1.0, 1.5, 2.5]).map { axis, spacing in
      turn.applyLinear(axis.direction * spacing)
    }
    let affine = Affine(
      columns: (columns[0], columns[1], columns[2]), translation: Vector3(10, -20, 30))
    let grid = VoxelGrid(nx: 2, ny: 3, nz: 4, affine: affine)
    return Image3D(grid: grid, values: Array(0..<24))
  }

  @Test func thereAre48() {
    #expect(Set(Orientation.all).count == 48)
    for orientation in Orientation.all {
      #expect(Orientation(code: orientation.description) == orientation)
      #expect(Self.sample(orientation).grid.orientation == orientation)
    }
    #expect(Orientation(code: "RLS") == nil)
    #expect(Orientation(code: "RA") == nil)
  }

  /// Every pair of orientations: the values are the same, at the same places in the world, and the
  /// way back gives the same bits.
  @Test func reorientationIsExactAndReversible() {
    var worst = 0.0
    for source in Orientation.all {
      let image = Self.sample(source)
      for target in Orientation.all {
        let other = image.reoriented(to: target)
        #expect(other.grid.orientation == target)
        for index in other.values.indices {
          let here = other.grid.voxel(at: index)
          let there = image.grid.voxel(at: other.values[index])
          let p = other.grid.worldPoint(Double(here.x), Double(here.y), Double(here.z))
          let q = image.grid.worldPoint(Double(there.x), Double(there.y), Double(there.z))
          worst = max(worst, length(p - q))
        }
        let back = other.reoriented(to: source)
        #expect(back.values == image.values)
        worst = max(
          worst, length(back.grid.affine.translation - image.grid.affine.translation))
      }
    }
    #expect(worst < 1e-12)
  }

  @Test func obliqueAxesGetDistinctNames() {
    // Two columns nearest to the same world axis: the closer one takes it.
    let affine = Affine(
      columns: (Vector3(1, 0.1, 0), Vector3(1, 0.9, 0), Vector3(0, 0.2, -2)), translation: .zero)
    #expect(Orientation(closestTo: affine).description == "RAI")
  }
}

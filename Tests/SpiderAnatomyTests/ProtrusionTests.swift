import SpiderAnatomy
import SpiderImaging
import SpiderPhantom
import Testing

/// Noses and ears stand out farther than what is grown back over thin things, and belong to the patient.
struct ProtrusionTests {
  private static let head = Vector3(75, 70, 100)

  /// A head without a table, with something at its front, y mm before the skin in the middle.
  private func ct(_ isThing: (_ x: Double, _ y: Double, _ z: Double) -> Bool) -> Volume {
    let grid = VoxelGrid.canonical(size: 128)
    return Volume(
      grid: grid,
      values: (0..<grid.count).map { index in
        let point = grid.worldPoint(of: index)
        let q = point / Self.head
        let depth = dot(q, q)
        if depth <= 1 { return depth > 0.8 && depth < 0.9 ? 1000 : 40 }
        return isThing(point.x, point.y - Self.head.y, point.z) ? 40 : -1000
      })
  }

  /// How many of the thing's voxels, from some mm before the skin on, the body holds.
  private func kept(_ body: Mask, before skin: Double, width: Double) -> Int {
    body.values.indices.count { index in
      let point = body.grid.worldPoint(of: index)
      return body.values[index] && abs(point.x) < width && point.y > Self.head.y + skin
    }
  }

  @Test func aNarrowNoseIsKeptToItsTip() throws {
    let ct = ct { x, y, z in abs(x) < 3 && abs(z) < 15 && (-10..<22).contains(y) }
    let body = try #require(BodyMask().find(in: ct))
    #expect(kept(body, before: 12, width: 3) == 2 * 5 * 14)
  }

  @Test func whatReachesFarOrTouchesNothingIsNotThePatients() throws {
    let rod = ct { x, y, z in abs(x) < 3 && abs(z) < 5 && (-10..<60).contains(y) }
    #expect(kept(try #require(BodyMask().find(in: rod)), before: 20, width: 3) == 0)
    let crumb = ct { x, y, z in abs(x) < 3 && abs(z) < 15 && (12..<22).contains(y) }
    #expect(kept(try #require(BodyMask().find(in: crumb)), before: 11, width: 3) == 0)
    // A sheet before the face, held by a narrow bridge: too much to be a nose.
    let sheet = ct { x, y, z in
      (abs(x) < 3 && abs(z) < 5 && (-10..<14).contains(y))
        || (abs(x) < 40 && abs(z) < 60 && (14..<20).contains(y))
    }
    #expect(kept(try #require(BodyMask().find(in: sheet)), before: 14, width: 40) == 0)
  }

  @Test(arguments: [(5003, 64), (5007, 64), (5007, 128)])
  func nothingOfAHeadIsTakenForATable(seed: UInt64, size: Int) throws {
    let phantom = HeadPhantom(seed: seed).render(on: .canonical(size: size))
    let prepared = try HeadPreparation(size: size, isocenter: .volume).prepare(phantom.ct)
    // Of the rims of ears that are thinner than a voxel a little is lost; skin and nose are whole.
    #expect(prepared.report.removed < 3)
  }
}

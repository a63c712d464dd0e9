/// How the surface runs through a cube of eight voxels, for each of the 256 ways in which they can be
/// inside or outside (marching cubes: Lorensen and Cline, SIGGRAPH 1987).
///
/// Corner c lies at x = bit 0, y = bit 1, z = bit 2 of its number. Edges along x are 0 to 3 (y + 2 z), along y
/// 4 to 7 (x + 2 z), along z 8 to 11 (x + 2 y). The cases are worked out here instead of being listed: on
/// every face of the cube the surface cuts off each run of inner corners by itself. Two cubes see the corners of
/// the face between them alike, so their surfaces meet in the same lines, and no case leaves a hole.
enum CubeCases {
  /// A closed line of the surface over the edges of a cube.
  struct Loop {
    /// The edges that it meets, counterclockwise seen from outside.
    let edges: [UInt8]
    /// Whether its triangles meet in a vertex of their own inside the cube. A diagonal between two of
    /// its corners might lie on a face of the cube, where the next cube may have it too.
    let hasCenter: Bool
  }

  /// The loops of each case; bit c of its number says that corner c is inside.
  static let all: [[Loop]] = (0..<256).map(loops)

  /// The corners of each face, counterclockwise seen from outside the cube.
  private static let faces: [[Int]] = [
    [0, 4, 6, 2], [1, 3, 7, 5], [0, 1, 5, 4], [2, 6, 7, 3], [0, 2, 3, 1], [4, 5, 7, 6],
  ]

  /// The edge between two corners.
  private static func edge(_ a: Int, _ b: Int) -> UInt8 {
    let low = a & b
    switch a ^ b {
    case 1: return UInt8(low >> 1)
    case 2: return UInt8(4 + (low & 1) + (low >> 2) * 2)
    default: return UInt8(8 + low)
    }
  }

  private static func loops(of number: Int) -> [Loop] {
    // From the edge by which a walk about a face comes in to the one by which it goes out.
    var next: [UInt8: UInt8] = [:]
    var ambiguous: [Set<UInt8>] = []
    for corners in faces {
      let inside = corners.map { number >> $0 & 1 == 1 }
      let entries = (0..<4).filter { !inside[$0] && inside[($0 + 1) % 4] }
      for entry in entries {
        var exit = (entry + 1) % 4
        while inside[(exit + 1) % 4] { exit = (exit + 1) % 4 }
        next[edge(corners[entry], corners[(entry + 1) % 4])] =
          edge(corners[exit], corners[(exit + 1) % 4])
      }
      if entries.count == 2 {
        ambiguous.append(Set((0..<4).map { edge(corners[$0], corners[($0 + 1) % 4]) }))
      }
    }
    var loops: [Loop] = []
    for start in next.keys.sorted() where next[start] != nil {
      var edges: [UInt8] = []
      var edge = start
      while let following = next.removeValue(forKey: edge) {
        edges.append(edge)
        edge = following
      }
      loops.append(
        Loop(edges: edges, hasCenter: ambiguous.contains { $0.intersection(edges).count > 2 }))
    }
    return loops
  }
}

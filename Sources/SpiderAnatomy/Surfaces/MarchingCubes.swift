import SpiderImaging

/// Extracts the surface of a field: closed, and a manifold, whatever the field.
///
/// Positions are in voxels of the grid. Each edge between two neighbouring voxels of which one is inside holds one
/// vertex, shared by the cubes about it; faces look outwards where the grid is right-handed.
struct MarchingCubes {
  private let field: InsideField
  private(set) var vertices: [Vector3] = []
  private(set) var faces: [SIMD3<UInt32>] = []
  /// The vertices on the edges of two planes of voxels and between them, by direction of the edge and its
  /// place: of a direction those of plane k at k & 1.
  private var places: [[UInt32]]

  private static let none = UInt32.max

  /// Extracts the surface.
  init(_ field: InsideField) {
    self.field = field
    let plane = field.shape.x * field.shape.y
    places = [[UInt32]](repeating: [UInt32](repeating: Self.none, count: plane), count: 5)
    for k in 0..<field.shape.z - 1 { march(through: k) }
  }

  /// Where the vertices of edges along an axis from plane k are.
  private func place(_ axis: Int, _ k: Int) -> Int { axis == 2 ? 4 : 2 * axis + (k & 1) }

  private mutating func march(through k: Int) {
    let (nx, ny) = (field.shape.x, field.shape.y)
    let plane = nx * ny
    // The upper plane's edges and those towards it are new.
    for index in [place(0, k + 1), place(1, k + 1), place(2, k)] {
      for p in 0..<plane { places[index][p] = Self.none }
    }
    for j in 0..<ny - 1 {
      for i in 0..<nx - 1 {
        let first = k * plane + j * nx + i
        var number = 0
        for corner in 0..<8 {
          let at = first + (corner & 1) + (corner >> 1 & 1) * nx + (corner >> 2) * plane
          if field.values[at] >= 0 { number |= 1 << corner }
        }
        guard number != 0, number != 255 else { continue }
        for loop in CubeCases.all[number] { add(loop, at: SIMD3(i, j, k)) }
      }
    }
  }

  private mutating func add(_ loop: CubeCases.Loop, at cube: SIMD3<Int>) {
    let corners = loop.edges.map { vertex(onEdge: Int($0), of: cube) }
    guard loop.hasCenter else {
      for n in 1..<corners.count - 1 {
        faces.append(SIMD3(corners[0], corners[n], corners[n + 1]))
      }
      return
    }
    let middle = corners.reduce(Vector3.zero) { $0 + vertices[Int($1)] } / Double(corners.count)
    let center = append(middle)
    for n in corners.indices {
      faces.append(SIMD3(corners[n], corners[(n + 1) % corners.count], center))
    }
  }

  private mutating func append(_ position: Vector3) -> UInt32 {
    vertices.append(position)
    return UInt32(vertices.count - 1)
  }

  private mutating func vertex(onEdge edge: Int, of cube: SIMD3<Int>) -> UInt32 {
    let axis = edge >> 2
    let (low, high) = (edge & 1, edge >> 1 & 1)
    // The voxel at which the edge begins.
    var start = cube
    switch axis {
    case 0: start &+= SIMD3(0, low, high)
    case 1: start &+= SIMD3(low, 0, high)
    default: start &+= SIMD3(low, high, 0)
    }
    let (table, slot) = (place(axis, start.z), start.y * field.shape.x + start.x)
    let known = places[table][slot]
    guard known == Self.none else { return known }
    let strides = [1, field.shape.x, field.shape.x * field.shape.y]
    let index = start.z * strides[2] + slot
    let (a, b) = (Double(field.values[index]), Double(field.values[index + strides[axis]]))
    // Beyond the grid nothing is known: the surface is the outer face of the voxel. Never quite on a
    // voxel's centre, where vertices of several edges would be one.
    let share = (a - b).isNaN ? 0.5 : min(max(a / (a - b), 0.02), 0.98)
    let corner = field.origin &+ start
    var position = Vector3(Double(corner.x), Double(corner.y), Double(corner.z))
    position[axis] += share.isNaN ? 0.5 : share
    let new = append(position)
    places[table][slot] = new
    return new
  }
}

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

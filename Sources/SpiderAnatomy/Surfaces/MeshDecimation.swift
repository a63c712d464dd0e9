import SpiderImaging

extension TriangleMesh {
  /// The mesh with fewer faces: edges are collapsed one after the other, always the one that moves the surface
  /// least (quadric error metric), to a place that leaves the enclosed volume as it is (Lindstrom and Turk, IEEE
  /// Visualization 1998): so each part keeps its own volume, thin ones too. A closed mesh stays closed, and its parts
  /// stay apart; where that leaves no edge to collapse, more faces than asked for remain.
  ///
  /// - Parameter count: how many faces there may be.
  package func decimated(to count: Int) -> TriangleMesh {
    guard faces.count > count else { return self }
    var decimation = MeshDecimation(self)
    decimation.run(to: count)
    return decimation.mesh
  }
}

/// A mesh while its edges are collapsed.
private struct MeshDecimation {
  private var positions: [Vector3]
  private var quadrics: [Quadric]
  private var faces: [SIMD3<UInt32>]
  private var isAlive: [Bool]
  private var alive: Int
  /// The faces of each vertex, all of them alive.
  private var facesOf: [[UInt32]]
  /// How often each vertex has changed: what was planned before that does not count.
  private var versions: [UInt32]
  private var queue = CollapseQueue()

  init(_ mesh: TriangleMesh) {
    positions = mesh.vertices
    faces = mesh.faces
    isAlive = [Bool](repeating: true, count: faces.count)
    alive = faces.count
    facesOf = [[UInt32]](repeating: [], count: positions.count)
    versions = [UInt32](repeating: 0, count: positions.count)
    quadrics = [Quadric](repeating: Quadric(), count: positions.count)
    for (index, face) in faces.enumerated() {
      let (a, b, c) = mesh.corners(of: face)
      let normal = cross(b - a, c - a)
      let size = length(normal)
      for n in 0..<3 {
        let vertex = Int(face[n])
        facesOf[vertex].append(UInt32(index))
        if size > 0 {
          quadrics[vertex] += Quadric(through: a, normal: normal / size, weight: size / 6)
        }
      }
    }
    for face in faces {
      for (a, b) in [(face.x, face.y), (face.y, face.z), (face.z, face.x)] where a < b {
        plan(Int(a), Int(b))
      }
    }
  }

  /// What is left.
  var mesh: TriangleMesh {
    var places = [UInt32](repeating: 0, count: positions.count)
    var kept: [Vector3] = []
    for vertex in positions.indices where !facesOf[vertex].isEmpty {
      places[vertex] = UInt32(kept.count)
      kept.append(positions[vertex])
    }
    let left = faces.indices.filter { isAlive[$0] }.map { index in
      let face = faces[index]
      return SIMD3(places[Int(face.x)], places[Int(face.y)], places[Int(face.z)])
    }
    return TriangleMesh(vertices: kept, faces: left)
  }

  mutating func run(to count: Int) {
    while alive > count, let next = queue.removeFirst() {
      guard versions[next.a] == next.versionA, versions[next.b] == next.versionB else { continue }
      collapse(next)
    }
  }

  private mutating func plan(_ a: Int, _ b: Int) {
    var sum = quadrics[a]
    sum += quadrics[b]
    let (p, q) = (positions[a], positions[b])
    let middle = (p + q) / 2
    let plane = volumePlane(a, b, about: middle)
    var candidates = [middle, p, q].map { plane.nearest(to: $0, within: length(p - q)) }
    // An optimum far off is one of rounding.
    if let best = sum.minimum(on: plane, near: middle), length(best - middle) <= 2 * length(p - q) {
      candidates.insert(best, at: 0)
    }
    let costs = candidates.map { sum.value(at: $0) + plane.cost(at: $0) }
    let best = costs.indices.min { costs[$0] < costs[$1] } ?? 0
    // On what is flat short edges go first: faces of one size remain.
    let cost = costs[best] + 1e-7 * dot(p - q, p - q) * dot(p - q, p - q)
    queue.insert(
      Collapse(
        cost: cost, a: a, b: b, versionA: versions[a], versionB: versions[b],
        position: candidates[best]))
  }

  /// Where the one vertex of a collapsed edge leaves the enclosed volume as it is.
  private func volumePlane(_ a: Int, _ b: Int, about origin: Vector3) -> VolumePlane {
    var plane = VolumePlane(origin: origin)
    for (vertex, other) in [(a, -1), (b, a)] {
      for index in facesOf[vertex] {
        let face = faces[Int(index)]
        // The two faces at the edge count once.
        if face.x == other || face.y == other || face.z == other { continue }
        plane.add(
          positions[Int(face.x)] - origin, positions[Int(face.y)] - origin,
          positions[Int(face.z)] - origin)
      }
    }
    return plane
  }

  private func neighbours(of vertex: Int) -> [UInt32] {
    // Of each face the corner behind this one: in a closed mesh every neighbour once.
    facesOf[vertex].map { index in
      let face = faces[Int(index)]
      return face.x == vertex ? face.y : face.y == vertex ? face.z : face.x
    }
  }

  /// Puts b into a, if the surface stays a closed one and no face turns over.
  private mutating func collapse(_ edge: Collapse) {
    let around = Set(neighbours(of: edge.a))
    let shared = neighbours(of: edge.b).filter { around.contains($0) }
    // Two faces lie at the edge, and only their far corners may see both its ends; from there more than
    // three edges must go out, or two faces would fall upon one another.
    guard shared.count == 2, shared.allSatisfy({ facesOf[Int($0)].count > 3 }),
      keepsFaces(of: edge.a, without: edge.b, at: edge.position),
      keepsFaces(of: edge.b, without: edge.a, at: edge.position)
    else { return }
    let gone = facesOf[edge.b].filter { index in
      let face = faces[Int(index)]
      return face.x == edge.a || face.y == edge.a || face.z == edge.a
    }
    for index in gone { isAlive[Int(index)] = false }
    alive -= gone.count
    for vertex in [edge.a] + shared.map({ Int($0) }) {
      facesOf[vertex].removeAll { !isAlive[Int($0)] }
    }
    for index in facesOf[edge.b] where isAlive[Int(index)] {
      for n in 0..<3 where faces[Int(index)][n] == edge.b {
        faces[Int(index)][n] = UInt32(edge.a)
      }
      facesOf[edge.a].append(index)
    }
    facesOf[edge.b] = []
    positions[edge.a] = edge.position
    let other = quadrics[edge.b]
    quadrics[edge.a] += other
    versions[edge.a] += 1
    versions[edge.b] += 1
    for neighbour in neighbours(of: edge.a) {
      plan(min(edge.a, Int(neighbour)), max(edge.a, Int(neighbour)))
    }
  }

  private func keepsFaces(of vertex: Int, without other: Int, at position: Vector3) -> Bool {
    facesOf[vertex].allSatisfy { index in
      let face = faces[Int(index)]
      if face.x == other || face.y == other || face.z == other { return true }
      // The face beginning with the vertex.
      let (b, c) =
        face.x == vertex ? (face.y, face.z) : face.y == vertex ? (face.z, face.x) : (face.x, face.y)
      let (p, q) = (positions[Int(b)], positions[Int(c)])
      let before = cross(p - positions[vertex], q - positions[vertex])
      let after = cross(p - position, q - position)
      let size = length(after)
      // No sliver: the height over the far edge stays a twentieth of that edge.
      return dot(before, after) > 0.2 * length(before) * size && size > 0.05 * dot(q - p, q - p)
    }
  }
}

/// An edge that may be collapsed.
private struct Collapse {
  let cost: Double
  let a: Int
  let b: Int
  let versionA: UInt32
  let versionB: UInt32
  /// Where its one vertex will be.
  let position: Vector3

  /// Equal costs go by number, so that the same mesh always gives the same one.
  static func < (one: Collapse, other: Collapse) -> Bool {
    if one.cost != other.cost { return one.cost < other.cost }
    return one.a != other.a ? one.a < other.a : one.b < other.b
  }
}

/// Edges, the cheapest first: a binary heap.
private struct CollapseQueue {
  private var heap: [Collapse] = []

  mutating func insert(_ edge: Collapse) {
    heap.append(edge)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child] < heap[parent] else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  mutating func removeFirst() -> Collapse? {
    guard let last = heap.popLast() else { return nil }
    guard let first = heap.first else { return last }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if heap[child] < heap[least] { least = child }
      }
      guard least != parent else { return first }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}

/// The sum of squared distances to some planes, as a function of the point: a quadric (Garland and Heckbert,
/// SIGGRAPH 1997). Q(p) = p'A p + 2 b'p + c, A symmetric.
struct Quadric {
  private var diagonal = Vector3.zero
  /// The elements xy, yz and zx of A.
  private var mixed = Vector3.zero
  private var b = Vector3.zero
  private var c = 0.0

  /// The quadric of no plane: zero everywhere.
  init() {}

  /// The quadric of the plane through a point, weighted.
  init(through point: Vector3, normal: Vector3, weight: Double) {
    let d = -dot(normal, point)
    diagonal = normal * normal * weight
    mixed =
      Vector3(normal.x * normal.y, normal.y * normal.z, normal.z * normal.x) * weight
    b = normal * (d * weight)
    c = d * d * weight
  }

  /// Adds another's planes.
  static func += (a: inout Quadric, b: Quadric) {
    a.diagonal += b.diagonal
    a.mixed += b.mixed
    a.b += b.b
    a.c += b.c
  }

  private func multiplied(_ p: Vector3) -> Vector3 {
    diagonal * p
      + Vector3(
        mixed.x * p.y + mixed.z * p.z, mixed.x * p.x + mixed.y * p.z, mixed.z * p.x + mixed.y * p.y)
  }

  /// Its value at a point; never below zero, whatever rounding makes of it.
  func value(at p: Vector3) -> Double { max(0, dot(p, multiplied(p)) + 2 * dot(b, p) + c) }

  /// Where on a plane it is least. Where its own planes leave that open, the place nearest to `middle`; nil without
  /// any planes.
  func minimum(on plane: VolumePlane, near middle: Vector3) -> Vector3? {
    // A little of the squared distance to the middle makes every direction count.
    let pull = 1e-4 * (diagonal.x + diagonal.y + diagonal.z) / 3
    guard pull > 0 else { return nil }
    let columns = (
      Vector3(diagonal.x + pull, mixed.x, mixed.z), Vector3(mixed.x, diagonal.y + pull, mixed.y),
      Vector3(mixed.z, mixed.y, diagonal.z + pull)
    )
    let inverse = Affine(columns: columns, translation: .zero).inverse
    let free = middle - inverse.applyLinear(multiplied(middle) + b)
    guard plane.isFirm else { return free }
    let way = inverse.applyLinear(plane.normal)
    return free - way * (plane.excess(at: free) / dot(plane.normal, way))
  }
}

/// The places of a vertex among its faces at which a mesh encloses the volume that it has: a plane (Lindstrom and
/// Turk, IEEE Visualization 1998).
struct VolumePlane {
  /// Six times the volume gained by a step of 1 mm, as a vector.
  private(set) var normal = Vector3.zero
  private let origin: Vector3
  private var offset = 0.0
  /// Twice the area of the faces.
  private var area = 0.0

  /// The plane of no face; corners will be given from `origin`.
  init(origin: Vector3) { self.origin = origin }

  /// Adds a face that will begin at the vertex, or that will be gone.
  mutating func add(_ p: Vector3, _ q: Vector3, _ r: Vector3) {
    let cross = SpiderImaging.cross(q - p, r - p)
    normal += cross
    offset += dot(p, cross)
    area += length(cross)
  }

  /// Whether the faces look one way enough for steps along it to change the volume.
  var isFirm: Bool { dot(normal, normal) > 1e-6 * area * area }

  /// Six times the volume that would be gained at a place.
  func excess(at place: Vector3) -> Double { dot(normal, place - origin) - offset }

  /// The place of the plane nearest to another, if the way there is no longer than `limit`; else that one.
  func nearest(to place: Vector3, within limit: Double) -> Vector3 {
    guard isFirm else { return place }
    let step = normal * (excess(at: place) / dot(normal, normal))
    return length(step) <= limit ? place - step : place
  }

  /// What a change of the volume costs: as if all faces were moved by it.
  func cost(at place: Vector3) -> Double {
    guard area > 0 else { return 0 }
    let change = excess(at: place)
    return change * change / area
  }
}

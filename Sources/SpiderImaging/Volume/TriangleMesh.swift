/// A surface of triangles in the world, RAS+ mm.
///
/// The corners of a face follow one another counterclockwise for who looks at it from outside. Any
/// mesh can be held; ``isClosed`` says whether one encloses a volume.
public struct TriangleMesh: Sendable, Equatable {
  /// The corners' positions, world mm.
  public var vertices: [Vector3]
  /// Three places in ``vertices`` for each face.
  public var faces: [SIMD3<UInt32>]

  /// Puts faces on vertices.
  public init(vertices: [Vector3], faces: [SIMD3<UInt32>]) {
    precondition(vertices.count <= UInt32.max, "\(vertices.count) vertices")
    precondition(faces.allSatisfy { $0.max() < vertices.count }, "a face without a vertex")
    self.vertices = vertices
    self.faces = faces
  }

  /// The three corners of a face, mm.
  @inlinable package func corners(of face: SIMD3<UInt32>) -> (Vector3, Vector3, Vector3) {
    (vertices[Int(face.x)], vertices[Int(face.y)], vertices[Int(face.z)])
  }
}

// MARK: What it encloses

extension TriangleMesh {
  /// The volume that a closed mesh encloses, mm^3; negative where its faces look inwards.
  public var enclosedVolume: Double {
    // Tetrahedra over a point that is near, so that little cancels.
    let origin = vertices.first ?? .zero
    return faces.reduce(0) { sum, face in
      let (a, b, c) = corners(of: face)
      return sum + dot(a - origin, cross(b - origin, c - origin)) / 6
    }
  }

  /// The area of all faces, mm^2.
  public var area: Double {
    faces.reduce(0) { sum, face in
      let (a, b, c) = corners(of: face)
      return sum + length(cross(b - a, c - a)) / 2
    }
  }

  /// Whether every edge is used by exactly two faces, once in each direction: then the mesh has no hole, and
  /// its faces agree on which side is outside.
  public var isClosed: Bool {
    var forth: [UInt64] = []
    var back: [UInt64] = []
    forth.reserveCapacity(3 * faces.count)
    back.reserveCapacity(3 * faces.count)
    for face in faces {
      for (a, b) in [(face.x, face.y), (face.y, face.z), (face.z, face.x)] {
        guard a != b else { return false }
        forth.append(UInt64(a) << 32 | UInt64(b))
        back.append(UInt64(b) << 32 | UInt64(a))
      }
    }
    forth.sort()
    back.sort()
    return forth == back && zip(forth, forth.dropFirst()).allSatisfy { $0 != $1 }
  }

  /// The direction of each vertex outwards: the mean of its faces' normals, weighted by their areas; of length
  /// one, or zero where the faces cancel.
  package var vertexNormals: [Vector3] {
    var normals = [Vector3](repeating: .zero, count: vertices.count)
    for face in faces {
      let (a, b, c) = corners(of: face)
      let normal = cross(b - a, c - a)
      for corner in [face.x, face.y, face.z] { normals[Int(corner)] += normal }
    }
    return normals.map { length($0) > 0 ? normalized($0) : .zero }
  }
}

/// The surface of one class of a label map, or of what lies above a CT number.
public struct LabelledSurface: Sendable, Equatable {
  /// The name of what it encloses.
  public var name: String
  /// The value of the label; 0 where there is none.
  public var label: UInt8
  /// Its colour: red, green, blue.
  public var color: SIMD3<UInt8>
  /// Its faces, world mm.
  public var mesh: TriangleMesh

  /// Names a surface; its colour is that of its label.
  public init(name: String, label: UInt8, mesh: TriangleMesh) {
    self.name = name
    self.label = label
    self.mesh = mesh
    color = label == 0 ? SIMD3(200, 200, 200) : LabelScheme.color(of: label)
  }
}

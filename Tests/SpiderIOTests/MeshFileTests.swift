import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

/// Mesh files: their bytes, and what a reader of the format finds in them.
@Suite struct MeshFileTests {
  /// Two tetrahedra.
  private static let surfaces: [LabelledSurface] = {
    let faces: [SIMD3<UInt32>] = [
      SIMD3(0, 2, 1), SIMD3(0, 1, 3), SIMD3(1, 2, 3), SIMD3(0, 3, 2),
    ]
    let corners = [
      Vector3(1.5, 2, 3), Vector3(2.5, 2, 3), Vector3(1.5, 3.1, 3), Vector3(1.5, 2, 4),
    ]
    return [
      LabelledSurface(
        name: "skull", label: 3, mesh: TriangleMesh(vertices: corners, faces: faces)),
      LabelledSurface(
        name: "mandible", label: 4,
        mesh: TriangleMesh(vertices: corners.map { $0 + Vector3(-90, 0.1, 50) }, faces: faces)),
    ]
  }()

  /// Every face's corners in order, as they should stand in a file.
  private static func corners(_ space: MeshFile.Space) -> [SIMD3<Float>] {
    surfaces.flatMap { surface in
      surface.mesh.faces.flatMap { face in
        (0..<3).map { n in
          let p = SIMD3<Float>(surface.mesh.vertices[Int(face[n])])
          return space == .ras ? p : SIMD3(-p.x, -p.y, p.z)
        }
      }
    }
  }

  private func written(_ name: String, _ space: MeshFile.Space) throws -> [UInt8] {
    let folder = try TemporaryFolder()
    try MeshFile.write(Self.surfaces, to: folder[name], space: space)
    return Array(try Data(contentsOf: folder[name]))
  }

  private static func number(_ bytes: [UInt8], _ at: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << (8 * $1) }
  }

  private static func point(_ bytes: [UInt8], _ at: Int) -> SIMD3<Float> {
    let n = (0..<3).map { Float(bitPattern: number(bytes, at + 4 * $0)) }
    return SIMD3(n[0], n[1], n[2])
  }

  @Test(arguments: MeshFile.Space.allCases) func stlHoldsEveryFace(space: MeshFile.Space) throws {
    let bytes = try written("a.stl", space)
    let header = "Spider SPACE=\(space == .ras ? "RAS" : "LPS") mm skull mandible"
    #expect(
      Array(bytes[..<80]) == Array(header.utf8)
        + [UInt8](repeating: 32, count: 80 - header.utf8.count))
    #expect(Self.number(bytes, 80) == 8 && bytes.count == 84 + 50 * 8)
    var found: [SIMD3<Float>] = []
    for face in 0..<8 {
      let at = 84 + 50 * face
      let corners = (0..<3).map { Self.point(bytes, at + 12 + 12 * $0) }
      found += corners
      let normal = Vector3(Self.point(bytes, at))
      let (a, b, c) = (Vector3(corners[0]), Vector3(corners[1]), Vector3(corners[2]))
      #expect(abs(length(normal) - 1) < 1e-6)
      #expect(dot(normal, cross(b - a, c - a)) > 0, "the normal looks where its corners say")
      #expect(Array(bytes[(at + 48)..<(at + 50)]) == [0, 0])
    }
    #expect(found == Self.corners(space))
  }

  @Test(arguments: MeshFile.Space.allCases) func plyHoldsLabelsAndColours(space: MeshFile.Space)
    throws
  {
    let bytes = try written("a.ply", space)
    let header = """
      ply
      format binary_little_endian 1.0
      comment Spider SPACE=\(space == .ras ? "RAS" : "LPS") mm
      comment label 3 skull
      comment label 4 mandible
      element vertex 8
      property float x
      property float y
      property float z
      property uchar red
      property uchar green
      property uchar blue
      element face 8
      property list uchar int vertex_indices
      property uchar red
      property uchar green
      property uchar blue
      property uchar label
      end_header

      """
    let start = header.utf8.count
    #expect(Array(bytes[..<start]) == Array(header.utf8))
    #expect(bytes.count == start + 8 * 15 + 8 * 17)
    var found: [SIMD3<Float>] = []
    for face in 0..<8 {
      let at = start + 8 * 15 + 17 * face
      #expect(bytes[at] == 3)
      for n in 0..<3 {
        let vertex = start + 15 * Int(Self.number(bytes, at + 1 + 4 * n))
        found.append(Self.point(bytes, vertex))
        #expect(bytes[(vertex + 12)..<(vertex + 15)] == bytes[(at + 13)..<(at + 16)])
      }
      #expect(bytes[at + 16] == (face < 4 ? 3 : 4))
      let color = LabelScheme.color(of: face < 4 ? 3 : 4)
      #expect(Array(bytes[(at + 13)..<(at + 16)]) == [color.x, color.y, color.z])
    }
    #expect(found == Self.corners(space))
  }

  @Test(arguments: MeshFile.Space.allCases) func objHoldsGroups(space: MeshFile.Space) throws {
    let lines = String(decoding: try written("a.obj", space), as: UTF8.self).split(separator: "\n")
    #expect(lines[0] == "# Spider SPACE=\(space == .ras ? "RAS" : "LPS") mm")
    #expect(lines.filter { $0.hasPrefix("o ") } == ["o skull", "o mandible"])
    let vertices = lines.filter { $0.hasPrefix("v ") }.map { line in
      let n = line.split(separator: " ").dropFirst().compactMap { Float(String($0)) }
      return SIMD3(n[0], n[1], n[2])
    }
    let found = lines.filter { $0.hasPrefix("f ") }.flatMap { line in
      line.split(separator: " ").dropFirst().compactMap { Int(String($0)) }.map { vertices[$0 - 1] }
    }
    #expect(found == Self.corners(space))
  }

  @Test func otherEndingsAndFilesThatExistAreRefused() throws {
    let folder = try TemporaryFolder()
    let (other, taken) = (folder["a.vtk"], folder["a.stl"])
    try Data("old".utf8).write(to: taken)
    #expect(throws: FileError.self) { try MeshFile.write(Self.surfaces, to: other) }
    #expect(throws: FileError.exists(taken)) { try MeshFile.write(Self.surfaces, to: taken) }
    #expect(try folder.names() == ["a.stl"] && Data(contentsOf: taken) == Data("old".utf8))
  }
}

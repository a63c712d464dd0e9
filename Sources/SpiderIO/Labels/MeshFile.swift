import Foundation
import SpiderCore

/// Writes surfaces as mesh files: STL (binary), PLY (binary, little-endian) or OBJ (text), by the name's ending.
///
/// Positions are in mm. Files without a word on it are read as LPS by 3D Slicer, as RAS by others: so the
/// header says which it is, as `SPACE=RAS`, which 3D Slicer understands in all three formats (its class
/// vtkMRMLModelStorageNode). STL keeps no names and no colours.
public enum MeshFile {
  /// How meshes are stored.
  public enum Format: String, CaseIterable, Sendable {
    case stl, ply, obj
  }

  /// The axes of the positions in the file.
  public enum Space: String, CaseIterable, Sendable {
    /// Spider's world, and NIfTI's: right, anterior, superior.
    case ras
    /// That of DICOM: left, posterior, superior.
    case lps
  }

  /// The format that a name's ending says; nil for other endings.
  public static func format(of url: URL) -> Format? {
    Format(rawValue: url.pathExtension.lowercased())
  }

  /// Writes surfaces into one file.
  ///
  /// - Throws: ``FileError``; then no file has appeared and none has changed.
  public static func write(
    _ surfaces: [LabelledSurface], to url: URL, space: Space = .ras, overwrite: Bool = false
  ) throws(FileError) {
    guard let format = format(of: url) else {
      throw .notStorable(
        url, fault: "a mesh has a name ending in .stl, .ply or .obj", remedy: "name it so")
    }
    let file = try AtomicFile(url, overwrite: overwrite)
    switch format {
    case .stl: try writeSTL(surfaces, space, file)
    case .ply: try writePLY(surfaces, space, file)
    case .obj: try writeOBJ(surfaces, space, file)
    }
    try file.commit()
  }

  /// A position as it stands in the file. From RAS to LPS the head turns by half about the long axis: faces keep
  /// their sense.
  private static func stored(_ point: Vector3, _ space: Space) -> SIMD3<Float> {
    SIMD3<Float>(space == .ras ? point : Vector3(-point.x, -point.y, point.z))
  }

  private static func declaration(_ space: Space) -> String {
    "SPACE=\(space.rawValue.uppercased())"
  }

  // MARK: STL

  private static func writeSTL(
    _ surfaces: [LabelledSurface], _ space: Space, _ file: AtomicFile
  ) throws(FileError) {
    // Not "solid" as the first word: that is how text begins.
    let names = surfaces.map(\.name).joined(separator: " ")
    var bytes = Data("Spider \(declaration(space)) mm \(names)".utf8.prefix(80))
    bytes.append(Data(repeating: UInt8(ascii: " "), count: 80 - bytes.count))
    bytes.append(littleEndian: UInt32(surfaces.reduce(0) { $0 + $1.mesh.faces.count }))
    for surface in surfaces {
      for face in surface.mesh.faces {
        let corners = (0..<3).map { stored(surface.mesh.vertices[Int(face[$0])], space) }
        let (a, b, c) = (Vector3(corners[0]), Vector3(corners[1]), Vector3(corners[2]))
        let normal = cross(b - a, c - a)
        let size = length(normal)
        bytes.append(SIMD3<Float>(size > 0 ? normal / size : .zero))
        for corner in corners { bytes.append(corner) }
        bytes.append(contentsOf: [0, 0])
        try file.flush(&bytes)
      }
    }
    try file.append(bytes)
  }

  // MARK: PLY

  private static func writePLY(
    _ surfaces: [LabelledSurface], _ space: Space, _ file: AtomicFile
  ) throws(FileError) {
    var lines = [
      "ply", "format binary_little_endian 1.0", "comment Spider \(declaration(space)) mm",
    ]
    lines += surfaces.map { "comment label \($0.label) \($0.name)" }
    lines.append("element vertex \(surfaces.reduce(0) { $0 + $1.mesh.vertices.count })")
    lines += ["x", "y", "z"].map { "property float \($0)" }
    let colors = ["red", "green", "blue"].map { "property uchar \($0)" }
    lines += colors
    lines.append("element face \(surfaces.reduce(0) { $0 + $1.mesh.faces.count })")
    lines.append("property list uchar int vertex_indices")
    lines += colors + ["property uchar label", "end_header"]
    var bytes = Data((lines.joined(separator: "\n") + "\n").utf8)
    for surface in surfaces {
      let color = [surface.color.x, surface.color.y, surface.color.z]
      for vertex in surface.mesh.vertices {
        bytes.append(stored(vertex, space))
        bytes.append(contentsOf: color)
        try file.flush(&bytes)
      }
    }
    var first: UInt32 = 0
    for surface in surfaces {
      let tail = [surface.color.x, surface.color.y, surface.color.z, surface.label]
      for face in surface.mesh.faces {
        bytes.append(3)
        for n in 0..<3 { bytes.append(littleEndian: first + face[n]) }
        bytes.append(contentsOf: tail)
        try file.flush(&bytes)
      }
      first += UInt32(surface.mesh.vertices.count)
    }
    try file.append(bytes)
  }

  // MARK: OBJ

  private static func writeOBJ(
    _ surfaces: [LabelledSurface], _ space: Space, _ file: AtomicFile
  ) throws(FileError) {
    var bytes = Data("# Spider \(declaration(space)) mm\n".utf8)
    var first: UInt32 = 1
    for surface in surfaces {
      bytes.append(contentsOf: "o \(surface.name)\n".utf8)
      for vertex in surface.mesh.vertices {
        let p = stored(vertex, space)
        bytes.append(contentsOf: "v \(p.x) \(p.y) \(p.z)\n".utf8)
        try file.flush(&bytes)
      }
      for face in surface.mesh.faces {
        bytes.append(contentsOf: "f \(first + face.x) \(first + face.y) \(first + face.z)\n".utf8)
        try file.flush(&bytes)
      }
      first += UInt32(surface.mesh.vertices.count)
    }
    try file.append(bytes)
  }
}

extension AtomicFile {
  /// Hands bytes on as soon as they are many.
  fileprivate func flush(_ bytes: inout Data) throws(FileError) {
    guard bytes.count >= 1 << 20 else { return }
    try append(bytes)
    bytes.removeAll(keepingCapacity: true)
  }
}

extension Data {
  fileprivate mutating func append(littleEndian number: UInt32) {
    append(contentsOf: (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) })
  }

  fileprivate mutating func append(_ point: SIMD3<Float>) {
    for n in 0..<3 { append(littleEndian: point[n].bitPattern) }
  }
}

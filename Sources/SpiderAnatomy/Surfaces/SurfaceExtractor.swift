import SpiderImaging

/// Makes surfaces of label maps and of CTs: closed, looking outwards, in world mm.
///
/// ```swift
/// let bones = SurfaceExtractor().surfaces(of: ["skull", "mandible"], in: labels)
/// ```
///
/// The surface of a label is that of marching cubes, of class probabilities where they are known (there it runs between
/// voxels where they say), else of the labels, smoothed without shrinking and set to enclose the volume of its
/// voxels. Each label has its own surface: where two touch, both run between their voxels, a fraction of a voxel
/// apart. Beyond the volume nothing is inside: there the surface is the volume's face.
public struct SurfaceExtractor: Sendable {
  /// Pairs of steps of the filter that takes away the voxels' steps; 0 leaves them. The surface of a CT at a CT number
  /// has none, and is not smoothed.
  public var smoothing: Int
  /// The most faces, of all surfaces together; nil leaves all. Each closed part keeps four, however few are asked
  /// for.
  public var faceLimit: Int?

  /// Smooths and keeps all faces by default.
  public init(smoothing: Int = 20, faceLimit: Int? = nil) {
    precondition(smoothing >= 0, "\(smoothing) steps of smoothing")
    self.smoothing = smoothing
    self.faceLimit = faceLimit
  }

  /// The surfaces of classes of a label map; classes of which there is no voxel are left out.
  ///
  /// - Parameters:
  ///   - names: which classes of the scheme; nil takes the bones.
  ///   - labels: the label map.
  ///   - scheme: what its labels mean.
  public func surfaces(
    of names: [String]? = nil, in labels: LabelVolume, scheme: LabelScheme = .head
  ) -> [LabelledSurface] {
    let found = (names ?? scheme.bone).compactMap { name -> LabelledSurface? in
      guard let value = scheme.value(of: name),
        let mesh = surface(of: labels, excess: { $0 == value ? 0.5 : -0.5 }, isLabel: true)
      else { return nil }
      return LabelledSurface(name: name, label: value, mesh: mesh)
    }
    return finished(found, spacing: labels.grid.spacing.min())
  }

  /// The surfaces of classes where each stops being the likeliest, to a fraction of a voxel; classes that nowhere
  /// are the likeliest are left out.
  ///
  /// - Parameters:
  ///   - names: the classes.
  ///   - grid: the voxels.
  ///   - margins: for each voxel, side by side, of each class its probability less the largest of the others
  ///     (``/SpiderCore/ReconstructionSlab/margins``).
  ///   - scheme: what the classes are called.
  public func surfaces(
    of names: [String], on grid: VoxelGrid, margins: [Float], scheme: LabelScheme = .head
  ) -> [LabelledSurface] {
    precondition(
      margins.count == grid.count * names.count,
      "\(margins.count) margins of \(names.count) classes on \(grid.count) voxels")
    let found = names.enumerated().compactMap { n, name -> LabelledSurface? in
      let field = Volume(
        grid: grid,
        values: stride(from: n, to: margins.count, by: names.count).map { margins[$0] })
      guard let value = scheme.value(of: name),
        let mesh = surface(of: field, excess: { $0 }, isLabel: false)
      else { return nil }
      return LabelledSurface(name: name, label: value, mesh: mesh)
    }
    return finished(found, spacing: grid.spacing.min())
  }

  /// The surface of what has a CT number of at least `level`; nil where nothing has.
  public func surface(of ct: Volume, at level: Float) -> LabelledSurface? {
    guard let mesh = surface(of: ct, excess: { $0 - level }, isLabel: false) else { return nil }
    let name = "ct_\(Int(level.rounded()))_hu"
    return finished(
      [LabelledSurface(name: name, label: 0, mesh: mesh)], spacing: ct.grid.spacing.min()
    ).first
  }

  private func surface<Voxel>(
    of image: Image3D<Voxel>, excess: (Voxel) -> Float, isLabel: Bool
  ) -> TriangleMesh? {
    guard let field = InsideField(image, excess: excess) else { return nil }
    let cubes = MarchingCubes(field)
    var mesh = TriangleMesh(vertices: cubes.vertices, faces: cubes.faces)
    // In voxels: there a vertex stands half a voxel from each side of its surface.
    if isLabel, smoothing > 0 {
      mesh = mesh.smoothed(steps: smoothing, reach: 0.45)
        .enclosing(Double(field.population), limit: 0.25)
    }
    let affine = image.grid.affine
    mesh.vertices = mesh.vertices.map { affine.apply($0) }
    // A left-handed grid turns the faces round.
    if affine.determinant < 0 { mesh.faces = mesh.faces.map { SIMD3($0.x, $0.z, $0.y) } }
    return mesh
  }

  /// Takes away faces where there are to be fewer, and makes sure that no two vertices share a place.
  private func finished(_ surfaces: [LabelledSurface], spacing: Double) -> [LabelledSurface] {
    var surfaces = surfaces
    let total = surfaces.reduce(0) { $0 + $1.mesh.faces.count }
    if let faceLimit, total > faceLimit {
      for n in surfaces.indices {
        let mesh = surfaces[n].mesh
        let share = Double(mesh.faces.count) / Double(total)
        surfaces[n].mesh = mesh.decimated(to: max(4, Int(share * Double(faceLimit))))
          .enclosing(mesh.enclosedVolume, limit: spacing / 4)
      }
    }
    Self.part(&surfaces, step: spacing / 512)
    return surfaces
  }

  /// Draws vertices inwards that have the place of another one, in single precision: formats without numbered
  /// vertices (STL) are read by places, and an edge of four faces is a hole to whoever reads them.
  private static func part(_ surfaces: inout [LabelledSurface], step: Double) {
    var taken = Set<SIMD3<Float>>()
    for n in surfaces.indices {
      var normals: [Vector3]?
      for v in surfaces[n].mesh.vertices.indices
      where !taken.insert(SIMD3<Float>(surfaces[n].mesh.vertices[v])).inserted {
        let known = normals ?? surfaces[n].mesh.vertexNormals
        normals = known
        let normal = length(known[v]) > 0 ? known[v] : Vector3(0, 0, 1)
        repeat {
          surfaces[n].mesh.vertices[v] -= normal * step
        } while !taken.insert(SIMD3<Float>(surfaces[n].mesh.vertices[v])).inserted
      }
    }
  }
}

/// Numbers on a box of voxels, zero and above inside: what a surface is extracted of.
///
/// The box holds all that is inside with a layer of voxels about it. Beyond the grid the layer holds NaN,
/// which is outside: so every surface is closed, on the outer faces of the outermost voxels.
struct InsideField {
  /// The voxel (i, j, k) of the grid at which the box begins; -1 in the layer about the grid.
  let origin: SIMD3<Int>
  /// Voxels of the box along i, j and k.
  let shape: SIMD3<Int>
  /// The numbers, i fastest.
  let values: [Float]
  /// The number of voxels inside.
  let population: Int

  /// The field of a volume; nil where nothing is inside.
  ///
  /// - Parameter excess: how far inside a voxel's value is; below zero is outside.
  init?<Voxel>(_ image: Image3D<Voxel>, excess: (Voxel) -> Float) {
    let grid = image.grid
    var (low, high) = (SIMD3(repeating: Int.max), SIMD3(repeating: Int.min))
    var population = 0
    for k in 0..<grid.nz {
      for j in 0..<grid.ny {
        let row = grid.index(0, j, k)
        for i in 0..<grid.nx where excess(image.values[row + i]) >= 0 {
          population += 1
          low = pointwiseMin(low, SIMD3(i, j, k))
          high = pointwiseMax(high, SIMD3(i, j, k))
        }
      }
    }
    guard population > 0 else { return nil }
    let origin = low &- 1
    let shape = high &- low &+ 3
    var values = [Float](repeating: .nan, count: shape.x * shape.y * shape.z)
    for k in max(origin.z, 0)..<min(origin.z + shape.z, grid.nz) {
      for j in max(origin.y, 0)..<min(origin.y + shape.y, grid.ny) {
        let from = grid.index(0, j, k)
        let to = ((k - origin.z) * shape.y + j - origin.y) * shape.x - origin.x
        for i in max(origin.x, 0)..<min(origin.x + shape.x, grid.nx) {
          values[to + i] = excess(image.values[from + i])
        }
      }
    }
    self.origin = origin
    self.shape = shape
    self.values = values
    self.population = population
  }
}

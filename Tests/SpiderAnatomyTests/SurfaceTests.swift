import Foundation
import SpiderAnatomy
import SpiderImaging
import SpiderTestSupport
import Testing

/// Surfaces of label maps: closed, outwards, of the labels' volume, near the truth.
@Suite struct SurfaceTests {
  /// A turned, anisotropic grid.
  private static let oblique = VoxelGrid(
    nx: 26, ny: 30, nz: 22,
    affine: Affine.rotation(angle: 0.4, axis: normalized(Vector3(1, 2, 3))).composed(
      with: Affine(scale: Vector3(1, 0.8, 1.3), translation: Vector3(-13, -12, -14))))

  private static func ball(
    on grid: VoxelGrid, about center: Vector3, radius: Double, label: UInt8 = 3
  ) -> LabelVolume {
    LabelVolume(
      grid: grid,
      values: (0..<grid.count).map {
        length(grid.worldPoint(of: $0) - center) <= radius ? label : 0
      })
  }

  private static func voxelVolume(_ labels: LabelVolume, _ label: UInt8) -> Double {
    Double(labels.values.count { $0 == label }) * abs(labels.grid.affine.determinant)
  }

  /// As a reader of STL has it: vertices are told apart by place alone, labels do not matter.
  private static func merged(_ surfaces: [LabelledSurface]) -> TriangleMesh {
    var places: [SIMD3<Float>: UInt32] = [:]
    var mesh = TriangleMesh(vertices: [], faces: [])
    for surface in surfaces {
      let numbers = surface.mesh.vertices.map { vertex -> UInt32 in
        let place = SIMD3<Float>(vertex)
        if let known = places[place] { return known }
        places[place] = UInt32(mesh.vertices.count)
        mesh.vertices.append(vertex)
        return UInt32(mesh.vertices.count - 1)
      }
      mesh.faces += surface.mesh.faces.map {
        SIMD3(numbers[Int($0.x)], numbers[Int($0.y)], numbers[Int($0.z)])
      }
    }
    return mesh
  }

  @Test(arguments: [nil, 600] as [Int?]) func aBallIsClosedTrueAndOfItsVolume(faces: Int?) throws {
    let (center, radius) = (Self.oblique.center, 9.0)
    let labels = Self.ball(on: Self.oblique, about: center, radius: radius)
    let surfaces = SurfaceExtractor(faceLimit: faces).surfaces(of: ["skull"], in: labels)
    let mesh = try #require(surfaces.first).mesh
    #expect(surfaces.count == 1 && surfaces[0].label == 3 && surfaces[0].name == "skull")
    #expect(mesh.isClosed && Self.merged(surfaces).isClosed)
    #expect(faces.map { mesh.faces.count <= $0 && mesh.faces.count > $0 / 2 } ?? true)
    let volume = Self.voxelVolume(labels, 3)
    #expect(abs(mesh.enclosedVolume / volume - 1) < 0.01)
    // A closed surface of V - E + F = 2 is one sphere, without handles.
    #expect(mesh.vertices.count - mesh.faces.count / 2 == 2)
    let misses = mesh.vertices.map { abs(length($0 - center) - radius) }
    #expect(misses.reduce(0, +) / Double(misses.count) < 0.25)
    #expect((misses.max() ?? .infinity) < 0.9)
    // Smooth: its normals are the ball's. Those of the voxels are off by up to 55 degrees.
    for (vertex, normal) in zip(mesh.vertices, mesh.vertexNormals) {
      #expect(dot(normal, normalized(vertex - center)) > 0.9)
    }
  }

  /// Probabilities say where between two voxels a surface runs: nearer than labels can.
  @Test func probabilitiesTellWhereBetweenVoxels() throws {
    let (center, radius) = (Self.oblique.center, 9.0)
    // Two classes that part at a plane, and air around: as a network's probabilities fall off over two millimetres.
    let margins = (0..<Self.oblique.count).flatMap { index -> [Float] in
      let offset = Self.oblique.worldPoint(of: index) - center
      let inside = 1 / (1 + exp((length(offset) - radius) / 0.7))
      let first = 1 / (1 + exp(offset.x / 0.7))
      let shares = [inside * first, inside * (1 - first), 1 - inside]
      return [shares[0] - max(shares[1], shares[2]), shares[1] - max(shares[0], shares[2])].map {
        Float($0)
      }
    }
    let surfaces = SurfaceExtractor().surfaces(
      of: ["skull", "mandible"], on: Self.oblique, margins: margins)
    #expect(surfaces.map(\.name) == ["skull", "mandible"] && surfaces.map(\.label) == [3, 4])
    #expect(surfaces.allSatisfy(\.mesh.isClosed) && Self.merged(surfaces).isClosed)
    // On the sphere, away from the plane where three classes meet; and on the plane, away from the sphere.
    let vertices = surfaces.flatMap(\.mesh.vertices).map { $0 - center }
    let onSphere = vertices.filter { abs($0.x) > 3 }.map { abs(length($0) - radius) }
    let onPlane = vertices.filter { length($0) < radius - 3 }.map { abs($0.x) }
    #expect(onSphere.count > 500 && onPlane.count > 100)
    #expect(onSphere.reduce(0, +) / Double(onSphere.count) < 0.05)
    #expect(onPlane.reduce(0, +) / Double(onPlane.count) < 0.05)
    let voxel = abs(Self.oblique.affine.determinant)
    for (n, surface) in surfaces.enumerated() {
      let count = stride(from: n, to: margins.count, by: 2).count { margins[$0] >= 0 }
      #expect(abs(surface.mesh.enclosedVolume / (Double(count) * voxel) - 1) < 0.001)
    }
    let none = SurfaceExtractor().surfaces(
      of: ["skull"], on: Self.oblique, margins: [Float](repeating: -1, count: Self.oblique.count))
    #expect(none.isEmpty)
  }

  @Test func smoothingTakesStepsAwayAndNoVolume() throws {
    let grid = VoxelGrid.canonical(size: 24, side: 24)
    let labels = Self.ball(on: grid, about: .zero, radius: 8)
    let rough = try #require(SurfaceExtractor(smoothing: 0).surfaces(in: labels).first).mesh
    let smooth = try #require(SurfaceExtractor().surfaces(in: labels).first).mesh
    #expect(rough.isClosed && rough.faces == smooth.faces)
    let sphere = 4 * Double.pi * 64
    #expect(rough.area > 1.05 * sphere && abs(smooth.area / sphere - 1) < 0.02)
    #expect(abs(smooth.enclosedVolume / Self.voxelVolume(labels, 3) - 1) < 0.001)
  }

  @Test(arguments: [nil, 500] as [Int?]) func labelsThatTouchAreClosedEachAndTogether(faces: Int?) {
    let grid = VoxelGrid.canonical(size: 24, side: 24)
    var labels = Self.ball(on: grid, about: Vector3(1, 0, 0), radius: 9)
    // The part below a plane is the jaw: a flat face in common, at which vertices would coincide.
    for index in labels.values.indices
    where labels.values[index] == 3 && grid.worldPoint(of: index).z < -2 {
      labels.values[index] = 4
    }
    let surfaces = SurfaceExtractor(faceLimit: faces).surfaces(in: labels)
    #expect(surfaces.map(\.label) == [3, 4])
    for surface in surfaces {
      #expect(surface.mesh.isClosed)
      let volume = Self.voxelVolume(labels, surface.label)
      #expect(abs(surface.mesh.enclosedVolume / volume - 1) < 0.01)
    }
    #expect(Self.merged(surfaces).isClosed)
  }

  @Test func atTheBorderTheVolumesFaceClosesTheSurface() throws {
    let grid = VoxelGrid(
      nx: 12, ny: 12, nz: 12, affine: Affine(scale: Vector3(2, 2, 2), translation: .zero))
    let full = LabelVolume(grid: grid, repeating: 3)
    let box = try #require(SurfaceExtractor(smoothing: 0).surfaces(in: full).first).mesh
    #expect(box.isClosed)
    #expect(box.vertices.allSatisfy { $0.min() >= -1 && $0.max() <= 23 })
    #expect(box.vertices.contains { $0.x == -1 } && box.vertices.contains { $0.z == 23 })
    // A ball of which the volume shows a half.
    let half = Self.ball(on: grid, about: Vector3(11, 11, 0), radius: 9)
    let mesh = try #require(SurfaceExtractor().surfaces(in: half).first).mesh
    #expect(mesh.isClosed)
    #expect(abs(mesh.enclosedVolume / Self.voxelVolume(half, 3) - 1) < 0.01)
  }

  /// Every way in which voxels can lie about a corner, ambiguous ones too: noise, at any density.
  @Test(arguments: [0.1, 0.5, 0.9], [UInt64(1), 2, 3])
  func noiseGivesClosedSurfaces(share: Double, seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let grid = VoxelGrid(nx: 9, ny: 8, nz: 7, affine: Affine(scale: Vector3(-1, 1, 1)))
    let labels = LabelVolume(
      grid: grid, values: (0..<grid.count).map { _ in generator.uniform() < share ? 3 : 0 })
    for extractor in [
      SurfaceExtractor(smoothing: 0), SurfaceExtractor(),
      SurfaceExtractor(faceLimit: 300),
    ] {
      let surfaces = extractor.surfaces(in: labels)
      let mesh = try #require(surfaces.first).mesh
      #expect(mesh.isClosed && Self.merged(surfaces).isClosed)
      #expect(mesh.enclosedVolume > 0, "faces look inwards on a left-handed grid")
    }
  }

  /// A ring 2.4 mm thick, as a cheek bone's arch is, beside a ball: known volumes.
  private static func ringAndBall() -> (mesh: TriangleMesh, ring: Double, ball: Double) {
    let (across, around, large, small) = (48, 160, 22.0, 1.2)
    var mesh = TriangleMesh(vertices: [], faces: [])
    for u in 0..<around {
      for v in 0..<across {
        let (a, b) = (
          2 * Double.pi * Double(u) / Double(around), 2 * Double.pi * Double(v) / Double(across)
        )
        let out = large + small * cos(b)
        mesh.vertices.append(Vector3(out * cos(a), out * sin(a), small * sin(b)))
        func corner(_ u: Int, _ v: Int) -> UInt32 {
          UInt32((u % around) * across + v % across)
        }
        let (p, q, r, s) = (corner(u, v), corner(u + 1, v), corner(u + 1, v + 1), corner(u, v + 1))
        mesh.faces += [SIMD3(p, q, r), SIMD3(p, r, s)]
      }
    }
    let grid = VoxelGrid.canonical(size: 36, side: 36, center: Vector3(0, 0, 30))
    let extractor = SurfaceExtractor()
    let labels = ball(on: grid, about: Vector3(0, 0, 30), radius: 14)
    let sphere = extractor.surfaces(in: labels)[0].mesh
    let first = UInt32(mesh.vertices.count)
    mesh.vertices += sphere.vertices
    mesh.faces += sphere.faces.map { $0 &+ first }
    return (mesh, 2 * Double.pi * Double.pi * large * small * small, voxelVolume(labels, 3))
  }

  /// The parts of a mesh below and above a height that cuts none of it.
  private static func parts(_ mesh: TriangleMesh, at height: Double) -> [TriangleMesh] {
    [true, false].map { isBelow in
      TriangleMesh(
        vertices: mesh.vertices,
        faces: mesh.faces.filter { (mesh.vertices[Int($0.x)].z < height) == isBelow })
    }
  }

  @Test(arguments: [2000, 1000, 600]) func fewerFacesLeaveThinPartsTheirVolume(faces: Int) throws {
    let (mesh, ring, ball) = Self.ringAndBall()
    #expect(mesh.isClosed && mesh.faces.count > 8 * 2000)
    let reduced = mesh.decimated(to: faces)
    #expect(reduced.isClosed && reduced.faces.count <= faces)
    let before = Self.parts(mesh, at: 10).map(\.enclosedVolume)
    let after = Self.parts(reduced, at: 10).map(\.enclosedVolume)
    #expect(abs(after[0] / before[0] - 1) < 0.01, "the ring has \(after[0]) of \(before[0]) mm^3")
    #expect(abs(after[1] / before[1] - 1) < 0.01, "the ball has \(after[1]) of \(before[1]) mm^3")
    // The ring's 48 corners across are 0.3 % less than a circle.
    #expect(abs(after[0] / ring - 1) < 0.015 && abs(after[1] / ball - 1) < 0.01)
  }

  /// A wall of 1.2 mm, bent as the floor of an orbit is: closed, of its volume, and as thick as it was.
  @Test func fewerFacesLeaveAThinWallItsThickness() throws {
    let (steps, inner, outer, half) = (48, 20.0, 21.2, 0.9)
    var mesh = TriangleMesh(vertices: [], faces: [])
    // A square of both spheres, seen from their centre; walls at its rim.
    let side = steps + 1
    for radius in [outer, inner] {
      for j in 0...steps {
        for i in 0...steps {
          let (a, b) = (
            half * (2 * Double(i) / Double(steps) - 1), half * (2 * Double(j) / Double(steps) - 1)
          )
          mesh.vertices.append(normalized(Vector3(tan(a), tan(b), 1)) * radius)
        }
      }
    }
    func corner(_ layer: Int, _ i: Int, _ j: Int) -> UInt32 {
      UInt32(layer * side * side + j * side + i)
    }
    func add(_ p: UInt32, _ q: UInt32, _ r: UInt32, _ s: UInt32) {
      mesh.faces += [SIMD3(p, q, r), SIMD3(p, r, s)]
    }
    for j in 0..<steps {
      for i in 0..<steps {
        add(corner(0, i, j), corner(0, i + 1, j), corner(0, i + 1, j + 1), corner(0, i, j + 1))
        add(corner(1, i, j), corner(1, i, j + 1), corner(1, i + 1, j + 1), corner(1, i + 1, j))
      }
      add(corner(0, j + 1, 0), corner(0, j, 0), corner(1, j, 0), corner(1, j + 1, 0))
      add(
        corner(0, j, steps), corner(0, j + 1, steps), corner(1, j + 1, steps), corner(1, j, steps))
      add(corner(0, 0, j), corner(0, 0, j + 1), corner(1, 0, j + 1), corner(1, 0, j))
      add(
        corner(0, steps, j + 1), corner(0, steps, j), corner(1, steps, j), corner(1, steps, j + 1))
    }
    try #require(mesh.isClosed)
    // The solid angle of the square times a third of the difference of the cubes.
    let angle = 4 * asin(sin(half) * sin(half))
    let wall = angle * (outer * outer * outer - inner * inner * inner) / 3
    #expect(abs(mesh.enclosedVolume / wall - 1) < 0.01)
    let reduced = mesh.decimated(to: 300)
    #expect(reduced.isClosed && reduced.faces.count <= 300)
    #expect(abs(reduced.enclosedVolume / wall - 1) < 0.01, "\(reduced.enclosedVolume) of \(wall)")
    // Of both sides one half of the area: volume by area is the thickness.
    let thickness = [mesh, reduced].map { 2 * $0.enclosedVolume / $0.area }
    #expect(abs(thickness[1] / thickness[0] - 1) < 0.02, "\(thickness)")
    for vertex in reduced.vertices {
      #expect((inner - 0.4...outer + 0.4).contains(length(vertex)), "\(length(vertex))")
    }
  }

  @Test func theSurfaceOfACTLiesWhereItsNumberIs() throws {
    let grid = Self.oblique
    let ct = Volume(
      grid: grid,
      values: (0..<grid.count).map {
        Float(300 + 100 * (8 - length(grid.worldPoint(of: $0) - grid.center)))
      })
    let surface = try #require(SurfaceExtractor().surface(of: ct, at: 300))
    #expect(surface.mesh.isClosed && surface.label == 0)
    // Linear along the voxels' edges: what is left is the curvature.
    for vertex in surface.mesh.vertices {
      #expect(abs(length(vertex - grid.center) - 8) < 0.08)
    }
    #expect(SurfaceExtractor().surface(of: ct, at: 5000) == nil)
    #expect(
      SurfaceExtractor().surfaces(
        of: ["mandible"],
        in: Self.ball(
          on: grid, about: .zero, radius: 3)
      ).isEmpty)
  }

  @Test func aMeshWithAHoleOrATurnedFaceIsNotClosed() {
    let vertices = [Vector3.zero, Vector3(1, 0, 0), Vector3(0, 1, 0), Vector3(0, 0, 1)]
    let faces: [SIMD3<UInt32>] = [
      SIMD3(0, 2, 1), SIMD3(0, 1, 3), SIMD3(1, 2, 3), SIMD3(0, 3, 2),
    ]
    let whole = TriangleMesh(vertices: vertices, faces: faces)
    #expect(whole.isClosed && abs(whole.enclosedVolume - 1.0 / 6) < 1e-12)
    #expect(!TriangleMesh(vertices: vertices, faces: Array(faces.dropLast())).isClosed)
    #expect(
      !TriangleMesh(vertices: vertices, faces: faces.dropLast() + [SIMD3(0, 2, 3)]).isClosed)
    #expect(!TriangleMesh(vertices: vertices, faces: faces + faces).isClosed)
  }
}

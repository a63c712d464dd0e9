import SpiderImaging

extension TriangleMesh {
  /// The mesh without its steps: Taubin's filter (SIGGRAPH 1995), a step of Laplacian smoothing followed by a
  /// slightly larger one backwards, so that waves shorter than some six edges go and the shape does not shrink.
  /// No vertex leaves a box about where it was, so that thin parts stay.
  ///
  /// The filter commutes with affine maps: positions may be in voxels, whatever their edges in mm. The mesh must be
  /// closed.
  ///
  /// - Parameters:
  ///   - steps: pairs of steps.
  ///   - reach: half the side of the box.
  func smoothed(steps: Int, reach: Double) -> TriangleMesh {
    // In a closed mesh a vertex has as many neighbours as faces, each once behind it.
    var starts = [Int](repeating: 0, count: vertices.count + 1)
    for face in faces { for n in 0..<3 { starts[Int(face[n]) + 1] += 1 } }
    for n in vertices.indices { starts[n + 1] += starts[n] }
    var filled = starts
    var neighbours = [UInt32](repeating: 0, count: 3 * faces.count)
    for face in faces {
      for n in 0..<3 {
        neighbours[filled[Int(face[n])]] = face[(n + 1) % 3]
        filled[Int(face[n])] += 1
      }
    }
    // The pass band ends where 1/forth + 1/back = 0.1.
    let (forth, back) = (0.5, -1 / (2 - 0.1))
    var positions = vertices
    for step in 0..<2 * steps {
      let factor = step % 2 == 0 ? forth : back
      var moved = positions
      for n in positions.indices where starts[n + 1] > starts[n] {
        var sum = Vector3.zero
        for neighbour in neighbours[starts[n]..<starts[n + 1]] { sum += positions[Int(neighbour)] }
        let mean = sum / Double(starts[n + 1] - starts[n])
        let wish = positions[n] + (mean - positions[n]) * factor
        moved[n] = pointwiseMin(pointwiseMax(wish, vertices[n] - reach), vertices[n] + reach)
      }
      positions = moved
    }
    return TriangleMesh(vertices: positions, faces: faces)
  }

  /// The mesh, blown up or drawn in along its normals so that it encloses a volume; by no more than `limit`.
  func enclosing(_ volume: Double, limit: Double) -> TriangleMesh {
    var mesh = self
    var moved = 0.0
    for _ in 0..<4 {
      let area = mesh.area
      guard area > 0 else { break }
      let wish = moved + (volume - mesh.enclosedVolume) / area
      let step = min(max(wish, -limit), limit) - moved
      guard step != 0 else { break }
      let normals = mesh.vertexNormals
      for n in mesh.vertices.indices { mesh.vertices[n] += normals[n] * step }
      moved += step
    }
    return mesh
  }
}

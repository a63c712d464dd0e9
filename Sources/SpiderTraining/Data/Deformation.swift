import SpiderCore
import SpiderSupport

/// A smooth random deformation of a patient that keeps its topology.
///
/// The deformed volume at x is the original at x + d(x). The displacements d are a cubic B-spline
/// (D. Rueckert et al., IEEE Trans. Med. Imaging 18 (1999) 712) with normal coefficients, evaluated on a
/// lattice and linear between its nodes, so that the kernels that warp volumes and move points see the
/// same map.
///
/// Nothing folds, by construction. In a cell of the lattice every derivative of d is a mean of the
/// differences along the cell's edges. Let s be the root of the sum of the squares of the largest of
/// them, over the three directions and components, in the cell where that is largest. Then the gradient
/// of d has a norm of at most s everywhere, so that |d(x) - d(y)| <= s |x - y|: with s < 1 no two points
/// come together, and the determinant of the Jacobian I + grad d, whose eigenvalues lie within s of 1,
/// lies in (1 - s)^3 ... (1 + s)^3. Draws with a larger s than allowed are made smaller as a whole.
package struct Deformation: Sendable {
  /// Nodes of the lattice along each side.
  static let nodes = 17

  /// The bound s on the derivatives of this deformation; at most the one it was made with.
  package let strain: Double
  private let grid: VoxelGrid
  private let lattice: VolumeKernels.DisplacementLattice

  /// A deformation with displacements of a standard deviation in mm; nil when it is 0.
  ///
  /// - Parameters:
  ///   - spacing: of the spline's control points, mm.
  ///   - strain: the bound on the derivatives, below 1.
  package init?(
    deviation: Double, spacing: Double = 50, strain: Double = 0.5, grid: VoxelGrid,
    _ random: inout SeededGenerator
  ) {
    guard deviation > 0 else { return nil }
    precondition(strain > 0 && strain < 1, "a strain of \(strain)")
    let extent = grid.spacing * Vector3(Double(grid.nx), Double(grid.ny), Double(grid.nz))
    let axes = (0..<3).map { SplineAxis(extent: extent[$0], spacing: spacing, nodes: Self.nodes) }
    let count = axes.reduce(1) { $0 * $1.controlPoints }
    // Each axis of the spline leaves 151/315 of the coefficients' variance, on average.
    let raised = deviation * (315.0 / 151).squareRoot() * (315.0 / 151)
    var fields = (0..<3).map { _ in
      SplineAxis.evaluate((0..<count).map { _ in Float(raised * random.normal()) }, axes)
    }
    let steps =
      grid.spacing * Vector3(Double(grid.nx - 1), Double(grid.ny - 1), Double(grid.nz - 1))
      / Double(Self.nodes - 1)
    let drawn = Self.strain(of: fields, steps: steps)
    if drawn > strain {
      let share = Float(strain / drawn)
      for axis in 0..<3 { for node in fields[axis].indices { fields[axis][node] *= share } }
    }
    self.grid = grid
    self.strain = min(drawn, strain)
    let toVoxels = (0..<3).map { Float(1 / grid.spacing[$0]) }
    var values = [Float](repeating: 0, count: 3 * fields[0].count)
    for node in fields[0].indices {
      for axis in 0..<3 { values[3 * node + axis] = fields[axis][node] * toVoxels[axis] }
    }
    lattice = VolumeKernels.DisplacementLattice(nodes: Self.nodes, values: values)
  }

  /// The bound s of displacements.
  ///
  /// - Parameter fields: displacements in mm on the lattice, one array a component, x fastest.
  /// - Parameter steps: from node to node along each axis, mm.
  private static func strain(of fields: [[Float]], steps: Vector3) -> Double {
    let n = nodes
    let strides = [1, n, n * n]
    var squares = [Float](repeating: 0, count: n * n * n)
    for field in fields {
      for axis in 0..<3 {
        // Derivatives along the edge from each node to the next along the axis; then, in each cell, the
        // largest of its four edges of this direction.
        let (stride, scale) = (strides[axis], Float(1 / steps[axis]))
        let edges = field.indices.map { node in
          node + stride < field.count ? abs(field[node + stride] - field[node]) * scale : 0
        }
        let (u, v) = (strides[(axis + 1) % 3], strides[(axis + 2) % 3])
        for k in 0..<n - 1 {
          for j in 0..<n - 1 {
            for node in (k * n + j) * n..<(k * n + j) * n + n - 1 {
              let largest = max(
                max(edges[node], edges[node + u]), max(edges[node + v], edges[node + u + v]))
              squares[node] += largest * largest
            }
          }
        }
      }
    }
    return Double(squares.max() ?? 0).squareRoot()
  }

  /// Displacements in voxels at fractional voxel positions.
  package func displacements(at places: [Vector3]) -> [Vector3] {
    VolumeKernels.displacements(lattice, grid, at: places)
  }

  /// The places to which the deformation has carried voxels: those x with x + d(x) = v, by x = v - d(x) over and
  /// over. Each round brings them nearer by a factor of ``strain``.
  package func carried(_ voxels: [Vector3], rounds: Int) -> [Vector3] {
    (0..<rounds).reduce(voxels) { places, _ in
      zip(voxels, displacements(at: places)).map { $0 - $1 }
    }
  }

  /// The values of a deformed volume on the same grid; 0 where they come from outside.
  package func warped(_ volume: Volume) -> [Float] {
    precondition(volume.grid.shape == grid.shape, "a volume of another grid")
    return VolumeKernels.warp(volume, lattice)
  }

  /// The same by the definition, voxel by voxel in double: the reference of the tests.
  package func referenceWarped(_ volume: Volume) -> [Double] {
    let places = (0..<grid.count).map { index in
      let voxel = grid.voxel(at: index)
      return Vector3(Double(voxel.x), Double(voxel.y), Double(voxel.z))
    }
    return zip(places, displacements(at: places)).map {
      volume.trilinear(at: $0 + $1, outside: 0)
    }
  }
}

/// One axis of a cubic B-spline: the weights of its control points at the nodes of a lattice that spans
/// the same length.
struct SplineAxis {
  /// Control points; one lies before the first node and one behind the last.
  let controlPoints: Int
  /// Of each node the first of the four control points that count, and their weights.
  private let taps: [(first: Int, weights: SIMD4<Float>)]

  /// An axis of a length in mm, with control points about `spacing` apart.
  init(extent: Double, spacing: Double, nodes: Int) {
    let cells = Int(max(1, min(64, (extent / spacing).rounded())))
    controlPoints = cells + 3
    taps = (0..<nodes).map { node in
      let place = Double(node * cells) / Double(nodes - 1)
      let first = min(cells - 1, Int(place))
      let t = place - Double(first)
      let weights = SIMD4(
        (1 - t) * (1 - t) * (1 - t), (3 * t - 6) * t * t + 4, ((3 - 3 * t) * t + 3) * t + 1,
        t * t * t)
      return (first, SIMD4<Float>(weights / 6))
    }
  }

  /// The spline's values on the lattice, x fastest, from coefficients in the same order.
  static func evaluate(_ coefficients: [Float], _ axes: [SplineAxis]) -> [Float] {
    // One axis after the other, each turned to the front: (z, y, x) to (x', z, y) and so on.
    var values = coefficients
    for axis in axes {
      let rows = values.count / axis.controlPoints
      var next = [Float](repeating: 0, count: rows * axis.taps.count)
      for row in 0..<rows {
        let start = row * axis.controlPoints
        for (node, tap) in axis.taps.enumerated() {
          let at = start + tap.first
          let weights = tap.weights
          next[node * rows + row] =
            weights[0] * values[at] + weights[1] * values[at + 1] + weights[2] * values[at + 2]
            + weights[3] * values[at + 3]
        }
      }
      values = next
    }
    return values
  }
}

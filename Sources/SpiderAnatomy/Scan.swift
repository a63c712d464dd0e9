import SpiderImaging

/// A CT with what is known about where it was measured.
package struct Scan: Sendable {
  /// HU, finite everywhere; -1000 where nothing was measured.
  package let ct: Volume
  /// The measured voxels; nil when all are.
  package let measured: Mask?
  /// The voxels of each filler, about, of those that are finite.
  package let padding: [Float: Int]

  /// Looks for padding and values that are not finite.
  package init(_ ct: Volume) {
    (measured, padding) = ScanFinder().look(at: ct)
    guard measured != nil || ct.values.contains(where: { !$0.isFinite }) else {
      self.ct = ct
      return
    }
    var values = ct.values
    for index in values.indices
    where !values[index].isFinite || measured.map({ !$0.values[index] }) ?? false {
      values[index] = -1000
    }
    self.ct = ct.withValues(values)
  }

  /// The scan on another grid, -1000 outside it, and where on that grid it is.
  ///
  /// A voxel is in the scan when at least half of it was measured; its value is the mean of that
  /// part, so that padding does not darken the tissue beside it.
  package func resampled(onto grid: VoxelGrid) -> (ct: Volume, covered: Mask) {
    var image = ct.resampled(onto: grid, outside: -1000)
    var covered = grid.coverage(by: ct.grid)
    guard let measured else { return (image, covered) }
    let share = measured.withValues(measured.values.map { $0 ? Float(1) : 0 })
      .resampled(onto: grid, outside: 0)
    for index in image.values.indices where share.values[index] < 1 {
      if share.values[index] < 0.5 {
        image.values[index] = -1000
        covered.values[index] = false
      } else {
        // image = share * mean + (1 - share) * -1000.
        image.values[index] = (image.values[index] + 1000) / share.values[index] - 1000
      }
    }
    return (image, covered)
  }
}

/// Tells what a scanner measured from what only fills the file: the corners around a circular field
/// of reconstruction, the wedges of a volume resampled from tilted slices, added empty slices.
///
/// Nobody knows what is in such places, least of all that it is air. Padding starts at the edges of
/// the file's box and is either a value that no tissue and no air has, or exactly one value without
/// any noise. A scan whose air has been set to one value everywhere has that, too; there the value
/// is the air's, and is left alone.
package struct ScanFinder {
  /// HU under which nothing is measured: -2000, -3024, -32768 are customary fillers.
  var impossible: Float = -1500
  /// The share of the box's edges that one value must hold to be suspected.
  var edgeShare = 0.1
  /// The share of the file below which padding is not worth speaking of.
  var smallestShare = 0.001

  /// The finder with its default thresholds.
  package init() {}

  /// The measured voxels of a CT, on its own grid; nil when all are.
  package func measured(in ct: Volume) -> Mask? { look(at: ct).measured }

  /// The measured voxels, nil when all are, and how many voxels each filler has, about.
  func look(at ct: Volume) -> (measured: Mask?, fillers: [Float: Int]) {
    let edges = Self.edges(of: ct.grid)
    var padding = [Bool](repeating: false, count: ct.grid.count)
    var found = flood(&padding, ct, from: edges.filter { isImpossible(ct.values[$0]) }) {
      isImpossible(ct.values[$0])
    }
    var fillers = fillers(of: padding, ct, found)
    // A filler is one value. Many are a scan in another scale, whose air lies down there.
    if 2 * (fillers.values.max() ?? 0) < fillers.values.reduce(0, +) {
      padding = [Bool](repeating: false, count: ct.grid.count)
      (found, fillers) = (0, [:])
    }
    for value in suspects(ct, edges) {
      var region = padding
      let grown = flood(
        &region, ct, from: edges.filter { !padding[$0] && Self.isFlat(ct, at: $0, value) }
      ) { Self.isFlat(ct, at: $0, value) }
      guard Double(grown) > smallestShare * Double(ct.grid.count) else { continue }
      // Real air beside it, with its noise: then the value itself is not the air's.
      let air = ct.values.indices.reduce(0) { count, index in
        let hu = ct.values[index]
        return count + (hu > -1100 && hu < -900 && hu != value && !region[index] ? 1 : 0)
      }
      guard 10 * air > grown else { continue }
      padding = withThinParts(of: region, ct, value)
      found += grown
      fillers[value, default: 0] += grown
    }
    let smallest = smallestShare * Double(ct.grid.count)
    guard Double(found) > smallest else { return (nil, [:]) }
    // A voxel on: the rim of the flat parts, and where resampling has mixed scan and padding.
    return (
      Mask(grid: ct.grid, values: padding).withNeighbours().complement,
      fillers.filter { Double($0.value) > smallest }
    )
  }

  /// The values in a region of some voxels, by how many have them, about: by a sample of a large one.
  private func fillers(of region: [Bool], _ ct: Volume, _ count: Int) -> [Float: Int] {
    guard count > 0 else { return [:] }
    let stride = count / 200_000 + 1
    var values: [Float: Int] = [:]
    var place = 0
    for index in region.indices where region[index] {
      if place % stride == 0, ct.values[index].isFinite {
        values[ct.values[index], default: 0] += stride
      }
      place += 1
    }
    return values
  }

  /// A flat region with the thin ends of it, in which no voxel has only neighbours of its value: the
  /// tips of wedges.
  private func withThinParts(of region: [Bool], _ ct: Volume, _ value: Float) -> [Bool] {
    var layers = Mask(grid: ct.grid, repeating: false)
    for index in ct.values.indices where !region[index] && ct.values[index] == value {
      // A layer of one voxel has four such neighbours; noise that was cut off at a value has few.
      var others = 0
      ct.grid.forEachNeighbour(of: index) { others += ct.values[$0] == value ? 0 : 1 }
      layers.values[index] = others <= 2
    }
    return Mask(grid: ct.grid, values: region).grown(within: layers, steps: 8).values
  }

  private func isImpossible(_ hu: Float) -> Bool { !(hu >= impossible && hu.isFinite) }

  /// The single values that hold much of the box's edges.
  private func suspects(_ ct: Volume, _ edges: [Int]) -> [Float] {
    var counts: [Float: Int] = [:]
    for index in edges where !isImpossible(ct.values[index]) {
      counts[ct.values[index], default: 0] += 1
    }
    let needed = edgeShare * Double(edges.count)
    return counts.filter { Double($0.value) >= needed }.keys.sorted()
  }

  /// The voxels on the twelve edges of the box.
  private static func edges(of grid: VoxelGrid) -> [Int] {
    var edges: [Int] = []
    for k in 0..<grid.nz {
      for j in 0..<grid.ny {
        let isRim = (k == 0 || k == grid.nz - 1 ? 1 : 0) + (j == 0 || j == grid.ny - 1 ? 1 : 0)
        guard isRim > 0 else { continue }
        if isRim == 2 {
          for i in 0..<grid.nx { edges.append(grid.index(i, j, k)) }
        } else {
          edges.append(grid.index(0, j, k))
          if grid.nx > 1 { edges.append(grid.index(grid.nx - 1, j, k)) }
        }
      }
    }
    return edges
  }

  /// Whether a voxel and all its neighbours have one value.
  private static func isFlat(_ ct: Volume, at index: Int, _ value: Float) -> Bool {
    guard ct.values[index] == value else { return false }
    var flat = true
    ct.grid.forEachNeighbour(of: index) { flat = flat && ct.values[$0] == value }
    return flat
  }

  /// Adds all that is connected to the seeds and admitted; returns the number of voxels added.
  private func flood(
    _ region: inout [Bool], _ ct: Volume, from seeds: [Int], where admits: (Int) -> Bool
  ) -> Int {
    var stack: [Int] = []
    var count = 0
    for seed in seeds where !region[seed] {
      region[seed] = true
      count += 1
      stack.append(seed)
    }
    while let index = stack.popLast() {
      ct.grid.forEachNeighbour(of: index) { other in
        if !region[other] && admits(other) {
          region[other] = true
          count += 1
          stack.append(other)
        }
      }
    }
    return count
  }
}

extension Image3D where Voxel == Bool {
  /// The set with every voxel that shares a face with it.
  package func withNeighbours() -> Mask {
    var result = self
    for index in values.indices where values[index] {
      grid.forEachNeighbour(of: index) { result.values[$0] = true }
    }
    return result
  }
}

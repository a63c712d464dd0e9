import SpiderSupport

extension Image3D where Voxel == Float {
  /// This volume on another grid, however the two lie to each other.
  ///
  /// Along axes where the target's voxels are wider than the source's, values are averaged over the
  /// target voxel; where they are narrower, they are interpolated (trilinear). Grids with parallel
  /// axes are averaged exactly; for others the target voxel is sampled at `ceil(ratio)` points per
  /// axis, at most 16. A target voxel whose centre is not within the scan becomes `outside`; one that reaches
  /// over the edge is averaged over the part that is known.
  public func resampled(onto target: VoxelGrid, outside: Float) -> Volume {
    let map = target.indexMap(to: grid)
    if let axes = map.parallelAxes() {
      return separablyResampled(onto: target, map: map, axes: axes, outside: outside)
    }
    return supersampled(onto: target, map: map, outside: outside)
  }

  /// The general definition: the mean of trilinear samples spread over the target voxel. It is the
  /// reference for the separable path, which agrees with it where ratios are whole numbers.
  package func supersampledReference(onto target: VoxelGrid, outside: Float) -> Volume {
    supersampled(onto: target, map: target.indexMap(to: grid), outside: outside)
  }

  private func supersampled(onto target: VoxelGrid, map: Affine, outside: Float) -> Volume {
    let offsets = map.subsampleOffsets()
    return Volume(grid: target) { k in
      target.mapSlice(k, through: map) { center in
        guard grid.contains(index: center) else { return outside }
        var sum = 0.0
        var hits = 0
        for offset in offsets where grid.contains(index: center + offset) {
          sum += trilinear(at: center + offset)
          hits += 1
        }
        return Float(hits > 0 ? sum / Double(hits) : trilinear(at: center))
      }
    }
  }

  /// Resampling when every target axis t runs along the source axis `axes[t]`: three passes, one an
  /// axis, in the source's order so that the first ones run along memory.
  private func separablyResampled(
    onto target: VoxelGrid, map: Affine, axes: [Int], outside: Float
  ) -> Volume {
    let columns = [map.columns.0, map.columns.1, map.columns.2]
    let counts = [target.nx, target.ny, target.nz]
    let sourceCounts = [grid.nx, grid.ny, grid.nz]
    // For each source axis: the target axis along it, and its weights.
    let targetAxis = (0..<3).map { s in axes.firstIndex(of: s) ?? s }
    let tables = (0..<3).map { s in
      AxisWeights(
        count: counts[targetAxis[s]], start: map.translation[s], step: columns[targetAxis[s]][s],
        sourceCount: sourceCounts[s])
    }
    let (m0, m1, m2) = (tables[0].first.count, tables[1].first.count, tables[2].first.count)

    let usedSlices = tables[2].usedSources(count: grid.nz)
    let flattened = Parallel.map(grid.nz) { k in
      usedSlices[k] ? flattenedSlice(k, tables[0], tables[1]) : []
    }
    let stacked = Parallel.map(m2) { m in
      var sum = [Float](repeating: tables[2].inside[m] ? 0 : outside, count: m0 * m1)
      for w in tables[2].offset[m]..<tables[2].offset[m + 1] {
        let weight = tables[2].weights[w]
        let slice = flattened[tables[2].first[m] + w - tables[2].offset[m]]
        for index in sum.indices { sum[index] += weight * slice[index] }
      }
      return sum
    }

    let inside = tables.map(\.inside)
    var place = [0, 0, 0]
    var values: [Float] = []
    values.reserveCapacity(target.count)
    for k in 0..<target.nz {
      place[axes[2]] = k
      for j in 0..<target.ny {
        place[axes[1]] = j
        for i in 0..<target.nx {
          place[axes[0]] = i
          let (a, b, c) = (place[0], place[1], place[2])
          let known = inside[0][a] && inside[1][b] && inside[2][c]
          values.append(known ? stacked[c][b * m0 + a] : outside)
        }
      }
    }
    return Volume(grid: target, values: values)
  }

  /// One source slice, resampled along its rows and then across them: `m1` x `m0` values.
  private func flattenedSlice(_ k: Int, _ x: AxisWeights, _ y: AxisWeights) -> [Float] {
    let (m0, m1) = (x.first.count, y.first.count)
    let used = y.usedSources(count: grid.ny)
    var rows = [Float](repeating: 0, count: grid.ny * m0)
    for j in 0..<grid.ny where used[j] {
      let start = grid.index(0, j, k)
      for a in 0..<m0 {
        var sum: Float = 0
        var source = start + x.first[a]
        for w in x.offset[a]..<x.offset[a + 1] {
          sum += x.weights[w] * values[source]
          source += 1
        }
        rows[j * m0 + a] = sum
      }
    }
    var result = [Float](repeating: 0, count: m1 * m0)
    for b in 0..<m1 {
      for w in y.offset[b]..<y.offset[b + 1] {
        let weight = y.weights[w]
        let row = (y.first[b] + w - y.offset[b]) * m0
        let out = b * m0
        for a in 0..<m0 { result[out + a] += weight * rows[row + a] }
      }
    }
    return result
  }
}

extension AxisWeights {
  /// Marks the source voxels that some target voxel uses.
  fileprivate func usedSources(count: Int) -> [Bool] {
    var used = [Bool](repeating: false, count: count)
    for t in first.indices {
      for s in first[t]..<(first[t] + offset[t + 1] - offset[t]) { used[s] = true }
    }
    return used
  }
}

/// The interpolation weights from the voxels of a source axis to those of a target axis, when the two
/// axes are parallel: the one-dimensional factor of a separable resampling.
///
/// A target voxel wider than the source voxels is the mean over its width (box averaging, exact for
/// any ratio); a narrower one is interpolated linearly. At equal width both are the same thing.
struct AxisWeights: Sendable {
  /// Whether the centre of each target voxel lies within the source.
  private(set) var inside: [Bool] = []
  /// The first source voxel of each target voxel.
  private(set) var first: [Int] = []
  /// The start of each target voxel's weights; one entry more than there are voxels.
  private(set) var offset: [Int] = [0]
  /// The weights of consecutive source voxels; those of one target voxel add up to 1.
  private(set) var weights: [Float] = []

  /// The weights for `count` target voxels at the source positions `start + step * t`, of which the
  /// source has `sourceCount` voxels.
  init(count: Int, start: Double, step: Double, sourceCount: Int) {
    let last = Double(sourceCount - 1)
    for t in 0..<count {
      let center = start + step * Double(t)
      let isInside = center >= -0.5 - 1e-6 && center <= last + 0.5 + 1e-6
      inside.append(isInside)
      if !isInside {
        first.append(0)
      } else if abs(step) <= 1 {
        appendLinear(at: min(max(center, 0), last), sourceCount: sourceCount)
      } else {
        let half = abs(step) / 2
        appendBox(
          from: max(center - half, -0.5), to: min(center + half, last + 0.5),
          sourceCount: sourceCount)
      }
      offset.append(weights.count)
    }
  }

  private mutating func appendLinear(at position: Double, sourceCount: Int) {
    let low = min(Int(position), max(0, sourceCount - 2))
    let fraction = Float(position - Double(low))
    first.append(low)
    weights.append(1 - fraction)
    if sourceCount > 1 { weights.append(fraction) }
  }

  private mutating func appendBox(from low: Double, to high: Double, sourceCount: Int) {
    let begin = min(max(Int((low + 0.5).rounded(.down)), 0), sourceCount - 1)
    // A sliver thinner than a millionth of a voxel is rounding, not overlap.
    let end = min(max(Int((high + 0.5 - 1e-6).rounded(.down)), begin), sourceCount - 1)
    first.append(begin)
    let overlaps = (begin...end).map { s in
      max(0, min(high, Double(s) + 0.5) - max(low, Double(s) - 0.5))
    }
    let sum = overlaps.reduce(0, +)
    weights += sum > 0 ? overlaps.map { Float($0 / sum) } : overlaps.map { _ in 1 }
  }
}

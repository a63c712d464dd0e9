extension Image3D where Voxel == UInt8 {
  /// This label map on another grid: each target voxel gets the label that most of it has.
  ///
  /// The target voxel is probed at `ceil(ratio)` points per axis, at most 16, each reading the nearest
  /// source voxel (so a finer target takes the nearest label). Labels are never mixed. A tie goes to the
  /// smaller value, hence a known label wins over 254 and 255. A target voxel whose centre is not
  /// within the scan becomes `outside`.
  public func resampled(onto target: VoxelGrid, outside: UInt8 = LabelScheme.outsideScan)
    -> LabelVolume
  {
    guard let axes = AxisProbes.axes(from: target, to: grid) else {
      return resampledPlainly(onto: target, outside: outside)
    }
    return LabelVolume(grid: target) { k in majorities(k, axes, target, outside: outside) }
  }

  /// The same for grids that are turned in any way, and the plain definition of it for all.
  package func resampledPlainly(onto target: VoxelGrid, outside: UInt8) -> LabelVolume {
    let map = target.indexMap(to: grid)
    let offsets = map.subsampleOffsets()
    return LabelVolume(grid: target) { k in
      var votes = [Int](repeating: 0, count: 256)
      return target.mapSlice(k, through: map) { center in
        guard grid.contains(index: center) else { return outside }
        var winner = nearest(to: center)
        guard offsets.count > 1 else { return winner }
        for offset in offsets where grid.contains(index: center + offset) {
          votes[Int(nearest(to: center + offset))] += 1
        }
        for offset in offsets where grid.contains(index: center + offset) {
          let label = nearest(to: center + offset)
          let lead = votes[Int(label)] - votes[Int(winner)]
          if lead > 0 || (lead == 0 && label < winner) { winner = label }
        }
        for offset in offsets where grid.contains(index: center + offset) {
          votes[Int(nearest(to: center + offset))] = 0
        }
        return winner
      }
    }
  }
}

/// Where the voxels of a grid, and the points at which each is probed, fall among the voxels of another grid with the
/// same axes: along one of them.
private struct AxisProbes {
  /// The nearest voxel to each voxel's centre; -1 outside.
  private(set) var centers: [Int] = []
  /// That to each of its probes, `steps` a voxel.
  private(set) var probes: [Int] = []
  /// Probes of a voxel.
  let steps: Int

  private init(scale: Double, shift: Double, count: Int, within source: Int, steps: Int) {
    self.steps = steps
    func nearest(_ position: Double) -> Int {
      // As `VoxelGrid.contains(index:)` and `nearest(to:)` have it.
      let low = -0.5 - 1e-6
      guard position >= low, position <= Double(source) + low + 2e-6 else { return -1 }
      return Int(min(max((position + 0.5).rounded(.down), 0), Double(source - 1)))
    }
    for index in 0..<count {
      let center = scale * Double(index) + shift
      centers.append(nearest(center))
      for step in 0..<steps {
        let offset = scale * ((Double(step) + 0.5) / Double(steps) - 0.5)
        probes.append(nearest(center + offset))
      }
    }
  }

  /// The three axes; nil where one grid is turned against the other, or their axes are exchanged.
  static func axes(from target: VoxelGrid, to source: VoxelGrid) -> [AxisProbes]? {
    let map = target.indexMap(to: source)
    let columns = [map.columns.0, map.columns.1, map.columns.2]
    for (axis, column) in columns.enumerated() {
      for other in 0..<3 where other != axis && column[other] != 0 { return nil }
    }
    return (0..<3).map { axis in
      AxisProbes(
        scale: columns[axis][axis], shift: map.translation[axis], count: target.shape[axis],
        within: source.shape[axis], steps: Affine.subsamples(columns[axis]))
    }
  }
}

extension Image3D where Voxel == UInt8 {
  /// Slice `k` of the labels that most of each target voxel has, for grids with the same axes.
  fileprivate func majorities(
    _ k: Int, _ axes: [AxisProbes], _ target: VoxelGrid, outside: UInt8
  ) -> [UInt8] {
    let (x, y, z) = (axes[0], axes[1], axes[2])
    var slice: [UInt8] = []
    slice.reserveCapacity(target.nx * target.ny)
    var votes = [Int](repeating: 0, count: 256)
    var probed: [UInt8] = []
    for j in 0..<target.ny {
      for i in 0..<target.nx {
        guard x.centers[i] >= 0, y.centers[j] >= 0, z.centers[k] >= 0 else {
          slice.append(outside)
          continue
        }
        var winner = self[x.centers[i], y.centers[j], z.centers[k]]
        probed.removeAll(keepingCapacity: true)
        var isUnanimous = true
        for c in z.probes[(k * z.steps)..<((k + 1) * z.steps)] where c >= 0 {
          for b in y.probes[(j * y.steps)..<((j + 1) * y.steps)] where b >= 0 {
            for a in x.probes[(i * x.steps)..<((i + 1) * x.steps)] where a >= 0 {
              let label = self[a, b, c]
              probed.append(label)
              isUnanimous = isUnanimous && label == winner
            }
          }
        }
        if !isUnanimous {
          for label in probed { votes[Int(label)] += 1 }
          for label in probed {
            let lead = votes[Int(label)] - votes[Int(winner)]
            if lead > 0 || (lead == 0 && label < winner) { winner = label }
          }
          for label in probed { votes[Int(label)] = 0 }
        }
        slice.append(winner)
      }
    }
    return slice
  }
}

extension Image3D where Voxel == Bool {
  /// This set of voxels on another grid, by majority; outside it is `outside`.
  public func resampled(onto target: VoxelGrid, outside: Bool = false) -> Mask {
    guard target != grid else { return self }
    let labels = withValues(values.map { $0 ? UInt8(1) : 0 })
    return labels.resampled(onto: target, outside: outside ? 1 : 0).mask { $0 == 1 }
  }
}

extension Affine {
  /// For a map between voxel indices: the axis that each axis is mapped along when the two grids'
  /// axes are parallel, nil when they are not.
  func parallelAxes() -> [Int]? {
    let images = [columns.0, columns.1, columns.2]
    let axes = images.map { image in
      (0..<3).reduce(0) { abs(image[$1]) > abs(image[$0]) ? $1 : $0 }
    }
    guard Set(axes).count == 3 else { return nil }
    for (image, axis) in zip(images, axes) {
      // A thousand voxels on, the position must not have drifted by a thousandth of a voxel.
      for other in 0..<3 where other != axis && abs(image[other]) > 1e-6 { return nil }
    }
    return axes
  }

  /// For the image of a voxel's edge: the samples along it, at most one voxel apart, but no more than 16.
  fileprivate static func subsamples(_ image: Vector3) -> Int {
    // A ratio a hair above a whole number is that number with rounding.
    Int(min(16, max(1, (length(image) - 1e-6).rounded(.up))))
  }

  /// For a map between voxel indices: where to sample the image of a unit voxel, relative to its
  /// centre, so that consecutive samples are at most one voxel apart, but no more than 16 an axis:
  /// beyond, the mean changes little and the time and memory would have no bound.
  func subsampleOffsets() -> [Vector3] {
    let steps = [columns.0, columns.1, columns.2].map(Self.subsamples)
    func offsets(_ column: Vector3, _ count: Int) -> [Vector3] {
      (0..<count).map { column * ((Double($0) + 0.5) / Double(count) - 0.5) }
    }
    return offsets(columns.2, steps[2]).flatMap { c in
      offsets(columns.1, steps[1]).flatMap { b in
        offsets(columns.0, steps[0]).map { a in a + b + c }
      }
    }
  }
}

import SpiderImaging

extension PreparationReport {
  /// Notes what of a file is no scan, and refuses it when it holds no CT numbers.
  mutating func add(_ scan: Scan, of ct: Volume) throws {
    notFinite = ct.values.reduce(0) { $0 + ($1.isFinite ? 0 : 1) }
    let lowest = ct.values.reduce(Float.infinity) { $1.isFinite ? min($0, $1) : $0 }
    guard lowest < -500 else { throw PreparationError.noAir(lowest: lowest) }
    if let measured = scan.measured {
      padding = 1 - Double(measured.population) / Double(ct.grid.count)
    }
  }

  /// Notes where the field of view was put.
  mutating func place(_ point: Vector3, _ basis: String) {
    isocenter = [point.x, point.y, point.z]
    isocenterBasis = basis
  }

  /// Measures the labels, and says what is worth a look.
  mutating func add(_ labels: LabelVolume, scheme: LabelScheme) {
    let voxel = abs(labels.grid.affine.determinant) / 1000
    var counts = [Int](repeating: 0, count: 256)
    for label in labels.values { counts[Int(label)] += 1 }
    for (value, name) in scheme.classes.enumerated() {
      volumes[name] = Double(counts[value]) * voxel
    }
    unknown = Double(counts[Int(LabelScheme.unknown)]) * voxel
    cuts = Self.cuts(of: labels)

    let patient = volumes.filter { $0.key != scheme.classes[0] }.values.reduce(0, +) + unknown
    if unknown > 0.05 * patient {
      warnings.append(
        "the structure of \(Int((100 * unknown / max(1, patient)).rounded())) % of the patient is unknown"
      )
    }
    if crownAboveScan != nil { warnings.append("the place of the crown is an estimate") }
    if let findings {
      let turns = [findings.pitchDegrees, findings.turnDegrees, findings.inclinationDegrees]
      if turns.compactMap({ $0.map(abs) }).max() ?? 0 > 15 {
        warnings.append("the head is turned or bent by more than 15 degrees")
      }
    }
  }

  /// The sides on which more than 5 cm^2 of the patient ends at the end of the scan or of the grid.
  private static func cuts(of labels: LabelVolume) -> [Cut] {
    let grid = labels.grid
    let spacing = grid.spacing
    let faces = [spacing.y * spacing.z, spacing.x * spacing.z, spacing.x * spacing.y]
    let names = [["left", "right"], ["posterior", "anterior"], ["inferior", "superior"]]
    let size = [grid.nx, grid.ny, grid.nz]
    let strides = [1, grid.nx, grid.nx * grid.ny]
    var counts = [[0, 0], [0, 0], [0, 0]]
    for index in labels.values.indices {
      let label = labels.values[index]
      guard label != 0, label != LabelScheme.outsideScan else { continue }
      let voxel = grid.voxel(at: index)
      for axis in 0..<3 {
        for (side, step) in [(0, -1), (1, 1)] {
          let next = voxel[axis] + step
          let isEnd = next < 0 || next >= size[axis]
          if isEnd || labels.values[index + step * strides[axis]] == LabelScheme.outsideScan {
            counts[axis][side] += 1
          }
        }
      }
    }
    return (0..<6).compactMap { n in
      let area = Double(counts[n / 2][n % 2]) * faces[n / 2] / 100
      return area > 5 ? Cut(side: names[n / 2][n % 2], area: area) : nil
    }
  }
}

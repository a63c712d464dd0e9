import SpiderImaging
import SpiderSupport

/// Finds the patient in a CT: skin and all that it encloses, air included, without scanner table,
/// head-holder, blankets and wires.
///
/// It expects an axis-aligned grid of about 1 to 4 mm, superior along k. It is *not* a segmentation
/// of the skin to a fraction of a voxel.
package struct BodyMask: Sendable {
  /// HU above which a voxel is matter.
  package var matterThreshold: Float = -300
  /// Things thinner than twice this (mm) are cut off before parts are told apart: sheets, shells.
  package var sheetRadius: Double = 4
  /// Nostrils, ear canals and mouths narrower than twice this (mm) count as inside.
  package var closingRadius: Double = 4
  /// How far (mm) the tip of a nose or the rim of an ear may stand out of what is grown back.
  package var protrusionReach: Double = 25
  /// The largest of them, mL.
  package var protrusionVolume: Double = 15
  /// The smallest patient: mL of matter left after thin things are cut off.
  package var smallestVolume: Double = 60

  /// The finder with its default thresholds.
  package init() {}

  /// The patient's voxels, or nil when there is no patient in the volume.
  package func find(in ct: Volume) -> Mask? {
    let threshold = matterThreshold
    let matter = Self.withoutTable(ct.mask { $0 > threshold })
    // A dry skull is a thin shell itself: what leaves nothing with sheets cut off is kept whole.
    for radius in [sheetRadius, 0] {
      let parts = ConnectedComponents(radius > 0 ? matter.eroded(by: radius) : matter)
      let patient = patientParts(parts, ct)
      guard !patient.isEmpty else { continue }
      // Grow back over what the erosion took, and as much again for thin lids.
      let grown = parts.mask(of: patient).dilated(by: 2 * radius).intersection(matter)
      let main = mainParts(of: grown)
      return main.union(protrusions(of: matter, from: main)).closed(by: closingRadius)
        .filledInSlices()
    }
    return nil
  }

  /// Takes away a table that is thick enough to be taken for matter and touches the patient.
  ///
  /// Above the crown the topmost slices show the table alone, and it runs on below unchanged. A
  /// part of them that is wider than any head and flat is a table: its columns are emptied. A cut
  /// through a head is not so wide, one through a chest not so flat.
  private static func withoutTable(_ matter: Mask) -> Mask {
    let grid = matter.grid
    let depth = min(grid.nz, max(1, Int((8 / grid.spacing.z).rounded(.up))))
    var plan = [Bool](repeating: true, count: grid.nx * grid.ny)
    for k in (grid.nz - depth)..<grid.nz {
      for (place, isMatter) in zip(plan.indices, matter.slice(k)) where !isMatter {
        plan[place] = false
      }
    }
    let sheet = VoxelGrid(nx: grid.nx, ny: grid.ny, nz: 1, affine: grid.affine)
    let parts = ConnectedComponents(Mask(grid: sheet, values: plan))
    var low = [SIMD2<Int>](repeating: SIMD2(.max, .max), count: parts.count + 1)
    var high = [SIMD2<Int>](repeating: SIMD2(.min, .min), count: parts.count + 1)
    for (place, part) in parts.labels.enumerated() where part > 0 {
      let pixel = SIMD2(place % grid.nx, place / grid.nx)
      low[Int(part)] = pointwiseMin(low[Int(part)], pixel)
      high[Int(part)] = pointwiseMax(high[Int(part)], pixel)
    }
    let tables = (0..<parts.count).map { $0 + 1 }.filter { part in
      let width = Double(high[part].x - low[part].x + 1) * grid.spacing.x
      let height = Double(high[part].y - low[part].y + 1) * grid.spacing.y
      return width > 260 && height < 0.3 * width
    }
    guard !tables.isEmpty else { return matter }
    let columns = parts.mask(of: Set(tables)).dilated(by: 3)
    return Mask(grid: grid) { k in zip(matter.slice(k), columns.values).map { $0 && !$1 } }
  }

  /// The largest part that is like a body, and every other such part of at least a tenth of its
  /// size.
  private func patientParts(_ parts: ConnectedComponents, _ ct: Volume) -> Set<Int> {
    let voxelVolume = abs(ct.grid.affine.determinant) / 1000
    var tissue = [Int](repeating: 0, count: parts.count + 1)
    var bone = tissue
    for (part, hu) in zip(parts.labels, ct.values) where part > 0 {
      // Fat to clotted blood. Tables are foam and carbon: mostly below it.
      if hu > -150 && hu < 200 { tissue[Int(part)] += 1 }
      if hu >= 200 { bone[Int(part)] += 1 }
    }
    func isBody(_ part: Int) -> Bool {
      let size = Double(parts.sizes[part - 1])
      let body = Double(tissue[part] + bone[part])
      return size * voxelVolume >= smallestVolume && body > 0.6 * size && bone[part] > 0
    }
    let candidates = (0..<parts.count).map { $0 + 1 }.filter(isBody)
    guard let largest = candidates.map({ parts.sizes[$0 - 1] }).max() else { return [] }
    return Set(candidates.filter { parts.sizes[$0 - 1] * 10 >= largest })
  }

  /// What stands out of the patient and is no larger than a nose: noses and ears are thin, and reach
  /// farther than what is grown back over the erosion.
  ///
  /// Tables, head-holders, arms and masks are larger or reach farther; what does not touch the patient
  /// is no part of him.
  private func protrusions(of matter: Mask, from patient: Mask) -> Mask {
    let parts = ConnectedComponents(matter.subtracting(patient))
    let beside = patient.dilated(by: 1.01 * patient.grid.spacing.max())
    let near = patient.dilated(by: protrusionReach)
    let limit = protrusionVolume * 1000 / abs(patient.grid.affine.determinant)
    var touches = [Bool](repeating: false, count: parts.count + 1)
    var isNear = parts.sizes.map { Double($0) <= limit }
    for (index, part) in parts.labels.enumerated() where part > 0 {
      if beside.values[index] { touches[Int(part)] = true }
      if !near.values[index] { isNear[Int(part) - 1] = false }
    }
    return parts.mask(of: Set((1..<touches.count).filter { touches[$0] && isNear[$0 - 1] }))
  }

  /// Drops crumbs: parts smaller than a twentieth of the largest.
  private func mainParts(of mask: Mask) -> Mask {
    let parts = ConnectedComponents(mask)
    let largest = parts.sizes.max() ?? 0
    let main = parts.sizes.indices.filter { parts.sizes[$0] * 20 >= largest }
    return parts.mask(of: Set(main.map { $0 + 1 }))
  }
}

/// The extent of a body at one level (one slice of constant k of an axis-aligned grid).
struct BodyLevel: Sendable {
  /// mm^2 of body.
  var area = 0.0
  /// mm^2 of scan.
  var covered = 0.0
  /// The share of the body at this level with nothing known right above it.
  var cutFraction = 0.0
  /// World corners (mm) of the box around the body; z is not meant.
  var low = Vector3(repeating: .infinity)
  var high = Vector3(repeating: -.infinity)

  /// The levels of a body from the lowest slice up.
  static func all(of body: Mask, coverage: Mask) -> [BodyLevel] {
    let grid = body.grid
    let pixel = grid.spacing.x * grid.spacing.y
    return Parallel.map(grid.nz) { k in
      var level = BodyLevel()
      var (count, covered, cut) = (0, 0, 0)
      var (low, high) = (SIMD2(Int.max, Int.max), SIMD2(Int.min, Int.min))
      for j in 0..<grid.ny {
        for i in 0..<grid.nx {
          covered += coverage[i, j, k] ? 1 : 0
          guard body[i, j, k] else { continue }
          count += 1
          cut += k + 1 >= grid.nz || !coverage[i, j, k + 1] ? 1 : 0
          low = pointwiseMin(low, SIMD2(i, j))
          high = pointwiseMax(high, SIMD2(i, j))
        }
      }
      level.covered = Double(covered) * pixel
      guard count > 0 else { return level }
      level.area = Double(count) * pixel
      level.cutFraction = Double(cut) / Double(count)
      level.low = grid.worldPoint(Double(low.x) - 0.5, Double(low.y) - 0.5, Double(k))
      level.high = grid.worldPoint(Double(high.x) + 0.5, Double(high.y) + 0.5, Double(k))
      return level
    }
  }
}

import SpiderAnatomy
import SpiderImaging
import SpiderSupport
import SpiderTestSupport
import Testing

/// What of a file is scan and what only fills it.
struct AnatomyScanTests {
  /// A field of reconstruction of 70 mm radius around the default head, beyond it `filler`.
  private func circled(_ filler: Float, noise: Float) -> (ct: Volume, inside: Mask) {
    var ct = SyntheticHead.onTable
    var random = SeededGenerator(seed: 4)
    var inside = Mask(grid: ct.grid, repeating: false)
    let center = SyntheticHead().center
    for index in ct.values.indices {
      let offset = ct.grid.worldPoint(of: index) - center
      if offset.x * offset.x + offset.y * offset.y < 130 * 130 {
        inside.values[index] = true
        ct.values[index] += noise * Float(random.normal())
      } else {
        ct.values[index] = filler
      }
    }
    return (ct, inside)
  }

  @Test(arguments: [Float(-2000), -3024, -1024, 0])
  func theCornersAroundACircleAreNoScan(filler: Float) throws {
    let (ct, inside) = circled(filler, noise: 10)
    let measured = try #require(ScanFinder().measured(in: ct))
    // Not one voxel of padding is left; of the scan a rim of one voxel is given up.
    #expect(measured.subtracting(inside).isEmpty)
    let lost = inside.subtracting(measured)
    #expect(lost.subtracting(inside.complement.withNeighbours()).isEmpty)
  }

  @Test func airOfOneValueIsAir() {
    // A scan whose air was set to one value, and one that has only air in its corners.
    #expect(ScanFinder().measured(in: SyntheticHead.onTable) == nil)
    let (ct, _) = circled(-1000, noise: 0)
    #expect(ScanFinder().measured(in: ct) == nil)
  }

  @Test func addedSlicesAndWedgesAreNoScan() throws {
    var (ct, _) = circled(-1024, noise: 10)
    // The wedge of a tilted scan: everything below a slope of 1 to 5.
    let low = ct.grid.bounds.low
    var wedge = Mask(grid: ct.grid, repeating: false)
    for index in ct.values.indices {
      let p = ct.grid.worldPoint(of: index)
      if p.z - low.z < (p.y - low.y) / 5 {
        ct.values[index] = -1024
        wedge.values[index] = true
      }
    }
    let measured = try #require(ScanFinder().measured(in: ct))
    #expect(measured.intersection(wedge).isEmpty)
    #expect(measured.population > ct.grid.count / 3)
  }

  @Test func paddingDoesNotDarkenTheTissueBesideIt() throws {
    // Water to the left, filler to the right, border within a coarse voxel.
    let grid = VoxelGrid(
      nx: 40, ny: 20, nz: 20, boxFrom: .zero, to: Vector3(40, 20, 20))
    var random = SeededGenerator(seed: 1)
    let ct = Volume(
      grid: grid,
      values: (0..<grid.count).map { index in
        let i = index % 40
        // Noise everywhere: what is of one value at the edge is no scan.
        let noise = Float(random.uniform())
        return i < 20 ? -990 + 20 * noise : i < 29 ? noise : -2000
      })
    let scan = Scan(ct)
    let measured = try #require(scan.measured)
    // One voxel on.
    #expect(measured[27, 5, 5] && !measured[28, 5, 5] && !measured[29, 5, 5])
    let coarse = VoxelGrid(nx: 10, ny: 5, nz: 5, boxFrom: .zero, to: Vector3(40, 20, 20))
    let (image, covered) = scan.resampled(onto: coarse)
    #expect(covered[6, 2, 2] && !covered[7, 2, 2])
    #expect(abs(image[6, 2, 2] - 0.5) < 0.5 && image[7, 2, 2] == -1000)
    // Half a voxel is enough, and its value is that of the half.
    let shifted = VoxelGrid(nx: 9, ny: 5, nz: 5, boxFrom: Vector3(2, 0, 0), to: Vector3(38, 20, 20))
    let half = scan.resampled(onto: shifted)
    #expect(half.covered[6, 2, 2] && abs(half.ct[6, 2, 2] - 0.5) < 0.5)
  }

  @Test(.slow) func preparedPaddingIsMarkedAndNotedAndKeepsTheIsocentre() throws {
    let whole = try HeadPreparation(size: 32).prepare(SyntheticHead.onTable)
    let (ct, _) = circled(-2000, noise: 8)
    let padded = try HeadPreparation(size: 32).prepare(ct)
    #expect(length(padded.isocenter - whole.isocenter) < 2.5)
    #expect(padded.report.padding > 0.1 && padded.notes.contains { $0.contains("padding") })
    let grid = padded.ct.grid
    let center = SyntheticHead().center
    for index in padded.labels.values.indices {
      let offset = grid.worldPoint(of: index) - center
      let radius = (offset.x * offset.x + offset.y * offset.y).squareRoot()
      if radius > 136 { #expect(padded.labels.values[index] == LabelScheme.outsideScan) }
      if radius < 120, abs(offset.z) < 100 {
        #expect(padded.labels.values[index] != LabelScheme.outsideScan)
      }
    }
  }
}

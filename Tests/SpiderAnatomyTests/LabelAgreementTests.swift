import SpiderAnatomy
import SpiderImaging
import SpiderSupport
import Testing

/// Labels that lie on their anatomy, and labels that do not.
struct LabelAgreementTests {
  /// A head with one jaw-like lump at the front right and a spine-like one behind: no side is like
  /// another.
  private static func scene(noise: Float) -> (ct: Volume, labels: LabelVolume) {
    let grid = VoxelGrid.canonical(size: 48, side: 240)
    var random = SeededGenerator(seed: 5)
    var labels = LabelVolume(grid: grid, repeating: HeadLabel.background)
    let values = (0..<grid.count).map { index -> Float in
      let p = grid.worldPoint(of: index)
      let radius = length(p / Vector3(75, 95, 105))
      var hu: Float = -1000
      if radius < 1 {
        (hu, labels.values[index]) = (40, HeadLabel.softTissue)
        if length(p - Vector3(30, 55, -50)) < 20 || (radius > 0.85 && radius < 0.95 && p.z > 70) {
          (hu, labels.values[index]) = (900, HeadLabel.skull)
        }
        if length(p - Vector3(0, -50, -60)) < 18 {
          (hu, labels.values[index]) = (400, HeadLabel.cervicalSpine)
        }
      }
      return hu + noise * Float(random.normal())
    }
    return (Volume(grid: grid, values: values), labels)
  }

  private func refusal(_ labels: LabelVolume, on ct: Volume) -> LabelAgreement? {
    do {
      _ = try HeadPreparation(size: 32, isocenter: .point(.zero)).prepare(ct, labels: labels)
      return nil
    } catch .labelsMisplaced(let agreement) {
      return agreement
    } catch {
      Issue.record("\(error)")
      return nil
    }
  }

  @Test(arguments: [Float(0), 60, 90]) func rightLabelsAreTaken(noise: Float) {
    let (ct, labels) = Self.scene(noise: noise)
    #expect(refusal(labels, on: ct) == nil)
  }

  @Test(arguments: [
    (Vector3(-1, 1, 1), "left and right"), (Vector3(1, -1, 1), "front and back"),
    (Vector3(1, 1, -1), "top and bottom"), (Vector3(-1, -1, 1), "LPS"),
  ])
  func mirroredLabelsAreRefusedByName(signs: Vector3, name: String) throws {
    let (ct, labels) = Self.scene(noise: 40)
    var affine = labels.grid.affine
    affine.columns = (
      affine.columns.0 * signs, affine.columns.1 * signs, affine.columns.2 * signs
    )
    affine.translation *= signs
    let mirrored = LabelVolume(
      grid: VoxelGrid(nx: 48, ny: 48, nz: 48, affine: affine), values: labels.values)
    let agreement = try #require(refusal(mirrored, on: ct))
    #expect(agreement.isMirrored && agreement.mirror.contains(name), "\(agreement)")
  }

  @Test func labelsOfSomebodyElseAreRefused() throws {
    let (ct, labels) = Self.scene(noise: 20)
    var affine = labels.grid.affine
    affine.translation += Vector3(25, 20, -30)
    let moved = LabelVolume(
      grid: VoxelGrid(nx: 48, ny: 48, nz: 48, affine: affine), values: labels.values)
    let agreement = try #require(refusal(moved, on: ct))
    #expect(agreement.bone < 0.3)
  }
}

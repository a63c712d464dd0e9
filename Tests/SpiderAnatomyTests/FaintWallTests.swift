import Foundation
import SpiderAnatomy
import SpiderImaging
import SpiderTestSupport
import Testing

/// Heads whose walls are full of gaps, or too faint to be found.
struct FaintWallTests {
  private let head = SyntheticHead(center: .zero, hasTable: false)

  /// The head on voxels of 2 mm; what is bone has the CT number that `bone` says for its place.
  private func ct(bone: @escaping @Sendable (Vector3) -> Float) -> Volume {
    let grid = VoxelGrid.canonical(size: 128, side: 256)
    let head = head
    return Volume(grid: grid) { k in
      (0..<128 * 128).map { index in
        let place = grid.worldPoint(Double(index % 128), Double(index / 128), Double(k))
        let hu = head.hu(place)
        return hu == 1100 ? bone(place) : hu
      }
    }
  }

  private func label(_ labels: LabelVolume, at place: Vector3) -> UInt8 {
    let index = (place + 127) / 2
    return labels[Int(index.x.rounded()), Int(index.y.rounded()), Int(index.z.rounded())]
  }

  /// Thin bone of thick slices, resampled: cells of 2.5 mm, every other one empty. One sees through them in every
  /// direction, but voxels of 4 mm average over them.
  @Test func gapsOfAVoxelDoNotHideTheCavity() throws {
    let volume = ct { place in
      let (longitude, latitude) = (atan2(place.y, place.x), atan2(place.z, hypot(place.x, place.y)))
      let cells =
        Int((longitude * 80 / 2.5).rounded(.down)) + Int((latitude * 90 / 2.5).rounded(.down))
      return cells % 2 == 0 ? 1100 : 35
    }
    let (labels, findings) = AutomaticLabeller().examine(volume)
    let cavity = 4.0 / 3 * .pi * 65 * 85 * 97 / 1000
    let found = Double(labels.values.count { $0 == HeadLabel.intracranial }) * 0.008
    #expect(found > 0.8 * cavity && found < 1.1 * cavity, "\(found) of \(cavity) mL")
    #expect(findings.cavity != nil)
    #expect(label(labels, at: Vector3(10, 10, 20)) == HeadLabel.intracranial)
    #expect(labels.values.contains(HeadLabel.skull))
  }

  /// Where no cavity is found nobody knows what is brain; the tissue outside the bone is soft tissue.
  @Test func tissueWithinFaintWallsIsUnknown() {
    let volume = ct { _ in 210 }
    let (labels, findings) = AutomaticLabeller().examine(volume)
    #expect(findings.cavity == nil && findings.missing["intracranial"] != nil)
    #expect(!labels.values.contains(HeadLabel.intracranial))
    for place in [Vector3(0, 0, 0), Vector3(30, 20, 40), Vector3(-40, -30, 20)] {
      #expect(label(labels, at: place) == LabelScheme.unknown, "\(place)")
    }
    #expect(label(labels, at: Vector3(75, 0, 0)) == HeadLabel.softTissue)
    #expect(label(labels, at: Vector3(120, 0, 0)) == HeadLabel.background)
  }
}

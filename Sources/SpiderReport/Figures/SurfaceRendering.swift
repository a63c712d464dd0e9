import Foundation
import SpiderCore
import SpiderSupport

/// A shaded picture of a surface of equal CT number, as of the bone at 300 HU: rays are cast through the
/// volume in parallel, and what they meet first is lit from over the viewer's shoulder.
///
/// It is a picture to look at, not a mesh: nothing is extracted, and what lies behind is not there.
package struct SurfaceRendering: Sendable {
  /// The volume, HU.
  package var volume: Volume
  /// The CT number of the surface, HU.
  package var threshold: Float = 300
  /// The viewer's place about the head: degrees from the front towards the patient's right.
  package var azimuth = 35.0
  /// The viewer's height, degrees over the horizon.
  package var elevation = 10.0
  /// The middle of the picture, world mm.
  package var center = Vector3.zero
  /// The side of the world's part that is shown, mm.
  package var side = 256.0

  /// A rendering of a volume with the usual view: from the front, a little from the right and from above.
  package init(_ volume: Volume) { self.volume = volume }

  /// From the viewer into the picture.
  package var forward: Vector3 {
    let (a, e) = (azimuth * .pi / 180, elevation * .pi / 180)
    return Vector3(-sin(a) * cos(e), -cos(a) * cos(e), -sin(e))
  }

  /// The picture's right, world.
  package var rightward: Vector3 {
    let a = azimuth * .pi / 180
    return Vector3(-cos(a), sin(a), 0)
  }

  /// The picture's top, world.
  package var upward: Vector3 { cross(rightward, forward) }

  /// The brightness of the surface at every pixel of a square picture, row by row from the top, 0 to 1;
  /// nil where there is none.
  package func shading(pixels: Int) -> [Double?] {
    precondition(pixels > 0, "a picture of \(pixels) pixels")
    let caster = RayCaster(self)
    let rows = Parallel.map(pixels) { y in
      (0..<pixels).map { x in caster.shade(pixel(x, y, of: pixels)) }
    }
    return rows.flatMap { $0 }
  }

  /// A small picture of a volume's bone, whatever its size.
  package static func still(of volume: Volume, pixels: Int = 320) -> RGBImage {
    let box = WorldBox(around: volume.grid)
    var rendering = SurfaceRendering(volume)
    rendering.center = box.center
    rendering.side = box.size.max()
    return rendering.render(pixels: pixels)
  }

  /// The picture in grey.
  package func render(pixels: Int) -> RGBImage {
    var picture = RGBImage(width: pixels, height: pixels, color: RGBColor(0, 0, 0))
    for (index, value) in shading(pixels: pixels).enumerated() {
      guard let value else { continue }
      picture[index % pixels, index / pixels] = RGBColor(gray: value)
    }
    return picture
  }

  /// The intersection of a pixel's ray with the plane through the centre, world mm.
  package func pixel(_ x: Int, _ y: Int, of pixels: Int) -> Vector3 {
    let size = side / Double(pixels)
    let right = (Double(x) - Double(pixels - 1) / 2) * size
    let up = (Double(pixels - 1) / 2 - Double(y)) * size
    return center + rightward * right + upward * up
  }
}

/// Finds where rays meet the surface, and how bright it is there.
private struct RayCaster: Sendable {
  private let volume: Volume
  private let threshold: Double
  private let toVoxel: Affine
  private let forward: Vector3
  private let light: Vector3
  private let reach: Double
  private let step: Double

  /// The CT number outside the volume: air.
  private static let outside = -1000.0
  /// The share of light that comes from everywhere.
  private static let ambient = 0.16

  init(_ rendering: SurfaceRendering) {
    volume = rendering.volume
    threshold = Double(rendering.threshold)
    toVoxel = rendering.volume.grid.affine.inverse
    forward = rendering.forward
    light = normalized(
      -rendering.forward + rendering.upward * 0.45 - rendering.rightward * 0.5)
    reach = rendering.side * 0.87
    let spacing = rendering.volume.grid.spacing
    step = 0.5 * min(spacing.x, spacing.y, spacing.z)
  }

  private func value(_ point: Vector3) -> Double {
    volume.trilinear(at: toVoxel.apply(point), outside: Self.outside)
  }

  func shade(_ middle: Vector3) -> Double? {
    var depth = -reach
    while depth < reach {
      if value(middle + forward * depth) > threshold {
        return brightness(middle + forward * refined(depth, from: middle))
      }
      depth += step
    }
    return nil
  }

  /// Halves the last step until the surface is in a hundredth of it.
  private func refined(_ depth: Double, from middle: Vector3) -> Double {
    var (outside, inside) = (depth - step, depth)
    for _ in 0..<7 {
      let half = (outside + inside) / 2
      if value(middle + forward * half) > threshold { inside = half } else { outside = half }
    }
    return inside
  }

  /// Lambert's law. The normal is taken over one voxel and over two and a half on either side together, so
  /// that the grid's steps show little and thin bone still has its own.
  private func brightness(_ point: Vector3) -> Double {
    var gradient = Vector3.zero
    for axis in 0..<3 {
      for reach in [2 * step, 5 * step] {
        var offset = Vector3.zero
        offset[axis] = reach
        gradient[axis] += (value(point + offset) - value(point - offset)) / reach
      }
    }
    let size = length(gradient)
    guard size > 0 else { return Self.ambient }
    let facing = max(0, dot(gradient / -size, light))
    return Self.ambient + (1 - Self.ambient) * facing
  }
}

import SpiderCore
import SpiderReport
import SpiderTestSupport
import Testing

@Suite struct SurfaceRenderingTests {
  /// A ball of 1000 HU at `center`, its edge a ramp of `edge` mm about the radius; air around.
  private func ball(radius: Double, center: Vector3 = .zero, edge: Double = 4) -> Volume {
    let grid = VoxelGrid.canonical(size: 64, side: 128)
    var volume = Volume(grid: grid, repeating: -1000)
    for index in 0..<grid.count {
      let v = grid.voxel(at: index)
      let away = length(grid.worldPoint(Double(v.x), Double(v.y), Double(v.z)) - center)
      let share = min(max(0.5 - (away - radius) / edge, 0), 1)
      volume.values[index] = Float(-1000 + 2000 * share)
    }
    return volume
  }

  private func rendering(_ volume: Volume) -> SurfaceRendering {
    var rendering = SurfaceRendering(volume)
    rendering.threshold = 0
    rendering.side = 128
    return rendering
  }

  @Test("a ball's silhouette is a disc of its radius")
  func silhouette() {
    let rendering = rendering(ball(radius: 40))
    let shades = rendering.shading(pixels: 64)
    var wrong = 0
    for (index, shade) in shades.enumerated() {
      let (x, y) = (Double(index % 64) - 31.5, Double(index / 64) - 31.5)
      let away = (x * x + y * y).squareRoot() * 2
      // A pixel's width of doubt about the edge.
      if away < 38, shade == nil { wrong += 1 }
      if away > 42, shade != nil { wrong += 1 }
    }
    #expect(wrong == 0)
    #expect(shades.contains { $0 != nil })
  }

  @Test("its shading is Lambert's: ambient light, and the cosine to the lamp over the shoulder")
  func shading() {
    // An edge wide enough for normals, which are differences over 2 and 5 mm, to lie on its ramp.
    let rendering = rendering(ball(radius: 40, edge: 20))
    let light = normalized(
      -rendering.forward + rendering.upward * 0.45 - rendering.rightward * 0.5)
    let shades = rendering.shading(pixels: 64)
    var found: [Double] = []
    var expected: [Double] = []
    for (index, shade) in shades.enumerated() {
      guard let shade else { continue }
      let place = rendering.pixel(index % 64, index / 64, of: 64)
      let flat = dot(place, place)
      guard flat < 34 * 34 else { continue }
      let normal = (place - rendering.forward * (40 * 40 - flat).squareRoot()) / 40
      found.append(shade)
      expected.append(0.16 + 0.84 * max(0, dot(normal, light)))
    }
    #expect(found.count > 800)
    expectClose(found, expected, atol: 0.04, "shading")
  }

  @Test("it is seen from where the angles say: right and up are the patient's")
  func view() {
    // A ball at the patient's right, seen from the front, is at the viewer's left.
    var front = rendering(ball(radius: 15, center: Vector3(40, 0, 0)))
    (front.azimuth, front.elevation) = (0, 0)
    #expect(middle(front).x < -35 && abs(middle(front).y) < 2)
    // One in front of the head, seen from the patient's right, is at the viewer's right.
    var side = rendering(ball(radius: 15, center: Vector3(0, 40, 0)))
    (side.azimuth, side.elevation) = (90, 0)
    #expect(middle(side).x > 35)
    // One at the crown is up; seen from above it comes nearer to the middle.
    var high = rendering(ball(radius: 15, center: Vector3(0, 0, 40)))
    (high.azimuth, high.elevation) = (0, 0)
    #expect(middle(high).y > 35)
    high.elevation = 60
    #expect(middle(high).y < 25)
  }

  /// The middle of what is seen, mm right and up of the picture's middle.
  private func middle(_ rendering: SurfaceRendering) -> SIMD2<Double> {
    var sum = SIMD2<Double>.zero
    var count = 0.0
    for (index, shade) in rendering.shading(pixels: 64).enumerated() where shade != nil {
      sum += SIMD2(Double(index % 64) - 31.5, 31.5 - Double(index / 64)) * 2
      count += 1
    }
    return sum / max(count, 1)
  }

  @Test("an empty volume gives an empty picture, and a figure of heads shows each in its row")
  func figure() throws {
    let air = Volume(grid: .canonical(size: 8), repeating: -1000)
    #expect(SurfaceRendering(air).shading(pixels: 16).allSatisfy { $0 == nil })
    let row = HeadFigure.Row(title: "Ball", ct: ball(radius: 40), radiographs: [])
    var figure = HeadFigure(rows: [row, .init(title: "Air", ct: air, radiographs: [])])
    figure.panelSize = 64
    let picture = figure.render()
    // Three planes and a surface, two rows.
    #expect(picture.width > 4 * 64 && picture.height > 2 * 64)
    // The surface panels are the last column: the ball's is bright in its middle, the air's black.
    let column = 14 + 3 * (64 + 8) + 32
    #expect(picture[column, 14 + 26 + 32].red > 120)
    #expect(picture[column, 14 + 26 + 64 + 8 + 26 + 32] == RGBColor(0, 0, 0))
  }
}

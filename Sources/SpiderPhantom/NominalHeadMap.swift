import SpiderImaging
import SpiderSupport

/// From the world to the frame of the nominal head, where anatomy is drawn.
///
/// Pose first (rigid), then the proportions of the braincase and the face, then a smooth bending that
/// makes every head irregular. All changes of length are a few percent, so that distances measured in
/// the nominal frame stay distances to that accuracy.
struct NominalHeadMap: Sendable {
  private let rotation: (Point, Point, Point)
  private let center: Point
  private let shape: HeadShape
  private let waves: [Wave]

  /// A plane wave of displacement.
  private struct Wave: Sendable {
    let direction: Point
    let phase: Float
    let amplitude: Point
  }

  /// The head with its nominal origin at the world point `center`.
  init(shape: HeadShape, seed: UInt64, center: Point) {
    self.shape = shape
    self.center = center
    let turned = Affine.rotation(angle: shape.turn.z, axis: Vector3(0, 0, 1))
      .composed(with: .rotation(angle: shape.turn.y, axis: Vector3(0, 1, 0)))
      .composed(with: .rotation(angle: shape.turn.x, axis: Vector3(1, 0, 0)))
    // Rows of the inverse are columns of the rotation.
    rotation = (
      Point(turned.columns.0), Point(turned.columns.1), Point(turned.columns.2)
    )
    var generator = SeededGenerator(seed: seed).fork(7)
    waves = (0..<6).map { _ in
      let direction = normalized(
        Vector3(generator.normal(), generator.normal(), generator.normal()))
      let wavelength = generator.uniform(in: 90...200)
      let amplitude = Vector3(generator.normal(), generator.normal(), generator.normal()) * 0.9
      return Wave(
        direction: Point(direction * (2 * .pi / wavelength)),
        phase: Float(generator.uniform(in: 0...(2 * .pi))), amplitude: Point(amplitude))
    }
  }

  /// The nominal point at a world point.
  func nominal(_ world: Point) -> Point {
    let d = world - center
    let q = Point(
      (d * rotation.0).sum(), (d * rotation.1).sum(), (d * rotation.2).sum())
    // Above the Frankfurt plane the proportions are the braincase's, below them the face's.
    let face = smoothStep(30, -30, q.z)
    let width =
      mix(shape.cranialScale.x, shape.faceWidth, face)
      * (1 + shape.asymmetry * q.x / (abs(q.x) + 20))
    let height = mix(shape.cranialScale.z, shape.faceHeight, face)
    var p = Point(q.x / width, q.y / shape.cranialScale.y, q.z / height)
    // The lower face stands forward of the upper one, or behind it.
    p.y -= shape.prognathism * smoothStep(20, -45, p.z) * smoothStep(5, 60, p.y)
    for wave in waves {
      p += wave.amplitude * fastSine((p * wave.direction).sum() + wave.phase)
    }
    return p
  }

  /// The world point that lies at a nominal point: fixed-point iteration, which contracts since the two
  /// frames differ by a turn and a few percent. Good to a few micrometres.
  func world(_ nominal: Point) -> Point {
    var world = center
    for _ in 0..<40 {
      let rest = nominal - self.nominal(world)
      world += rotation.0 * rest.x + rotation.1 * rest.y + rotation.2 * rest.z
    }
    return world
  }

  /// A sine good to 0.001 without the C library, whose last bits differ between machines.
  private func fastSine(_ x: Float) -> Float {
    let turns = x * (1 / (2 * .pi))
    let t = (turns - turns.rounded(.toNearestOrEven)) * 2
    let y = 4 * t * (1 - abs(t))
    return y * (0.775 + 0.225 * abs(y))
  }
}

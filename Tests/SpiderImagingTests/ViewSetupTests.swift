import Foundation
import SpiderImaging
import SpiderTestSupport
import Testing

/// Tilt, principal point and magnification, from points whose images are computed by hand.
@Suite struct ViewSetupTests {
  private let setup = ViewSetup(pixelSize: SIMD2(2, 4), columns: 101, rows: 81)

  /// A source that is raised by 15 degrees: its central ray falls, so that what lies level beyond the
  /// isocentre, nearer to the detector, is above that ray.
  @Test(arguments: [NamedView.pa, .ap, .left, .right, .gantry(degrees: 30)])
  func tilt(view: NamedView) throws {
    let isocenter = Vector3(5, -6, 7)
    let geometry = try setup.geometry(of: view, isocenter: isocenter, tiltDegrees: 15)
    guard case .cone(let source) = geometry.beam else {
      Issue.record("no cone beam")
      return
    }
    let (s, c) = (sin(15 * Double.pi / 180), cos(15 * Double.pi / 180))
    let toSource = view.sourceDirection * c + Vector3(0, 0, s)
    #expect(length(source - isocenter - toSource * 1000) < 1e-9)
    expectClose(try #require(geometry.sourceToDetector), 1500, atol: 1e-9)
    expectClose(geometry.magnification(at: isocenter), 1.5, atol: 1e-12)
    // Columns are those of the level view, and the detector stands upright on the central ray.
    #expect(length(geometry.columnStep - view.columnDirection * 2) < 1e-12)
    #expect(abs(dot(geometry.rowStep, toSource)) < 1e-12 && geometry.rowStep.z < 0)
    let middle = geometry.project(isocenter)
    expectClose([middle.x, middle.y], [50, 40], atol: 1e-9)
    // 20 mm towards the detector, level: 20 c along the ray, at magnification 1500 / (1000 + 20 c), and
    // 20 s across it, upwards on the detector.
    let below = geometry.project(isocenter - view.sourceDirection * 20)
    expectClose(
      [below.x, below.y], [50, 40 - 20 * s * 1500 / (1000 + 20 * c) / 4], atol: 1e-9, "\(view)")
  }

  @Test func sourceStraightAbove() throws {
    let geometry = try setup.geometry(of: .ap, tiltDegrees: 90)
    #expect(length(geometry.centralDirection - Vector3(0, 0, -1)) < 1e-12)
    // Seen from above with the face down: front is where rows end.
    #expect(length(geometry.rowStep - Vector3(0, 4, 0)) < 1e-12)
  }

  @Test func principalPoint() throws {
    let point = SIMD2(10, 20.5)
    let geometry = try setup.geometry(
      of: .left, isocenter: Vector3(1, 2, 3), principalPoint: point)
    let found = geometry.project(Vector3(1, 2, 3))
    expectClose([found.x, found.y], [10, 20.5], atol: 1e-9)
    let foot = try #require(geometry.principalPoint)
    expectClose([foot.x, foot.y], [10, 20.5], atol: 1e-9)
    // 30 mm forwards is 45 mm on the detector, towards the viewer's left.
    let moved = geometry.project(Vector3(1, 32, 3))
    expectClose([moved.x, moved.y], [10 - 22.5, 20.5], atol: 1e-9)
  }

  @Test func impossibleSetups() {
    func error(_ setup: ViewSetup, tilt: Double = 0, principal: SIMD2<Double>? = nil)
      -> GeometryError?
    {
      do {
        _ = try setup.geometry(of: .pa, tiltDegrees: tilt, principalPoint: principal)
      } catch { return error }
      return nil
    }
    for (sad, sid) in [(0, 10), (-5, 10), (10, 5), (10, 0), (.nan, 10), (10, .infinity)]
      as [(Double, Double)]
    {
      let found = error(ViewSetup(sourceToAxis: sad, sourceToDetector: sid))
      guard case .badDistances = found else {
        Issue.record("SAD \(sad), SID \(sid) gave \(String(describing: found))")
        continue
      }
    }
    for size in [SIMD2(0.0, 1), SIMD2(1, -1), SIMD2(.nan, 1), SIMD2(1, .infinity)] {
      guard case .badPixelSize = error(ViewSetup(pixelSize: size)) else {
        Issue.record("pixels of \(size)")
        continue
      }
    }
    #expect(error(setup, tilt: 91) == .badTilt(degrees: 91))
    guard case .badTilt = error(setup, tilt: .nan) else {
      Issue.record("a tilt that is no number")
      return
    }
    #expect(error(setup, principal: SIMD2(.nan, 0)) == .notFinite)
    #expect(error(ViewSetup(columns: 0)) == .noPixels(columns: 0, rows: 128))
  }

  @Test func magnificationIsNegativeBehindTheSource() throws {
    let geometry = try ViewSetup().geometry(of: .ap)
    expectClose(geometry.magnification(at: Vector3(3, 250, 4)), 2, atol: 1e-12)
    expectClose(geometry.magnification(at: Vector3(0, -500, 0)), 1, atol: 1e-12)
    #expect(geometry.magnification(at: Vector3(0, 1001, 0)) < 0)
    let parallel = try ViewSetup(isParallel: true).geometry(of: .ap)
    #expect(parallel.magnification(at: Vector3(0, 2000, 0)) == 1)
    #expect(parallel.sourceToDetector == nil && parallel.principalPoint == nil)
  }
}

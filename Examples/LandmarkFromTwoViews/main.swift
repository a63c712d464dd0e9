// Where in the patient is the point that was marked in two X-rays?
//
//   LandmarkFromTwoViews [PA_COLUMN,PA_ROW LEFT_COLUMN,LEFT_ROW]
//
// Pixel positions in the default pair of views. Without arguments a landmark of known place is projected
// first, so that the answer can be compared with it.
import SpiderCore

/// The point nearest to two rays, and how far (mm) it is from each.
func closestPoint(_ a: Ray, _ b: Ray) -> (point: Vector3, distance: Double)? {
  // The feet of the common perpendicular: a.start + s a.direction and b.start + t b.direction.
  let between = b.start - a.start
  let cosine = dot(a.direction, b.direction)
  let sineSquared = 1 - cosine * cosine
  guard sineSquared > 1e-12 else { return nil }
  let s = (dot(between, a.direction) - cosine * dot(between, b.direction)) / sineSquared
  let t = (cosine * dot(between, a.direction) - dot(between, b.direction)) / sineSquared
  let (footA, footB) = (a.start + a.direction * s, b.start + b.direction * t)
  return ((footA + footB) / 2, length(footA - footB) / 2)
}

/// A ray of a pixel, in world RAS+ millimetres.
struct Ray {
  let start: Vector3
  let direction: Vector3

  init(of pixel: SIMD2<Double>, in view: ProjectionGeometry) {
    start = view.pixelCenter(column: pixel.x, row: pixel.y)
    direction = view.rayDirection(column: pixel.x, row: pixel.y)
  }
}

/// Numbers as one reads them, to a hundredth.
func text(_ numbers: Double...) -> String {
  "(" + numbers.map { String(($0 * 100).rounded() / 100) }.joined(separator: ", ") + ")"
}

func pixel(_ text: String) -> SIMD2<Double>? {
  let numbers = text.split(separator: ",").compactMap { Double($0) }
  return numbers.count == 2 ? SIMD2(numbers[0], numbers[1]) : nil
}

let setup = ViewSetup()
let views = try [NamedView.pa, .left].map { try setup.geometry(of: $0) }
let given = CommandLine.arguments.dropFirst().compactMap(pixel)
let marked: [SIMD2<Double>]
if given.count == 2 {
  marked = given
} else {
  let landmark = Vector3(35, 50, -40)  // on the right, in front, below the isocentre
  print("A landmark at \(text(landmark.x, landmark.y, landmark.z)) mm appears at:")
  marked = views.map { $0.project(landmark) }
}
for (name, position) in zip(["pa", "left"], marked) {
  print("  \(name): column and row \(text(position.x, position.y))")
}
if let found = closestPoint(Ray(of: marked[0], in: views[0]), Ray(of: marked[1], in: views[1])) {
  let place = text(found.point.x, found.point.y, found.point.z)
  print("The rays pass within \(text(found.distance)) mm of \(place) mm (RAS+).")
} else {
  print("The rays are parallel: two different views are needed.")
}

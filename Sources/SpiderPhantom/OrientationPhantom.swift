import SpiderImaging

/// A cube whose faces carry the letters R, L, A, P, S, I of the directions they look in: shows at a glance
/// whether a chain of tools mirrors or turns a patient.
///
/// Each letter is a plate of dense material on its face, to be read from outside: a mirrored letter in an
/// X-ray is one that is seen from behind. The letters of opposite faces stand side by side, so that an
/// X-ray through both shows both: R, A and S off the middle of their face one way (superior for R and A,
/// anterior for S), L, P and I the other. R, L, A and P are upright with the head up; S is seen from above
/// and I from below, both with anterior up.
public struct OrientationPhantom: Sendable {
  /// The middle of the cube, world mm.
  public var center: Vector3
  /// The letters to draw.
  public var letters: [AnatomicalAxis]

  /// From the middle to the plates' outer sides, mm.
  package static let reach = 90.0
  /// The side of a dot of a letter, mm; letters are 5 x 7 dots.
  package static let dotSide = 12.0
  /// The thickness of the plates, mm.
  package static let thickness = 10.0
  /// The distance of a letter's middle from that of its face, mm.
  package static let shift = 45.0
  /// CT number of the letters, HU: cortical bone.
  package static let density: Float = 1500

  /// A cube with some letters, by default all six.
  public init(center: Vector3 = .zero, letters: [AnatomicalAxis] = AnatomicalAxis.allCases) {
    self.center = center
    self.letters = letters
  }

  /// The frame of a letter: the middle of its plate's outer side, and the reader's right and up, world RAS+.
  package static func frame(
    of letter: AnatomicalAxis
  ) -> (middle: Vector3, right: Vector3, up: Vector3) {
    let outward = letter.direction
    let up = letter.worldAxis == 2 ? Vector3(0, 1, 0) : Vector3(0, 0, 1)
    // Whoever reads it looks against `outward`, head along `up`.
    let right = cross(-outward, up)
    return (outward * reach + up * (shift * Double(letter.sign)), right, up)
  }

  /// The seven rows of a letter from the top, five dots each.
  static func rows(of letter: AnatomicalAxis) -> [String] {
    switch letter {
    case .right: return ["####.", "#...#", "#...#", "####.", "#.#..", "#..#.", "#...#"]
    case .left: return ["#....", "#....", "#....", "#....", "#....", "#....", "#####"]
    case .anterior: return [".###.", "#...#", "#...#", "#####", "#...#", "#...#", "#...#"]
    case .posterior: return ["####.", "#...#", "#...#", "####.", "#....", "#....", "#...."]
    case .superior: return [".####", "#....", "#....", ".###.", "....#", "....#", "####."]
    case .inferior: return [".###.", "..#..", "..#..", "..#..", "..#..", "..#..", ".###."]
    }
  }

  /// Whether a letter has a dot in a column and a row of its 5 x 7.
  package static func hasDot(_ letter: AnatomicalAxis, column: Int, row: Int) -> Bool {
    Array(rows(of: letter)[row])[column] == "#"
  }

  /// Renders the cube, HU: air but for the letters. A voxel is dense where its centre is within a dot.
  public func render(on grid: VoxelGrid) -> Volume {
    var volume = Volume(grid: grid, repeating: -1000)
    let frames = letters.map { ($0, Self.frame(of: $0)) }
    for index in 0..<grid.count {
      let v = grid.voxel(at: index)
      let point = grid.worldPoint(Double(v.x), Double(v.y), Double(v.z)) - center
      for (letter, frame) in frames {
        let depth = Self.reach - dot(point, letter.direction)
        guard depth >= 0, depth < Self.thickness else { continue }
        let offset = point - frame.middle
        let column = Int((dot(offset, frame.right) / Self.dotSide + 2.5).rounded(.down))
        let row = Int((3.5 - dot(offset, frame.up) / Self.dotSide).rounded(.down))
        guard (0..<5).contains(column), (0..<7).contains(row) else { continue }
        if Self.hasDot(letter, column: column, row: row) { volume.values[index] = Self.density }
      }
    }
    return volume
  }
}

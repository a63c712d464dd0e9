import SpiderTensor

/// X-rays made ready for a model: the one way from images as they were given to what is read.
///
/// 1. Pictures of more than 2048 pixels along a side are averaged over blocks. Borders that a collimator or a shutter
///    left are masked (``/SpiderImaging/Radiograph/maskingCollimation()``), beside what the images mask themselves;
///    painted bars and boxes are filled or masked (``/SpiderImaging/Radiograph/withoutPaintedAreas()``).
/// 2. Hot pixels, dead lines and letters beside the patient are taken out (``/SpiderImaging/Radiograph/withoutMarks()``).
/// 3. An X-ray that shows nothing is refused; one whose greys look inverted is told of.
/// 4. They are put into the order, the hanging and the detector of the model (``ViewMatching``), in the mirror
///    where it knows the other side, and told of where they were taken quite otherwise than those it was
///    trained with. Of a model that reads any views the order stays.
/// 5. An inspector, where there is one, looks whether they are what their geometry says: turned, mirrored,
///    exchanged, negative, too large, cut off, no head at all (``/SpiderImaging/ViewFault``). Grave faults are refused.
/// 6. Their numbers are brought to the form that it is fed (``NetworkInput``).
///
/// The library, the command, scoring and the published networks all go this way. Training makes its
/// X-rays itself, masked and on the model's detector: it enters at the last step.
public struct PreparedViews: Sendable {
  /// How borders are told from the picture.
  public enum Borders: Equatable, Sendable {
    /// Straight borders of collimators are looked for in the image, and marks.
    case found
    /// Only pixels count as hidden that the images mask themselves.
    case asStated
  }

  /// The X-rays in the order given, with what is hidden masked, none of more than 2048 pixels along a side.
  public let given: [Radiograph]
  /// What the model reads, in its order: on its detector and in its form, or the X-rays as given where it
  /// takes any.
  public let input: [Radiograph]
  /// The middle of what they show, world mm.
  public let isocenter: Vector3
  /// What the user should know of them, faults that were let pass included.
  public let notes: [ViewNote]
  /// What an inspector found wrong with them and was let pass.
  public let faults: [ViewFault]
  /// Whether ``input`` shows the patient's mirror image about the sagittal plane through ``isocenter``: the
  /// model knows the view from the left, and they are taken from the right. Its answer at a mirrored point is
  /// that at the point.
  public let isMirrored: Bool
  /// The most bytes that are held for the X-rays while they are looked at, compared and refined by: several images of
  /// the size of each.
  public var memory: Int {
    given.reduce(0) { $0 + 4 * $1.geometry.count * MemoryLayout<Float>.stride }
  }
  /// ``given`` in the world of ``input``: the mirrored one where ``isMirrored``.
  package let seen: [Radiograph]

  /// Prepares X-rays, one a view, in any order.
  ///
  /// - Parameters:
  ///   - radiographs: as they were read; their geometries say where they belong.
  ///   - model: what they are for.
  ///   - isocenter: the middle of the field of view, mm; nil takes it from the radiographs.
  ///   - borders: whether to look for collimated borders, and for marks.
  ///   - inspection: who looks whether the pictures are what they should be, and what follows.
  /// - Throws: ``/SpiderImaging/ViewError`` when they show nothing, contradict the model, or have grave faults.
  public init(
    _ radiographs: [Radiograph], for model: ModelTraits, isocenter: Vector3? = nil,
    borders: Borders = .found, inspection: XrayInspection? = nil
  ) throws(ViewError) {
    if case .matched = model.input { try Self.check(radiographs.count, for: model) }
    var (given, notes) = (radiographs, [ViewNote]())
    if model.input != .unused { (given, notes) = Self.masked(radiographs, borders: borders) }
    if model.input != .unused, let empty = given.firstIndex(where: { !$0.showsAnything }) {
      throw .emptyImage(index: empty)
    }
    let center: Vector3
    if let isocenter {
      center = isocenter
    } else {
      center = try Isocenter.of(given.map(\.geometry))
    }
    var (input, faults, isMirrored) = (given, [ViewFault](), false)
    if case .matched(let intensity) = model.input {
      let placed = try PlacedViews(given, for: model, isocenter: center)
      isMirrored = placed.isMirrored
      if let inspection {
        faults = try inspection.faults(of: placed.inspected, isocenter: center)
        // The pixels themselves may have told of a negative already.
        notes += faults.map { ViewNote(index: $0.index, text: $0.text) }
          .filter { !notes.contains($0) }
        let seen = placed.inspected.map(\.index)
        notes += given.indices.filter { !seen.contains($0) }.map(ViewNote.onUninspected)
      }
      input = try NetworkInput.normalized(
        placed.radiographs, as: intensity, numbers: placed.numbers)
      notes += placed.notes
    }
    self.given = given
    self.input = input
    self.isocenter = center
    self.notes = notes
    self.faults = faults
    self.isMirrored = isMirrored
    // What mirrors are made of has been mirrored before, to find the views.
    seen = isMirrored ? given.compactMap { try? $0.mirrored(atX: center.x) } : given
  }

  /// Makes sure that a model reads so many X-rays.
  private static func check(_ count: Int, for model: ModelTraits) throws(ViewError) {
    if let counts = model.anyViews {
      guard (counts.least...counts.most).contains(count) else {
        throw .number(given: count, least: counts.least, most: counts.most)
      }
    } else if count != model.views.count {
      throw .count(given: count, expected: model.views.count, views: model.views)
    }
  }

  /// The first two steps alone, for X-rays that no model reads: radiographs of at most 2048 pixels along a side with
  /// hidden borders masked and marks taken out, and notes on their pixels.
  public static func masked(
    _ radiographs: [Radiograph], borders: Borders = .found
  ) -> (radiographs: [Radiograph], notes: [ViewNote]) {
    var notes: [ViewNote] = []
    let masked = radiographs.map(\.reduced).enumerated().map { index, radiograph in
      guard borders == .found else {
        notes += ViewNote.onPixels(of: radiograph, index: index, before: radiograph)
        return radiograph
      }
      let open = radiograph.maskingCollimation()
      let bare = open.withoutPaintedAreas()
      // In a negative the open field is the brightest, and nothing beside the patient can be found.
      let result = bare.looksInverted ? UnmarkedRadiograph(bare) : bare.withoutMarks()
      notes += ViewNote.onPixels(of: open, index: index, before: radiograph)
      notes += ViewNote.onPaint(over: open, index: index, without: bare)
      notes += ViewNote.onMarks(result, index: index)
      return result.radiograph
    }
    return (masked, notes)
  }
}

extension Radiograph {
  /// Whether any two pixels that count differ.
  fileprivate var showsAnything: Bool {
    guard let first = values.indices.first(where: counts) else { return false }
    return values.indices.contains { counts($0) && values[$0] != values[first] }
  }
}

/// Brings radiographs to the numbers that networks are fed: the one place where training and use meet.
public enum NetworkInput {
  /// The radiographs with their values in the form a model is fed, geometry and mask unchanged.
  ///
  /// - Parameter numbers: the radiographs' places among those the user gave, for errors; by default they
  ///   are in that order.
  /// - Throws: ``/SpiderImaging/ViewError/emptyImage(index:)`` when a radiograph shows nothing, and
  ///   ``/SpiderImaging/ViewError/notAbsolute(index:)`` when line integrals are needed and it holds none.
  public static func normalized(
    _ radiographs: [Radiograph], as intensity: RadiographIntensity, numbers: [Int]? = nil
  ) throws(ViewError) -> [Radiograph] {
    var result: [Radiograph] = []
    for (place, radiograph) in radiographs.enumerated() {
      let index = numbers?[place] ?? place
      guard intensity == .relative || radiograph.intensity == .absolute else {
        throw .notAbsolute(index: index)
      }
      let fed = intensity == .relative ? radiograph.relative() : radiograph
      guard let low = fed.values.min(), let high = fed.values.max(), high > low else {
        throw .emptyImage(index: index)
      }
      result.append(fed)
    }
    return result
  }

  /// Normalised radiographs of one size as images (V, C, H, W); where C is more than one plane, the other planes say
  /// where their rays run (`RayPlanes`).
  package static func tensor(_ normalized: [Radiograph], planes: Int = 1) -> Tensor {
    let rows = normalized.first?.geometry.rows ?? 0
    let columns = normalized.first?.geometry.columns ?? 0
    precondition(
      normalized.allSatisfy { $0.geometry.rows == rows && $0.geometry.columns == columns },
      "radiographs of different sizes")
    precondition(planes == 1 || planes == 1 + RayPlanes.count, "images of \(planes) planes")
    let size = rows * columns
    var images = Tensor(uninitialized: [normalized.count, planes, rows, columns])
    let all = images.mutableSlice()
    for (view, radiograph) in normalized.enumerated() {
      let image = all.part(view * planes * size, planes * size)
      for (pixel, value) in radiograph.values.enumerated() { image[pixel] = value }
      if planes > 1 {
        RayPlanes.fill(radiograph.geometry, into: image.part(size, size * (planes - 1)))
      }
    }
    return images
  }

  /// Radiographs on a model's own detector to the images (V, C, H, W) that it is fed.
  package static func make(
    _ radiographs: [Radiograph], intensity: RadiographIntensity, planes: Int = 1
  ) throws(ViewError) -> Tensor {
    guard !radiographs.isEmpty else { throw .count(given: 0, expected: 1) }
    return tensor(try normalized(radiographs, as: intensity), planes: planes)
  }
}

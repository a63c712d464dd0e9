import Foundation

/// A picture whose place in the world nobody wrote down.
public struct UnplacedPicture: Sendable {
  /// Its grey values; of its geometry only the pixels' shape is used.
  public var radiograph: Radiograph
  /// The view that it is, where that is known.
  public var view: NamedView?
  /// The size of a pixel at the patient, mm, where a scale or a marker told it.
  public var pixelAtPatient: Double?

  /// Gathers what is known of a picture.
  public init(_ radiograph: Radiograph, view: NamedView? = nil, pixelAtPatient: Double? = nil) {
    self.radiograph = radiograph
    self.view = view
    self.pixelAtPatient = pixelAtPatient
  }
}

/// A picture with the place that was estimated for it.
public struct PlacedPicture: Sendable {
  /// Its pixels, with a geometry.
  public var radiograph: Radiograph
  /// The view that it was taken for.
  public var view: NamedView
  /// The size of a pixel on the detector, mm.
  public var pixelSize: Double
  /// The standard deviation of that size, as a share of it.
  public var uncertainty: Double
  /// Whether the picture was mirrored, to be read as the view from the other side.
  public var isMirrored: Bool
  /// Whether its pixels' size is stated, or shared by all pictures as that of one device.
  public var isSizeSettled: Bool
  /// Whether its height follows from the crown that is seen in it, and not from the network's guess.
  public var isHeightSettled: Bool
}

/// Estimates how pictures of a head were taken from the pictures themselves: which view each is, how large its
/// pixels are, where the central ray met it.
///
/// The distances are not in a picture: they are taken as given. A head's size is known within a few per cent
/// only, and with it everything that is measured in the result, unless a scale of known length is in the
/// picture. The central ray is taken to have met the middle of the head, 116 mm below the crown.
public struct GeometryEstimator: Sendable {
  /// The spread of heads' sizes, with the inspector's own error (Docs/Xrays.md).
  static let headUncertainty = 0.04
  /// The sides of the square parts that are looked at, mm at the patient.
  private static let sides = [250.0, 280, 310, 345]
  /// From the crown down to the middle of the field of view, mm.
  private static let crownToMiddle = 116.0
  /// By how much the network's guess of that may differ before it is believed, mm.
  private static let crownDoubt = 18.0

  let inspector: XrayInspector
  /// The distances, and whether rays are parallel; its pixels are not looked at.
  let setup: ViewSetup

  /// An estimator for views taken at these distances.
  public init(inspector: XrayInspector, setup: ViewSetup = ViewSetup()) {
    self.inspector = inspector
    self.setup = setup
  }

  /// Gives each picture its place about the isocentre at 0, 0, 0.
  ///
  /// - Throws: ``/SpiderImaging/ViewError/faulty(_:)`` when a picture shows no head, or two are of one side and
  ///   nobody says which is which; or ``/SpiderImaging/ViewError/emptyImage(index:)``.
  public func place(_ pictures: [UnplacedPicture]) throws(ViewError) -> [PlacedPicture] {
    var places: [(reading: Found, picture: UnplacedPicture)] = []
    for (index, picture) in pictures.enumerated() {
      places.append((try find(picture, index: index), picture))
    }
    if let fault = Self.sameSide(places.map { ($0.reading.view, $0.picture) }) {
      throw .faulty([fault])
    }
    let sizes = agreed(places.map { ($0.reading.pixel, $0.picture.pixelAtPatient) })
    let heights = agreed(zip(places, sizes).map { crownAndMiddle($0.picture, $0.reading, $1) })
    var result: [PlacedPicture] = []
    for (index, place) in places.enumerated() {
      do {
        result.append(
          try placed(place.picture, place.reading, size: sizes[index], height: heights[index]))
      } catch {
        throw .impossibleDetector(
          expected: place.picture.view ?? place.reading.view, fault: "\(error)")
      }
    }
    return result
  }

  /// Two pictures of one side, at least one of which nobody named.
  private static func sameSide(_ places: [(view: NamedView, picture: UnplacedPicture)])
    -> ViewFault?
  {
    for (index, one) in places.enumerated() {
      for (other, two) in places[..<index].enumerated() where one.view == two.view {
        if one.picture.radiograph.values == two.picture.radiograph.values {
          return ViewFault(index: index, kind: .samePicture(as: other))
        }
        if one.picture.view == nil || two.picture.view == nil {
          return ViewFault(index: index, kind: .sameSide(as: other, one.view))
        }
      }
    }
    return nil
  }

  // MARK: One picture

  /// What a picture itself says.
  private struct Found {
    let view: NamedView
    let isMirrored: Bool
    /// The size of a pixel at the patient, mm.
    let pixel: Double
    /// Where the head's middle is, column and row.
    let middle: SIMD2<Double>
  }

  private func find(_ picture: UnplacedPicture, index: Int) throws(ViewError) -> Found {
    let radiograph = picture.radiograph
    guard let whole = inspector.read(radiograph) else { throw .emptyImage(index: index) }
    let (content, certainty) = whole.content
    guard content != .other else {
      throw .faulty([ViewFault(index: index, kind: .notAHead, certainty: certainty)])
    }
    let mirrored = picture.view == nil && content == .facingRight
    let view = picture.view ?? (content == .frontal ? .pa : .left)
    // The network knows heads best that fill the picture as those of its training do: look again, closer.
    let step = length(radiograph.geometry.columnStep)
    var (pixel, middle) = measure(
      whole, radiograph, radiograph.geometry.middlePixel, radiograph.geometry.longerSide)
    for _ in 0..<2 {
      let looks = Self.sides.compactMap { side -> (Double, SIMD2<Double>)? in
        let length = side / pixel * step
        return inspector.read(radiograph, about: middle, side: length).map {
          measure($0, radiograph, middle, length)
        }
      }
      guard !looks.isEmpty else { break }
      let count = Double(looks.count)
      pixel = exp(looks.reduce(0) { $0 + log($1.0) } / count)
      middle = looks.reduce(SIMD2(0, 0)) { $0 + $1.1 } / count
    }
    return Found(view: view, isMirrored: mirrored, pixel: pixel, middle: middle)
  }

  /// The size of a pixel at the patient and the head's middle in pixels, of a reading of a square part.
  private func measure(
    _ reading: XrayReading, _ radiograph: Radiograph, _ middle: SIMD2<Double>, _ side: Double
  ) -> (Double, SIMD2<Double>) {
    let steps = SIMD2(
      length(radiograph.geometry.columnStep), length(radiograph.geometry.rowStep))
    return (reading.width / side * steps.x, middle + reading.middle * (side / 2) / steps)
  }

  // MARK: All pictures

  /// The sizes of pixels at the patient, and their uncertainty: a stated one stands, and pictures whose own
  /// estimates differ by less than 12 % are taken to come from one device and share their mean.
  private func agreed(_ sizes: [(found: Double, stated: Double?)]) -> [Size] {
    let logs = sizes.map { log($0.stated ?? $0.found) }
    let spread = (logs.max() ?? 0) - (logs.min() ?? 0)
    if spread < 0.12, sizes.allSatisfy({ $0.stated == nil }) {
      let mean = exp(logs.reduce(0, +) / Double(max(1, logs.count)))
      return sizes.map { _ in
        Size(pixel: mean, uncertainty: Self.headUncertainty, isSettled: true)
      }
    }
    return sizes.map { found, stated in
      Size(
        pixel: stated ?? found, uncertainty: stated == nil ? Self.headUncertainty : 0.01,
        isSettled: stated != nil)
    }
  }

  /// What a pixel measures at the patient.
  private struct Size {
    let pixel: Double
    let uncertainty: Double
    let isSettled: Bool
  }

  /// The height of a head's middle in a picture.
  private struct Height {
    /// Pixels, from the middle of the first row.
    let row: Double
    let isSettled: Bool
  }

  /// The rows of a picture's crown, if it is seen, and of the middle that the network guesses; and the size of a
  /// pixel across rows, mm at the patient.
  private func crownAndMiddle(
    _ picture: UnplacedPicture, _ found: Found, _ size: Size
  ) -> (crown: Double?, middle: Double, pixel: Double) {
    let old = picture.radiograph.geometry
    let pixel = SIMD2(size.pixel, size.pixel * length(old.rowStep) / length(old.columnStep))
    let expected = found.middle - SIMD2(0, Self.crownToMiddle / pixel.y)
    let crown = Crown(in: picture.radiograph, near: expected, pixelAtPatient: pixel)
    return (crown?.row, found.middle.y, pixel.y)
  }

  /// The heights of the head's middle. The crown is seen more sharply than the network guesses the middle, and
  /// where all pictures show it, the middle lies at one distance below it in all. That is ``crownToMiddle``, unless
  /// the network contradicts: a head that ends flat, as in scans that end below the crown.
  private func agreed(_ rows: [(crown: Double?, middle: Double, pixel: Double)]) -> [Height] {
    let depths = rows.compactMap { row in row.crown.map { (row.middle - $0) * row.pixel } }
    let mean = depths.reduce(0, +) / Double(max(1, depths.count))
    let below = abs(mean - Self.crownToMiddle) < Self.crownDoubt ? Self.crownToMiddle : mean
    return rows.map { crown, middle, pixel in
      Height(row: crown.map { $0 + below / pixel } ?? middle, isSettled: crown != nil)
    }
  }

  private func placed(
    _ picture: UnplacedPicture, _ found: Found, size: Size, height: Height
  ) throws -> PlacedPicture {
    let old = picture.radiograph.geometry
    let magnification = setup.isParallel ? 1 : setup.sourceToDetector / setup.sourceToAxis
    let column = size.pixel * magnification
    let aspect = length(old.rowStep) / length(old.columnStep)
    var own = setup
    own.pixelSize = SIMD2(column, column * aspect)
    (own.columns, own.rows) = (old.columns, old.rows)
    var (values, mask, middle) = (picture.radiograph.values, picture.radiograph.mask, found.middle)
    middle.y = height.row
    if found.isMirrored {
      values = Self.mirrored(values, columns: old.columns)
      mask = mask.map { Self.mirrored($0, columns: old.columns) }
      middle.x = Double(old.columns - 1) - middle.x
    }
    let geometry = try own.geometry(of: found.view, principalPoint: middle)
    return PlacedPicture(
      radiograph: Radiograph(
        geometry: geometry, values: values, intensity: picture.radiograph.intensity, mask: mask),
      view: found.view, pixelSize: column, uncertainty: size.uncertainty,
      isMirrored: found.isMirrored, isSizeSettled: size.isSettled, isHeightSettled: height.isSettled
    )
  }

  private static func mirrored<Value>(_ values: [Value], columns: Int) -> [Value] {
    values.indices.map { values[$0 / columns * columns + columns - 1 - $0 % columns] }
  }
}

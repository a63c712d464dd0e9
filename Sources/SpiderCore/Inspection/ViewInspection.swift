import Foundation

/// Whether X-rays are looked at before they are used, and what follows when something is wrong with them.
public struct XrayInspection: Sendable, Equatable {
  /// Who looks.
  public var inspector: XrayInspector
  /// Whether grave faults are only noted, and not refused: for whoever knows better.
  public var acceptsFaults: Bool

  /// By default grave faults are refused.
  public init(_ inspector: XrayInspector, acceptsFaults: Bool = false) {
    self.inspector = inspector
    self.acceptsFaults = acceptsFaults
  }

  /// What is wrong with X-rays that have been given their places.
  ///
  /// - Throws: ``/SpiderImaging/ViewError/faulty(_:)`` with all faults where one is grave and such are not accepted.
  func faults(
    of views: [ViewInspection.Hung], isocenter: Vector3
  ) throws(ViewError) -> [ViewFault] {
    let faults = ViewInspection(inspector: inspector, isocenter: isocenter).faults(of: views)
    guard acceptsFaults || !faults.contains(where: \.isGrave) else { throw .faulty(faults) }
    return faults
  }
}

extension XrayInspector: Equatable {
  /// Whether two inspectors have the same parameters.
  public static func == (a: Self, b: Self) -> Bool {
    a.parameters.storage.values == b.parameters.storage.values
  }
}

/// Holds what ``XrayInspector`` reads in each picture against the geometry that it came with, and the pictures
/// against each other.
///
/// The goal is that at most 2 % of right pairs are suspected. What has been measured of it, and what has not:
/// Docs/Xrays.md.
struct ViewInspection {
  /// A radiograph as it hangs for the view that it is taken for.
  struct Hung {
    /// Its place among those given.
    let index: Int
    /// The view that it stands for.
    let view: NamedView
    /// Pixels as they were given, in the view's hanging.
    let radiograph: Radiograph
  }

  /// The probability from which a fault is said.
  static let suspicion = 0.8
  /// The factors by which heads may seem too small or too large.
  static let scales = 0.74...1.36
  /// How far the head may lie from where it should, mm: patients are up to 20 mm off, and the middle of a head is
  /// known within 10 mm.
  static let reach = 60.0
  /// How much the heights of the head may differ between two views, mm.
  static let heights = 30.0
  /// How much of the head an edge may cut, mm: a nose, an ear.
  static let longestEdge = 65.0
  /// The least share of the head.
  static let leastShare = 0.8
  /// The least pixels across a head.
  static let leastPixels = 24

  let inspector: XrayInspector
  let isocenter: Vector3

  /// What is wrong with these X-rays, in their order.
  func faults(of views: [Hung]) -> [ViewFault] {
    let readings = views.map { inspector.read($0.radiograph) }
    var faults = sames(views)
    if faults.isEmpty {
      faults = exchanged(views, readings)
    }
    let blamed = Set(faults.map(\.index))
    for (view, reading) in zip(views, readings) where !blamed.contains(view.index) {
      if let reading { faults += self.faults(of: view, reading) }
    }
    if faults.isEmpty { faults += heights(views, readings) }
    return faults.sorted { $0.index < $1.index }
  }

  // MARK: One picture

  private func faults(of hung: Hung, _ reading: XrayReading) -> [ViewFault] {
    func fault(_ kind: ViewFault.Kind, _ certainty: Double) -> ViewFault {
      ViewFault(index: hung.index, kind: kind, certainty: certainty)
    }
    var faults: [ViewFault] = []
    if reading.inverted > Self.suspicion { faults.append(fault(.inverted, reading.inverted)) }
    let scale = geometricWidth(hung.radiograph.geometry) / reading.width
    if reading[.other] > Self.suspicion {
      return faults + [fault(.notAHead, reading[.other])]
    }
    // Which way a frontal view is turned is no better than guessed: a mirror makes one of the other.
    let quarter = reading.turns[1] + reading.turns[3]
    if reading.turns[2] > Self.suspicion {
      faults.append(fault(.upsideDown, reading.turns[2]))
    } else if quarter > Self.suspicion {
      let isLateral = reading[.frontal] < 0.5
      let quarters = reading.turns[1] > reading.turns[3] ? 1 : 3
      faults.append(fault(.turned(quarters: isLateral ? quarters : nil), quarter))
    } else if let expected = hung.view.content {
      let wrong = 1 - reading[expected] - reading[.other]
      if let mirror = expected.mirrored, reading[mirror] > Self.suspicion {
        faults.append(fault(.mirrored, reading[mirror]))
      } else if wrong > Self.suspicion {
        faults.append(fault(.otherView(expected: hung.view), wrong))
      }
    }
    guard faults.isEmpty else { return faults }
    if !Self.scales.contains(scale) { faults.append(fault(.wrongScale(factor: scale), 1)) }
    if let cut = HeadEdges(hung.radiograph, reading)?.longest, cut.millimetres > Self.longestEdge {
      faults.append(fault(.cutOffAt(cut.edge, millimetres: cut.millimetres), 1))
    } else if reading.visibleShare < Self.leastShare {
      faults.append(fault(.cutOff(visible: reading.visibleShare), 1))
    }
    if faults.isEmpty {
      let gap = offset(hung.radiograph.geometry, reading)
      let distance = (gap.x * gap.x + gap.y * gap.y).squareRoot()
      if distance > Self.reach { faults.append(fault(.misplaced(millimetres: distance), 1)) }
    }
    let across = Int(170 / reading.width * hung.radiograph.geometry.pixelsAlongLongerSide)
    if across < Self.leastPixels { faults.append(fault(.fewPixels(across: across), 1)) }
    return faults
  }

  /// What the longer side of the detector measures at the isocentre, mm.
  private func geometricWidth(_ geometry: ProjectionGeometry) -> Double {
    geometry.longerSide / geometry.magnification(at: isocenter)
  }

  /// From where the isocentre falls to where the head's middle is seen, mm at the patient: along the columns'
  /// step, along the rows'.
  private func offset(_ geometry: ProjectionGeometry, _ reading: XrayReading) -> SIMD2<Double> {
    let pixel = geometry.project(isocenter)
    let half = geometry.longerSide / 2
    let place =
      (pixel - geometry.middlePixel)
      * SIMD2(length(geometry.columnStep), length(geometry.rowStep)) / half
    return (reading.middle - place) * (geometricWidth(geometry) / 2)
  }

  // MARK: Two pictures

  /// The same picture given twice: equal but for gain and offset.
  private func sames(_ views: [Hung]) -> [ViewFault] {
    var faults: [ViewFault] = []
    for (place, view) in views.enumerated() {
      for other in views[..<place]
      where view.radiograph.resembles(other.radiograph) {
        faults.append(ViewFault(index: view.index, kind: .samePicture(as: other.index)))
      }
    }
    return faults
  }

  /// Pairs of which each picture is what the other should be.
  private func exchanged(_ views: [Hung], _ readings: [XrayReading?]) -> [ViewFault] {
    for (place, view) in views.enumerated() {
      for before in 0..<place {
        guard let one = view.view.content, let two = views[before].view.content,
          one.isFrontal != two.isFrontal, let first = readings[before], let second = readings[place]
        else { continue }
        let certainty =
          first.probability(frontal: one.isFrontal) * second.probability(frontal: two.isFrontal)
        guard certainty > Self.suspicion * Self.suspicion else { continue }
        return [(views[before].index, view.index), (view.index, views[before].index)].map {
          ViewFault(index: $0, kind: .exchanged(with: $1), certainty: certainty)
        }
      }
    }
    return []
  }

  /// Views whose heads lie at different heights: what is up in one must be up in the other.
  private func heights(_ views: [Hung], _ readings: [XrayReading?]) -> [ViewFault] {
    let seen = zip(views, readings).compactMap { view, reading in
      reading.map { (view.index, offset(view.radiograph.geometry, $0).y) }
    }
    guard let first = seen.first else { return [] }
    return seen.dropFirst().compactMap { index, height in
      let difference = abs(height - first.1)
      guard difference > Self.heights else { return nil }
      return ViewFault(
        index: index, kind: .heightsDiffer(from: first.0, millimetres: difference))
    }
  }
}

extension XrayReading {
  /// The probability that it is a view from the front or behind, or that it is one from the side.
  fileprivate func probability(frontal: Bool) -> Double {
    frontal ? self[.frontal] : self[.facingLeft] + self[.facingRight]
  }
}

extension XrayReading.Content {
  fileprivate var isFrontal: Bool { self == .frontal }

  /// The content of the mirrored picture, where it is another.
  fileprivate var mirrored: XrayReading.Content? {
    switch self {
    case .facingLeft: .facingRight
    case .facingRight: .facingLeft
    case .frontal, .other: nil
    }
  }
}

extension NamedView {
  /// What a picture of this view shows; nil between the four sides.
  fileprivate var content: XrayReading.Content? {
    let side = sourceDirection
    if abs(side.y) > 0.85 { return .frontal }
    guard abs(side.x) > 0.85 else { return nil }
    // The patient faces where the anterior side is: columns that count towards it end there.
    return columnDirection.y < 0 ? .facingLeft : .facingRight
  }
}

extension ProjectionGeometry {
  /// Pixels along the longer side.
  fileprivate var pixelsAlongLongerSide: Double {
    length(columnStep) * Double(columns) >= length(rowStep) * Double(rows)
      ? Double(columns) : Double(rows)
  }
}

extension Radiograph {
  /// Whether two pictures are the same but for gain and offset: their correlation is 1 to a ten-thousandth.
  fileprivate func resembles(_ other: Radiograph) -> Bool {
    guard geometry.columns == other.geometry.columns, geometry.rows == other.geometry.rows
    else { return false }
    let pixels = values.indices.filter { counts($0) && other.counts($0) }
    guard pixels.count > 1 else { return false }
    let n = Double(pixels.count)
    let (x, y) = (pixels.map { Double(values[$0]) }, pixels.map { Double(other.values[$0]) })
    let (meanX, meanY) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
    var (xx, yy, xy) = (0.0, 0.0, 0.0)
    for (a, b) in zip(x, y) {
      xx += (a - meanX) * (a - meanX)
      yy += (b - meanY) * (b - meanY)
      xy += (a - meanX) * (b - meanY)
    }
    guard xx > 0, yy > 0 else { return false }
    return xy / (xx * yy).squareRoot() > 0.9999
  }
}

import Foundation

/// The numbers of RTK's XML file, element by element.
struct RTKContent {
  private static let keys: Set<String> = [
    "SourceToIsocenterDistance", "SourceToDetectorDistance", "GantryAngle", "OutOfPlaneAngle",
    "InPlaneAngle", "SourceOffsetX", "SourceOffsetY", "ProjectionOffsetX", "ProjectionOffsetY",
    "RadiusCylindricalDetector", "Matrix",
  ]
  /// Jaws: which part of the detector is lit says nothing about where it is.
  private static let ignored: Set<String> = [
    "CollimationUInf", "CollimationUSup", "CollimationVInf", "CollimationVSup",
  ]

  /// Whether the root element is RTK's.
  private(set) var isGeometry = false
  /// What holds for all projections.
  private(set) var common: [String: [Double]] = [:]
  /// What each projection says for itself.
  private(set) var projections: [[String: [Double]]] = []
  private let url: URL

  /// What ends the reading.
  enum Failure: Error, CustomStringConvertible {
    case xml(XMLFault)
    case content(FileError)

    var description: String {
      switch self {
      case .xml(let fault): return "\(fault)"
      case .content(let error): return "\(error)"
      }
    }
  }

  init(_ url: URL) { self.url = url }

  /// Reads a whole file; what was read before a fault stays.
  mutating func read(_ bytes: [UInt8]) throws(Failure) {
    do {
      var xml = try XMLReader(bytes)
      var path: [String] = []
      var text = ""
      while let event = try xml.next() {
        switch event {
        case .start(let name, let attributes):
          if let problem = start(name, attributes, in: path) { throw Failure.content(problem) }
          path.append(name)
          text = ""
        case .text(let more): text += more
        case .end:
          let name = path.removeLast()
          if let problem = end(name, text, in: path) { throw Failure.content(problem) }
        }
      }
    } catch let failure as Failure {
      throw failure
    } catch let fault as XMLFault {
      throw .xml(fault)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  private mutating func start(
    _ name: String, _ attributes: [String: String], in path: [String]
  ) -> FileError? {
    if path.isEmpty {
      guard name == "RTKThreeDCircularGeometry" else {
        return .unknownFormat(
          url, expected: "a geometry of RTK (XML)", found: "XML of another kind")
      }
      isGeometry = true
      let version = attributes["version"] ?? "none"
      guard ["2", "3"].contains(version) else {
        return .unsupported(
          url, fault: "a geometry of version \(version); 2 and 3 are read",
          remedy: "have RTK write it again")
      }
      return nil
    }
    if name == "Projection", path.count == 1 {
      projections.append([:])
      return nil
    }
    // Numbers stand in the root or in a projection, and hold no elements.
    let isPlace = path.count == 1 || path.count == 2 && path[1] == "Projection"
    guard isPlace, Self.keys.contains(name) || Self.ignored.contains(name) else {
      return .badValue(url, key: name, fault: "is not known here")
    }
    return nil
  }

  private mutating func end(_ name: String, _ text: String, in path: [String]) -> FileError? {
    guard Self.keys.contains(name) else { return nil }
    let words = text.split(whereSeparator: \.isWhitespace)
    let numbers = words.compactMap { Double($0) }
    guard numbers.count == words.count, numbers.allSatisfy(\.isFinite), !numbers.isEmpty else {
      return .badValue(url, key: name, fault: "is no finite number")
    }
    let isTwice: Bool
    if path.count == 2 {
      isTwice = projections[projections.count - 1].updateValue(numbers, forKey: name) != nil
    } else {
      isTwice = common.updateValue(numbers, forKey: name) != nil
    }
    return isTwice ? .badValue(url, key: name, fault: "stands there twice") : nil
  }
}

import SpiderCore

extension LabelScheme {
  /// The class of each label in a patient mirrored left to right: classes whose names differ in a word
  /// "left" and "right" change places, all others stay.
  var mirrored: [UInt8] {
    let places = Dictionary(
      classes.enumerated().map { ($1, UInt8($0)) }, uniquingKeysWith: { first, _ in first })
    var table = (0...255).map { UInt8($0) }
    for (index, name) in classes.enumerated() {
      let words = name.split(separator: "_").map { word in
        word == "left" ? "right" : word == "right" ? "left" : String(word)
      }
      if let other = places[words.joined(separator: "_")] { table[index] = other }
    }
    return table
  }
}

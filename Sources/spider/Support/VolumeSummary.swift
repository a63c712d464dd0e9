import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderIO

/// What `spider info` tells of a NIfTI file: the file, and whether its numbers are those of a CT.
struct VolumeSummary: FileSummary {
  private let image: NIfTISummary
  private let notes: [String]

  /// Looks at the numbers of a file that holds a volume; those of a slice say nothing, and
  /// those of labels and uncertainty are no CT's.
  init(_ image: NIfTISummary, of url: URL, options: VolumeOptions) throws {
    self.image = image
    guard image.kind == "volume", image.content == nil else {
      notes = []
      return
    }
    var reading = options.readOptions
    // Numbers have no orientation: any will do to look at them.
    if image.orientation == nil { reading.assumeOrientation = .ras }
    let ct = try NIfTI.readVolume(url, options: reading)
    let values = Set(ct.values.prefix(1 << 16))
    let mayBeLabels =
      (image.minimum ?? -1) >= 0 && (image.maximum ?? 256) <= 255
      && values.allSatisfy { $0 == $0.rounded() }
    notes = CTNumbers(ct).notes.map { mayBeLabels ? "unless it is a label map, \($0)" : $0 }
  }

  var kind: String { image.kind }

  var facts: [(name: String, value: String)] { image.facts + notes.map { ("note", $0) } }

  enum CodingKeys: String, CodingKey { case ctNotes = "ct_notes" }

  /// The keys of the file, and `ct_notes`: what a user of it as a CT should know.
  func encode(to encoder: any Encoder) throws {
    try image.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(notes, forKey: .ctNotes)
  }
}

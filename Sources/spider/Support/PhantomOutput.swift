import Foundation
import SpiderCore
import SpiderDRR
import SpiderIO
import SpiderPhantom
import SpiderReport

/// The files of one phantom head.
struct PhantomOutput {
  let seed: UInt64
  let ct: URL
  let labels: URL
  let structures: URL?
  let structureNames: URL?
  let landmarks: URL?
  let picture: URL?

  init(seed: UInt64, in folder: OutputFolder, fine: Bool, picture: Bool) {
    let stem = "phantom-\(seed)"
    self.seed = seed
    ct = folder.file("\(stem).nii.gz")
    labels = folder.file("\(stem)_labels.nii.gz")
    structures = fine ? folder.file("\(stem)_structures.nii.gz") : nil
    structureNames = fine ? folder.file("\(stem)_structures.json") : nil
    landmarks = fine ? folder.file("\(stem)_landmarks.json") : nil
    self.picture = picture ? folder.file("\(stem).png") : nil
  }

  /// All of them.
  var files: [URL] {
    [ct, labels] + [structures, structureNames, landmarks, picture].compactMap { $0 }
  }

  /// Makes the head and writes what is wanted of it.
  func write(_ options: HeadPhantom.Options, on grid: VoxelGrid, overwrite: Bool) throws {
    let head = HeadPhantom(seed: seed, options: options)
    let made = head.renderStructures(on: grid)
    try NIfTI.write(made.ct, to: ct, datatype: .int16, overwrite: overwrite)
    try NIfTI.write(made.labels, to: labels, overwrite: overwrite)
    if let structures { try NIfTI.write(made.structures, to: structures, overwrite: overwrite) }
    if let structureNames {
      try write(StructureRecord(), to: structureNames, overwrite: overwrite)
    }
    if let landmarks {
      try write(LandmarkRecord(head), to: landmarks, overwrite: overwrite)
    }
    if let picture {
      let row = try HeadFigure.Row(title: "Phantom \(seed)", filming: made.ct)
      try HeadFigure(rows: [row]).render().writePNG(to: picture, overwrite: overwrite)
    }
  }

  private func write(_ record: some Encodable, to url: URL, overwrite: Bool) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(encoder.encode(record), to: url, overwrite: overwrite)
  }
}

extension HeadFigure.Row {
  /// A head with its frontal and lateral X-rays, at the scale of the planes.
  init(title: String, filming ct: Volume) throws {
    let setup = ViewSetup(pixelSize: SIMD2(1.5, 1.5), columns: 256, rows: 256)
    let radiographs = DigitalRadiograph().make(
      ct: ct, geometries: try [NamedView.pa, .left].map { try setup.geometry(of: $0) })
    self.init(title: title, ct: ct, radiographs: radiographs)
  }
}

/// The names of the values in a map of structures.
private struct StructureRecord: Encodable {
  struct Structure: Encodable {
    let value: UInt8
    let name: String
    let label: UInt8
    let labelName: String

    enum CodingKeys: String, CodingKey {
      case value, name, label
      case labelName = "label_name"
    }
  }

  let schema = "spider.structures/1"
  let structures = HeadStructure.named.map { entry in
    Structure(
      value: entry.structure.value, name: entry.name, label: entry.structure.label,
      labelName: LabelScheme.head.classes[Int(entry.structure.label)])
  }
}

/// A head's landmarks by name.
private struct LandmarkRecord: Encodable {
  let schema = "spider.landmarks/1"
  let seed: UInt64
  let frame = "world RAS+, mm"
  let landmarks: [String: [Double]]

  init(_ head: HeadPhantom) {
    seed = head.seed
    landmarks = Dictionary(
      uniqueKeysWithValues: head.landmarks.map { landmark in
        // A tenth of a micrometre is enough.
        (landmark.name, (0..<3).map { (landmark.point[$0] * 1e4).rounded() / 1e4 })
      })
  }

  enum CodingKeys: String, CodingKey {
    case schema, seed, frame
    case landmarks = "landmarks_mm"
  }
}

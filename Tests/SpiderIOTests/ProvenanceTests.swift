import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

/// Where a volume comes from, in its header; names of labels, beside it.
@Suite struct ProvenanceTests {
  @Test func aModelIsNamedByItsFile() throws {
    let folder = try TemporaryFolder()
    try Data("abc".utf8).write(to: folder["m"])
    // The digest of "abc" is the example of FIPS 180-2.
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(
      try Provenance.Model(name: "m", file: folder["m"]) == .init(name: "m", sha256: digest))
    #expect(throws: FileError.self) { try Provenance.Model(name: "m", file: folder["none"]) }
  }

  @Test(arguments: ["a.nii", "a.nii.gz"]) func volumesSayWhatMadeThem(name: String) throws {
    let folder = try TemporaryFolder()
    let grid = VoxelGrid.canonical(size: 8)
    let volume = Volume(grid: grid, values: (0..<grid.count).map { Float($0 - 200) })
    let provenance = Provenance(
      commit: "abc1234", model: .init(name: "head", sha256: String(repeating: "0f", count: 32)),
      isocenter: Vector3(1, -2, 3), views: [try ViewSetup().geometry(of: .pa)])
    let writer = try NIfTIWriter(
      folder[name], grid: grid, datatype: .int16, provenance: provenance, overwrite: false)
    try writer.append(volume.values[...])
    try writer.finish()
    #expect(try NIfTI.readVolume(folder[name]) == volume)
    guard name == "a.nii" else { return }
    let bytes = Array(try Data(contentsOf: folder[name]))
    func number(_ at: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } }
    // nifti1.h: descrip at 148, vox_offset at 108, the flag of extensions behind the header.
    let description = String(decoding: bytes[148..<228].prefix { $0 != 0 }, as: UTF8.self)
    #expect(description == "Spider \(SpiderRelease.version) head 0f0f0f0f0f0f not for diagnosis")
    #expect(Array(bytes[348..<352]) == [1, 0, 0, 0])
    let (size, code) = (number(352), number(356))
    #expect(size % 16 == 0 && code == 6)
    #expect(Float(bitPattern: UInt32(number(108))) == Float(352 + size))
    #expect(bytes.count == 352 + size + 2 * grid.count)
    let text = Data(bytes[360..<352 + size].prefix { $0 != 0 })
    let object = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    #expect(object["commit"] as? String == "abc1234")
    #expect((object["model"] as? [String: Any])?["name"] as? String == "head")
    #expect(object["isocenter_mm"] as? [Double] == [1, -2, 3])
    #expect(object["refinement_iterations"] as? Int == 0)
    let views = try #require(object["views"] as? [[String: Any]])
    // The geometry reads back as a sidecar of its own.
    let sidecar = folder["view.json"]
    try JSONSerialization.data(withJSONObject: views[0]).write(to: sidecar)
    #expect(try GeometrySidecar.read(sidecar).geometry == provenance.views[0])
  }

  /// nifti1.h: intent_code at 68, intent_name at 328; 1001 is an estimate, 1002 labels.
  @Test func filesSayWhatTheyHold() throws {
    let folder = try TemporaryFolder()
    let grid = VoxelGrid.canonical(size: 4)
    let numbers = Volume(grid: grid, repeating: 7)
    try NIfTI.write(numbers, to: folder["ct.nii"], datatype: .int16)
    try NIfTI.write(LabelVolume(grid: grid, repeating: 7), to: folder["labels.nii"])
    let writer = try NIfTIWriter(
      folder["map.nii"], grid: grid, datatype: .int16, content: .uncertainty, overwrite: false)
    try writer.append(numbers.values[...])
    try writer.finish()
    for (name, code, text) in [
      ("ct", 0, ""), ("labels", 1002, "labels"), ("map", 1001, "uncertainty"),
    ] {
      let bytes = Array(try Data(contentsOf: folder["\(name).nii"]))
      #expect(Int(bytes[68]) + 256 * Int(bytes[69]) == code, "\(name)")
      #expect(String(decoding: bytes[328..<344].prefix { $0 != 0 }, as: UTF8.self) == text)
      let loaded = try NIfTI.load(folder["\(name).nii"])
      #expect(loaded.content?.rawValue == (text.isEmpty ? nil : text))
      #expect(loaded.volume.values == numbers.values)
      if code == 0 {
        try loaded.requireCT(folder["ct.nii"])
      } else {
        #expect(throws: FileError.self) { try loaded.requireCT(folder["\(name).nii"]) }
      }
    }
    // What states no such intent is read as before; what is uncertain is no label map.
    #expect(try NIfTI.readLabels(folder["ct.nii"]).values.allSatisfy { $0 == 7 })
    #expect(throws: FileError.self) { try NIfTI.readLabels(folder["map.nii"]) }
    // Another program's estimate of another name is not ours to judge.
    var bytes = Array(try Data(contentsOf: folder["map.nii"]))
    bytes.replaceSubrange(328..<344, with: [UInt8](repeating: 0, count: 16))
    try Data(bytes).write(to: folder["foreign.nii"])
    #expect(try NIfTI.load(folder["foreign.nii"]).content == nil)
  }

  /// FIPS 180-4's examples, and lengths about the edges of a block.
  @Test(
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      (
        String(repeating: "a", count: 1000),
        "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"
      ),
    ]) func digestsAreThoseOfTheStandard(text: String, digest: String)
  {
    #expect(SHA256.digest(of: Array(text.utf8)) == digest)
  }

  @Test func labelTablesHaveAllNames() throws {
    let folder = try TemporaryFolder()
    try LabelTable.write(.head, to: folder["a.txt"])
    let snap = try String(contentsOf: folder["a.txt"], encoding: .utf8).split(separator: "\n")
    #expect(snap.count == 10 && snap[0].hasPrefix("#"))
    #expect(snap[1] == "0 0 0 0 0 0 0 \"background\"")
    #expect(snap[4] == "3 240 222 150 1 1 1 \"skull\"")
    #expect(snap[8].hasPrefix("254 ") && snap[9].hasPrefix("255 "))
    try LabelTable.write(.head, to: folder["a.ctbl"])
    let slicer = try String(contentsOf: folder["a.ctbl"], encoding: .utf8).split(separator: "\n")
    #expect(slicer[1] == "0 background 0 0 0 0" && slicer[5] == "4 mandible 232 92 62 255")
    #expect(throws: FileError.self) { try LabelTable.write(.head, to: folder["a.csv"]) }
  }
}

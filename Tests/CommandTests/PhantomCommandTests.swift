import Foundation
import SpiderCore
import SpiderIO
import SpiderPhantom
import SpiderTestSupport
import Testing

/// What `spider phantom` writes beside CT and labels.
@Suite struct PhantomCommandTests {
  @Test("fine labels, their names, landmarks and a picture, all of the same head")
  func everything() throws {
    let folder = try TemporaryFolder()
    let run = try SpiderProgram.run(
      "phantom", "--seed", "7", "--size", "32", "--fine-labels", "--picture", "--intact",
      "--craniotomy", "--json", "--out", folder.url.path)
    #expect(run.status == 0, "\(run.errors)")
    let names = [
      "phantom-7.nii.gz", "phantom-7.png", "phantom-7_labels.nii.gz", "phantom-7_landmarks.json",
      "phantom-7_structures.json", "phantom-7_structures.nii.gz",
    ]
    #expect(try folder.names() == names)
    let outputs = try #require(try run.object()["outputs"] as? [String])
    #expect(Set(outputs.map { URL(fileURLWithPath: $0).lastPathComponent }) == Set(names))

    var options = HeadPhantom.Options.intact
    options.craniotomyProbability = 1
    let head = HeadPhantom(seed: 7, options: options)
    let truth = head.renderStructures(on: .canonical(size: 32))
    let structures = try NIfTI.readLabels(folder["phantom-7_structures.nii.gz"])
    #expect(structures.values == truth.structures.values)
    #expect(try NIfTI.readLabels(folder["phantom-7_labels.nii.gz"]).values == truth.labels.values)

    let list = try #require(try object(folder["phantom-7_structures.json"])["structures"] as? [Any])
    let entries = list.compactMap { $0 as? [String: Any] }
    let tooth = try #require(entries.first { $0["name"] as? String == "tooth_36" })
    #expect(tooth["value"] as? Int == 136 && tooth["label_name"] as? String == "mandible")
    let values = Set(entries.compactMap { $0["value"] as? Int })
    #expect(structures.values.allSatisfy { values.contains(Int($0)) })

    let record = try object(folder["phantom-7_landmarks.json"])
    let landmarks = try #require(record["landmarks_mm"] as? [String: [Double]])
    let nasion = try #require(head.landmarks.first { $0.name == "nasion" }).point
    let written = try #require(landmarks["nasion"])
    #expect(length(Vector3(written[0], written[1], written[2]) - nasion) < 1e-3)
    #expect(record["seed"] as? Int == 7)
  }

  @Test func patientsAndTheirJoints() throws {
    let folder = try TemporaryFolder()
    let run = try SpiderProgram.run(
      "phantom", "--seed", "7", "--size", "32", "--population", "patients", "--joint-space",
      "0.8-7", "--out", folder.url.path)
    #expect(run.status == 0, "\(run.errors)")
    let head = HeadPhantom(seed: 7, options: .init(jointSpace: 0.8...7, population: .patients))
    let truth = head.render(on: .canonical(size: 32)).labels
    #expect(try NIfTI.readLabels(folder["phantom-7_labels.nii.gz"]).values == truth.values)
  }

  @Test(
    "what belongs to heads is refused for the letters, and ages and shares off their range",
    arguments: [
      (["--letters", "--picture"], "--letters"), (["--letters", "--craniotomy"], "--letters"),
      (["--letters", "--population", "patients"], "--letters"),
      (["--population", "bulky"], "patients"), (["--joint-space", "9"], "0.5 to 8"),
      (["--joint-space", "7-2"], "least space comes first"), (["--age", "9"], "--age"),
      (["--missing-teeth", "1.5"], "--missing-teeth"),
    ])
  func refused(arguments: [String], word: String) throws {
    let run = try SpiderProgram.run(["phantom", "--out", "x"] + arguments)
    #expect(run.status == 64)
    #expect(run.errors.contains(word), "\(run.errors)")
  }

  private func object(_ url: URL) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
    return try #require(value as? [String: Any])
  }
}

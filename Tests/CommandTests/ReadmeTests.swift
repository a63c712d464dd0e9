import Foundation
import SpiderCore
import SpiderDRR
import SpiderEvaluation
import SpiderIO
import SpiderPhantom
import SpiderPretrained
import Testing

// The code of README.md, to the letter: it compiles here, and the test below runs it and compares the
// texts.

func reconstructHead(in folder: URL) throws {
  let radiographs = try ["pa.nii.gz", "left.nii.gz"].map {
    try RadiographFile.read(image: folder.appendingPathComponent($0)).radiograph
  }
  let result = try Spider.reconstruct(radiographs)
  result.summary.warnings.forEach { print("warning: \($0)") }
  try NIfTI.write(result.ct, to: folder.appendingPathComponent("ct.nii.gz"))
  try NIfTI.write(result.labels, to: folder.appendingPathComponent("labels.nii.gz"))
}

@Suite struct ReadmeTests {
  /// The function of README.md reconstructs a phantom with the shipped weights, clearly better than
  /// chance: bone lies where bone is.
  @Test func theCodeOfTheReadmeDoesTheMainJob() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let head = HeadPhantom(seed: 9001).render(on: .canonical(size: 96))
    for view in [NamedView.pa, .left] {
      let geometry = try ViewSetup().geometry(of: view)
      let image = folder.appendingPathComponent("\(view).nii.gz")
      try RadiographFile.write(
        DigitalRadiograph().make(ct: head.ct, geometry: geometry), to: image)
      try GeometrySidecar(geometry: geometry).write(to: GeometrySidecar.url(beside: image))
    }
    try reconstructHead(in: folder)
    let ct = try NIfTI.readVolume(folder.appendingPathComponent("ct.nii.gz"))
    let labels = try NIfTI.readLabels(folder.appendingPathComponent("labels.nii.gz"))
    let metrics = VolumeMetrics.evaluate(
      id: "readme", candidate: ct, reference: head.ct, candidateLabels: labels,
      referenceLabels: head.labels, surfaces: false)
    #expect((metrics.psnr ?? 0) > 22)
    #expect(((metrics.dice["bone_hu"] ?? nil) ?? 0) > 0.6)
    #expect(((metrics.dice["intracranial"] ?? nil) ?? 0) > 0.9)
  }

  @Test func theCodeOfTheReadmeIsTheCodeTestedHere() throws {
    let here = URL(fileURLWithPath: #filePath)
    let root = here.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let readme = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
    let source = try String(contentsOf: here, encoding: .utf8)
    let start = try #require(readme.range(of: "func reconstructHead"))
    let end = try #require(readme.range(of: "```", range: start.upperBound..<readme.endIndex))
    let code = readme[start.lowerBound..<end.lowerBound]
    #expect(code.count > 300 && source.contains(code))
  }
}

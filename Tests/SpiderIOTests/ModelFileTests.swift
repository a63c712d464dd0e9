import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

@Suite struct ModelFileTests {
  private func temporaryFile() -> URL {
    FileManager.default.temporaryDirectory.appendingPathComponent(
      UUID().uuidString + ".safetensors")
  }

  @Test func roundTrip() throws {
    let file = temporaryFile()
    defer { try? FileManager.default.removeItem(at: file) }
    var model = tinyModel(seed: 3)
    model.description.training["note"] = "none"
    try ModelFile.write(model, to: file)
    let read = try ModelFile.read(file)
    #expect(read.description == model.description)
    #expect(read.parameters.storage.values == model.parameters.storage.values)
    try ModelFile.write(model, to: file, precision: .float16, overwrite: true)
    let half = try ModelFile.read(file)
    expectClose(
      half.parameters.storage.values, model.parameters.storage.values, rtol: 1e-3, atol: 1e-6)
  }

  @Test func theHeadOfUncertaintyTravelsWithTheModel() throws {
    let file = temporaryFile()
    defer { try? FileManager.default.removeItem(at: file) }
    var model = tinyModel(seed: 3)
    model.uncertainty = UncertaintyHead(
      weights: randomValues(12, seed: 9), bias: -3.25, factor: 1.5)
    try ModelFile.write(model, to: file)
    let read = try ModelFile.read(file)
    #expect(read.uncertainty == model.uncertainty)
    #expect(read.parameters.storage.values == model.parameters.storage.values)

    let good = try SafetensorsFile.read(file)
    func expectRefused(_ change: (inout NamedTensor) -> Void, _ name: String) throws {
      var bad = good
      let index = try #require(bad.tensors.firstIndex { $0.name == name })
      change(&bad.tensors[index])
      try bad.write(to: file, overwrite: true)
      #expect(throws: FileError.self, "\(name)") { try ModelFile.read(file) }
    }
    try expectRefused(
      {
        $0 = NamedTensor(
          name: "uncertainty.weight", shape: [1, 11], values: randomValues(11, seed: 1))
      },
      "uncertainty.weight")
    try expectRefused(
      { $0 = NamedTensor(name: "uncertainty.factor", shape: [1], values: [-1]) },
      "uncertainty.factor")
    try expectRefused(
      { $0 = NamedTensor(name: "uncertainty.bias", shape: [2], values: [0, 0]) }, "uncertainty.bias"
    )
    var missing = good
    missing.tensors.removeAll { $0.name == "uncertainty.bias" }
    try missing.write(to: file, overwrite: true)
    #expect(throws: FileError.self) { try ModelFile.read(file) }
  }

  @Test func filesThatAreNoModelAreRefused() throws {
    let file = temporaryFile()
    defer { try? FileManager.default.removeItem(at: file) }
    let model = tinyModel()
    try SafetensorsFile(tensors: [NamedTensor(name: "x", shape: [1], values: [1])]).write(to: file)
    #expect(throws: FileError.self) { try ModelFile.read(file) }

    try ModelFile.write(model, to: file, overwrite: true)
    let good = try SafetensorsFile.read(file)
    func expectRefused(_ what: String, _ change: (inout SafetensorsFile) -> Void) throws {
      var bad = good
      change(&bad)
      try bad.write(to: file, overwrite: true)
      #expect(throws: FileError.self, "\(what)") { try ModelFile.read(file) }
    }
    try expectRefused("a parameter missing") { $0.tensors.removeLast() }
    try expectRefused("a parameter too many") {
      $0.tensors.append(NamedTensor(name: "extra", shape: [1], values: [0]))
    }
    try expectRefused("another shape") {
      let first = $0.tensors[0]
      $0.tensors[0] = NamedTensor(
        name: first.name, shape: [first.values.count + 1], values: first.values + [0])
    }
    try expectRefused("not a number") {
      let first = $0.tensors[0]
      $0.tensors[0] = NamedTensor(
        name: first.name, shape: first.shape, values: first.values.map { _ in .nan })
    }
    try expectRefused("no description") { $0.metadata["spider.description"] = nil }
    for (from, to) in [
      ("\"viewCount\":2", "\"viewCount\":3"), ("[4,6]", "[4,-6]"), ("[4,6]", "[]"),
      ("\"high\":2000", "\"high\":-1000"), ("\"fieldOfView\":256", "\"fieldOfView\":1e300"),
      ("\"columns\":32", "\"columns\":4611686018427387904"),
    ] {
      let text = good.metadata["spider.description"] ?? ""
      #expect(text.contains(from))
      try expectRefused("\(from) -> \(to)") {
        $0.metadata["spider.description"] = $0.metadata["spider.description"]?
          .replacingOccurrences(of: from, with: to)
      }
    }
  }
}

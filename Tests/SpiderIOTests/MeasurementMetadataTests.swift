import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

/// Intervals of measurements travel in the metadata of a model file; hostile ones are refused by name.
@Suite struct MeasurementMetadataTests {
  private let folder: TemporaryFolder
  private var file: URL { folder["model.safetensors"] }
  init() throws { folder = try TemporaryFolder() }

  private let intervals = MeasurementIntervals(
    widths: [
      .skull: .init(halfWidth: 0.1234567890123, patients: 11),
      .intercondylarDistance: .init(halfWidth: 5.5, patients: 9),
      .bone: .init(halfWidth: nil, patients: 4),
    ], radiographs: 2)

  @Test(arguments: [SafetensorsFile.Precision.float32, .float16])
  func roundTrip(precision: SafetensorsFile.Precision) throws {
    var model = tinyModel(seed: 3)
    model.uncertainty = UncertaintyHead(
      weights: randomValues(12, seed: 9), bias: -3.25, factor: 1.5)
    model.measurements = intervals
    try ModelFile.write(model, to: file, precision: precision)
    let read = try ModelFile.read(file)
    #expect(read.measurements == intervals)
    #expect(read.traits.measurements == intervals)
    #expect(read.description == model.description)
    #expect((read.uncertainty != nil) == true)
  }

  /// A model without them is written as ever, and an earlier file has none.
  @Test func aModelNeedNotHaveThem() throws {
    try ModelFile.write(tinyModel(), to: file)
    #expect(
      try SafetensorsFile.read(file).metadata.keys.sorted() == [
        "spider.description", "spider.format",
      ])
    #expect(try ModelFile.read(file).measurements == nil)
  }

  @Test(arguments: [
    (#""half_width":-0.1"#, "half width of skull of -0.1"),
    (#""half_width":1e9"#, "half width of skull of 1000000000.0"),
    (#""half_width":NaN"#, "spider.measurements"),
    (#""half_width":1e999"#, "spider.measurements"),
    (#""half_width":"wide""#, "spider.measurements"),
  ])
  func hostileWidthsAreRefused(width: String, words: String) throws {
    try expectRefused(
      #"{"coverage":0.9,"radiographs":2,"widths":{"skull":{\#(width),"patients":11}}}"#, words)
  }

  @Test func otherHostileEntriesAreRefused() throws {
    let skull = #""widths":{"skull":{"half_width":0.1,"patients":11}}"#
    for (text, words) in [
      ("", "spider.measurements"), ("[]", "spider.measurements"),
      (#"{"coverage":0.5,"radiographs":2,\#(skull)}"#, "0.5"),
      (#"{"coverage":0.9,"radiographs":0,\#(skull)}"#, "0 X-rays"),
      (#"{"coverage":0.9,"radiographs":2,"widths":{"tail":{"patients":11}}}"#, "'tail'"),
      (
        #"{"coverage":0.9,"radiographs":2,"widths":{"skull":{"half_width":0.1,"patients":8}}}"#,
        "from 8 patients"
      ),
      (
        #"{"coverage":0.9,"radiographs":2,"widths":{"bone":{"half_width":null,"patients":-1}}}"#,
        "from -1 patients"
      ),
    ] {
      try expectRefused(text, words)
    }
  }

  private func expectRefused(_ text: String, _ words: String) throws {
    try ModelFile.write(tinyModel(), to: file, overwrite: true)
    var content = try SafetensorsFile.read(file)
    content.metadata["spider.measurements"] = text
    try content.write(to: file, overwrite: true)
    let error = #expect(throws: FileError.self, "\(text)") { try ModelFile.read(file) }
    let said = error.map { "\($0)" } ?? ""
    #expect(said.contains(words) && said.contains("measurements"), "\(said)")
  }
}

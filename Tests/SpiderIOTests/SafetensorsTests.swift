import Foundation
import SpiderCore
import SpiderIO
import SpiderSupport
import SpiderTestSupport
import Testing

@Suite struct SafetensorsTests {
  private let content = SafetensorsFile(
    metadata: ["window": "[-1000, 2000]", "name": "a \"quoted\"\n\u{1}name \u{1F480}"],
    tensors: [
      NamedTensor(name: "z.weight", shape: [2, 3], values: [0, -1.5, 2, 3.25, 1e-3, 65504]),
      NamedTensor(name: "a.bias", shape: [], values: [0.1]),
      NamedTensor(name: "empty", shape: [0, 4], values: []),
    ])

  /// A file of any header over any content.
  private func bytes(_ header: String, _ content: [UInt8]) -> [UInt8] {
    let text = Array(header.utf8)
    return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text + content
  }

  @Test func contentComesBack() throws {
    let folder = try TemporaryFolder()
    try content.write(to: folder["a.safetensors"])
    let back = try SafetensorsFile.read(folder["a.safetensors"])
    #expect(back.metadata == content.metadata)
    #expect(back.tensors == content.tensors.sorted { $0.name < $1.name })
    #expect(back["z.weight"]?.shape == [2, 3] && back["no"] == nil)
  }

  @Test func halfPrecisionRoundsToElevenBits() throws {
    let folder = try TemporaryFolder()
    try content.write(to: folder["a"], precision: .float16)
    let back = try SafetensorsFile.read(folder["a"])
    for tensor in content.tensors {
      // Half a unit in the last of eleven bits.
      expectClose(back[tensor.name]?.values ?? [], tensor.values, rtol: 0x1p-11, atol: 0)
    }
    let large = SafetensorsFile(tensors: [NamedTensor(name: "a", shape: [1], values: [70000])])
    #expect {
      try large.write(to: folder["b"], precision: .float16)
    } throws: {
      if case FileError.notStorable = $0 { true } else { false }
    }
    #expect(try folder.names() == ["a"])
  }

  @Test func bytesAreThoseOfTheFormat() throws {
    let folder = try TemporaryFolder()
    let file = SafetensorsFile(
      metadata: ["k": "v"],
      tensors: [
        NamedTensor(name: "b", shape: [1], values: [1]),
        NamedTensor(name: "a", shape: [1, 1], values: [-2]),
      ])
    try file.write(to: folder["a"])
    // What the checksum is, other tests ask; here its place and its length.
    let written = try Data(contentsOf: folder["a"])
    let text = String(decoding: written.dropFirst(8).prefix(400), as: UTF8.self)
    let start = try #require(text.range(of: "\"spider.checksum\":\"")).upperBound
    let checksum = text[start...].prefix { $0 != "\"" }
    let header =
      "{\"__metadata__\":{\"k\":\"v\",\"spider.checksum\":\"\(checksum)\"},\"a\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[0,4]},"
      + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}"
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    #expect(
      [UInt8](written)
        == bytes(padded, [0, 0, 0, 0xC0, 0, 0, 0x80, 0x3F]))
  }

  @Test func brainFloatsAreRead() throws {
    let folder = try TemporaryFolder()
    let header = #"{"x":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}"#
    let url = try folder.file("a", bytes(header, [0x80, 0x3F, 0x49, 0xC0]))
    #expect(try SafetensorsFile.read(url)["x"]?.values == [1, -3.140625])
  }

  @Test func otherTypesAreRefusedByNameOrSkipped() throws {
    let folder = try TemporaryFolder()
    let header =
      #"{"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"#
      + #""x":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#
    let url = try folder.file("a", bytes(header, [UInt8](repeating: 0, count: 12)))
    #expect {
      try SafetensorsFile.read(url)
    } throws: {
      "\($0)".contains("tensor n is of type I64")
    }
    let file = try SafetensorsFile.read(url, otherTypes: .skip)
    #expect(file.skipped == ["n"] && file.tensors.map(\.name) == ["x"])
  }

  @Test(arguments: [
    #"{"x":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#,
    #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,9]}}"#,
    #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
    #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
    #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#,
    #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#,
    #"{"x":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
    #"{"x":{"dtype":"F32","shape":[4611686018427387904,2],"data_offsets":[0,8]}}"#,
    #"{"x":{"dtype":"F32","shape":[9223372036854775807],"data_offsets":[0,8]}}"#,
    #"{"x":{"dtype":"F32","shape":[1e30],"data_offsets":[0,8]}}"#,
    #"{"x":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}"#,
    #"{"x":{"dtype":"F32","shape":"2","data_offsets":[0,8]}}"#,
    #"{"x":{"dtype":5,"shape":[2],"data_offsets":[0,8]}}"#,
    #"{"x":{"shape":[2],"data_offsets":[0,8]}}"#,
    #"{"x":null}"#, #"{"__metadata__":{"a":1}}"#, #"{"__metadata__":{}}"#, #"[1]"#, #"{"x""#, "",
    #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
      + #""y":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
    #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
      + #""x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
  ])
  func falseHeadersAreRefused(_ header: String) throws {
    let folder = try TemporaryFolder()
    let url = try folder.file("a", bytes(header, [UInt8](repeating: 0, count: 8)))
    #expect(throws: FileError.self) { try SafetensorsFile.read(url) }
  }

  @Test func deepNestingIsRefused() throws {
    let folder = try TemporaryFolder()
    let deep =
      #"{"x":"# + String(repeating: "[", count: 200_000)
      + String(repeating: "]", count: 200_000) + "}"
    let url = try folder.file("a", bytes(deep, []))
    #expect(throws: FileError.self) { try SafetensorsFile.read(url) }
  }

  @Test func cutAndRandomFilesNeverCrash() throws {
    let folder = try TemporaryFolder()
    try content.write(to: folder["a"])
    let good = try [UInt8](Data(contentsOf: folder["a"]))
    for length in 0..<good.count {
      let url = try folder.file("b", Array(good.prefix(length)))
      #expect(throws: FileError.self, "\(length) bytes") { try SafetensorsFile.read(url) }
    }
    let hugeLength = [UInt8](repeating: 0xFF, count: 8) + good.dropFirst(8)
    #expect(throws: FileError.self) { try SafetensorsFile.read(folder.file("b", hugeLength)) }
    var generator = SeededGenerator(seed: 3)
    var read = 0
    for _ in 0..<500 {
      var bytes = good
      for _ in 0..<2 {
        bytes[generator.index(below: good.count)] = UInt8(generator.index(below: 256))
      }
      if (try? SafetensorsFile.read(folder.file("b", bytes))) != nil { read += 1 }
    }
    #expect(read < 500)
  }

  @Test(.enabled(if: TestData.goldens != nil || TestData.isRequired, "SPIDER_GOLDENS is not set"))
  func filesOfOtherProgramsAreRead() throws {
    let folder = try #require(TestData.goldens, "SPIDER_GOLDENS is not set")
    let weights = try SafetensorsFile.read(
      folder.appendingPathComponent("perx2ct_small/weights.safetensors"), otherTypes: .skip)
    #expect(weights.tensors.count == 262 && weights.skipped.count == 24)
    #expect(weights.skipped.allSatisfy { $0.hasSuffix("num_batches_tracked") })
    #expect(weights.tensors.allSatisfy { $0.values.allSatisfy(\.isFinite) })
    let inputs = try SafetensorsFile.read(
      folder.appendingPathComponent("metrics/inputs.safetensors"))
    #expect(inputs.tensors.count == 2 && inputs.skipped.isEmpty)
  }
}

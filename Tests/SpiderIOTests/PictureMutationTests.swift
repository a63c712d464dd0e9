import Foundation
import SpiderIO
import SpiderSupport
import SpiderTestSupport
import Testing

/// Whatever bytes come, reading ends with a picture of the size it says, or with an error.
///
/// SPIDER_MUTATIONS sets how many variants of each format are read.
@Suite struct PictureMutationTests {
  @Test func mutatedPictures() throws {
    let folder = try TemporaryFolder()
    let written = try WrittenPicture.all()
    let grey = (0..<120).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let png = [
      [UInt8](PNG.encodeGrey8(grey, width: 12, height: 10)),
      [UInt8](PNG.encodeRGB8(grey, width: 8, height: 5)),
      HandmadePNG.bytes(
        width: 3, height: 2, bitDepth: 8, colourType: 3,
        extra: [("PLTE", [10, 10, 10, 200, 200, 200]), ("tRNS", [0])], rows: [0, 1, 0, 1, 1, 0]),
    ]
    let seeds = [
      png, written.filter(\.isJPEG).map { Array($0.bytes) },
      written.filter { !$0.isJPEG }.map { Array($0.bytes) },
    ]
    let count = Mutations.count(otherwise: 600)
    for (format, files) in seeds.enumerated() {
      var mutations = Mutations(seed: UInt64(format))
      var read = 0
      for number in 0..<count {
        let bytes = mutations.variant(of: files[number % files.count])
        let url = try folder.file("a", bytes)
        switch Result(catching: { try GreyPicture.read(url, maxPixels: 1 << 20) }) {
        case .success(let picture):
          read += 1
          let isWhole = picture.values.count == picture.width * picture.height
          let isBounded = picture.values.allSatisfy { $0 >= 0 && $0 <= picture.fullScale }
          if !isWhole || !isBounded {
            Issue.record("seed \(number % files.count) of format \(format), variant \(number)")
          }
        case .failure(let error):
          if !(error is FileError) { Issue.record("\(error)") }
        }
      }
      #expect(read < count, "nothing was refused")
    }
  }
}

/// Makes files that are nearly sound.
struct Mutations {
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  /// How many variants to try: SPIDER_MUTATIONS, else a number that a test has time for.
  static func count(otherwise few: Int) -> Int {
    ProcessInfo.processInfo.environment["SPIDER_MUTATIONS"].flatMap { Int($0) } ?? few
  }

  private mutating func below(_ limit: Int) -> Int {
    Int.random(in: 0..<max(1, limit), using: &generator)
  }

  /// A file with a few bytes changed, set to extremes, repeated, inserted, or cut off.
  mutating func variant(of file: [UInt8]) -> [UInt8] {
    var bytes = file
    for _ in 0...below(4) {
      guard !bytes.isEmpty else { break }
      // Headers are at the front: half of all changes too.
      let place = below(below(2) == 0 ? min(64, bytes.count) : bytes.count)
      switch below(7) {
      case 0: bytes[place] ^= 1 << UInt8(below(8))
      case 1: bytes[place] = UInt8(below(256))
      case 2: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF][below(5)]
      case 3:
        bytes.replaceSubrange(place..<min(place + 4, bytes.count), with: [0xFF, 0xFF, 0xFF, 0xFF])
      case 4:
        bytes.insert(
          contentsOf: bytes[place..<min(place + below(16), bytes.count)], at: below(bytes.count))
      case 5: bytes.removeSubrange(place..<min(place + 1 + below(8), bytes.count))
      default: if below(4) == 0 { bytes.removeLast(min(bytes.count, below(40))) }
      }
    }
    return bytes
  }
}

/// Files in one answer: a tar archive (POSIX ustar), which `tar x` unpacks. Without times and owners, so that
/// equal files make equal archives.
struct TarArchive {
  private(set) var bytes: [UInt8] = []

  /// Adds a file.
  mutating func add(_ name: String, _ content: some Collection<UInt8>) {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at place: Int) {
      header.replaceSubrange(place..<place + text.utf8.count, with: text.utf8)
    }
    func octal(_ value: Int, digits: Int) -> String {
      let text = String(value, radix: 8)
      return String(repeating: "0", count: digits - text.count) + text
    }
    put(name, at: 0)
    put("0000644", at: 100)
    put("0000000", at: 108)
    put("0000000", at: 116)
    put(octal(content.count, digits: 11), at: 124)
    put("00000000000", at: 136)
    put("        ", at: 148)
    put("0", at: 156)
    put("ustar", at: 257)
    put("00", at: 263)
    put(octal(header.reduce(0) { $0 + Int($1) }, digits: 6) + "\0 ", at: 148)
    bytes += header
    bytes += content
    bytes += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }

  /// Ends the archive.
  mutating func finish() { bytes += [UInt8](repeating: 0, count: 1024) }
}

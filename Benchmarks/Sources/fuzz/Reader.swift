import Foundation
import SpiderCore

/// Reads a target's inputs one by one, and writes down which one it is at.
struct Reader {
  /// Seconds that an execution may take, and MB that it may make the process grow by. Inputs are small: a
  /// compressed byte holds about a thousand, and no format holds more.
  private static let (longest, largest) = (1.0, 64.0)
  /// Seconds after which the system ends a reader that does not.
  static let patience: UInt32 = 20

  private let target: Target
  private let folder: URL
  private let scratch: URL

  init(_ target: Target, in folder: URL, _ scratch: URL) {
    (self.target, self.folder, self.scratch) = (target, folder, scratch)
  }

  /// Where a child writes down what it has seen.
  static func file(of target: Target, in folder: URL) -> URL {
    folder.appendingPathComponent("\(target.name).progress")
  }

  private static func mark(of target: Target, in folder: URL) -> URL {
    folder.appendingPathComponent("\(target.name).current")
  }

  /// The input at which a child ended.
  static func current(of target: Target, in folder: URL) throws -> Int {
    let text = try String(contentsOf: mark(of: target, in: folder), encoding: .utf8)
    return Int(text.trimmingCharacters(in: .whitespaces)) ?? 0
  }

  /// Reads the inputs of these numbers.
  func read(_ numbers: Range<Int>) throws {
    try Parallel.withWorkerCount(1) { try readAlone(numbers) }
  }

  private func readAlone(_ numbers: Range<Int>) throws {
    let input = scratch.appendingPathComponent("input.\(target.ending)")
    let mark = Self.mark(of: target, in: folder)
    try Data().write(to: mark)
    let place = try FileHandle(forWritingTo: mark)
    var progress = Progress(current: numbers.lowerBound)
    try save(progress)
    for (index, seed) in target.seeds.enumerated() {
      // What is only made once must not count as the first input's.
      try Data(seed).write(to: input)
      do {
        try target.read(input)
      } catch  where index == 0 {
        FileHandle.standardError.write(Data("the first seed is refused: \(error)\n".utf8))
      } catch {}
    }
    let status = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/status"))
    var peak = try Self.peak(status)
    for number in numbers {
      try place.seek(toOffset: 0)
      try place.write(contentsOf: Data("\(number)      ".utf8))
      try Data(target.input(number)).write(to: input)
      alarm(Self.patience)
      let start = Self.processorSeconds()
      if (try? target.read(input)) != nil { progress.accepted += 1 }
      let seconds = Self.processorSeconds() - start
      let now = try Self.peak(status)
      if seconds > progress.slowest {
        (progress.slowest, progress.slowestInput) = (seconds, number)
      }
      if now - peak > progress.growth {
        (progress.growth, progress.growthInput) = (now - peak, number)
      }
      if seconds > Self.longest {
        progress.faults.append("\(number): " + String(format: "%.1f s", seconds))
      }
      if now - peak > Self.largest {
        progress.faults.append("\(number): " + String(format: "%.0f MB", now - peak))
      }
      peak = now
      progress.current = number
      if number % 1000 == 0 { try save(progress) }
    }
    alarm(0)
    try save(progress)
  }

  private func save(_ progress: Progress) throws {
    try JSONEncoder().encode(progress).write(
      to: Self.file(of: target, in: folder), options: .atomic)
  }

  /// Seconds of work: what else the machine does must not count. A reader that waits meets the alarm.
  private static func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }

  /// The most memory that this process has had, MB: bytes alone, since every input asks for it.
  private static func peak(_ status: FileHandle) throws -> Double {
    // Not getrusage, which begins with what the parent had.
    try status.seek(toOffset: 0)
    let bytes = try status.read(upToCount: 4096) ?? Data()
    guard let name = bytes.firstRange(of: Data("VmHWM:".utf8)) else { return 0 }
    let digits = bytes[name.upperBound...].prefix { $0 != UInt8(ascii: "\n") }
      .filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return digits.reduce(0) { 10 * $0 + Double($1 - UInt8(ascii: "0")) } / 1024
  }
}

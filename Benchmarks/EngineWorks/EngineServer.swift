import Foundation
import SpiderCore
import SpiderTensor

/// Answers requests on standard input, one JSON object a line each way, so that another program can
/// time its own work and ours in turns:
///
///     {"do": "list"}                                        -> {"works": [{"name", "operations"}]}
///     {"do": "machine"}                                     -> {"blas"}
///     {"do": "time", "work": "sgemm 64 tile 512", "repeats": 5} -> {"seconds": [...]}
///
/// An answer with `error` says what was wrong.
public struct EngineServer {
  private let works: WorkList

  private struct Request: Decodable {
    var `do`: String
    var work: String?
    var repeats: Int?
  }

  private struct Answer: Encodable {
    struct Listed: Encodable {
      let name: String
      let operations: Double
    }
    var works: [Listed]?
    var seconds: [Double]?
    /// The processor whose kernels OpenBLAS chose.
    var blas: String?
    var error: String?
  }

  /// Prepares all works, and writes what a peer needs into a folder.
  public init(folder: URL) throws {
    try PeerFiles(folder: folder).write()
    works = try WorkList()
  }

  /// Answers until standard input ends.
  public func run() throws {
    while let line = readLine() {
      var data = try JSONEncoder().encode(answer(to: line))
      data.append(UInt8(ascii: "\n"))
      FileHandle.standardOutput.write(data)
    }
  }

  private func answer(to line: String) -> Answer {
    do {
      let request = try JSONDecoder().decode(Request.self, from: Data(line.utf8))
      switch request.do {
      case "list":
        return Answer(works: works.works.map { .init(name: $0.name, operations: $0.operations) })
      case "machine":
        return Answer(blas: BLAS.coreName)
      case "time":
        guard let name = request.work, let body = try works.run(named: name) else {
          return Answer(error: "no work is named '\(request.work ?? "")'; ask for the list")
        }
        return Answer(seconds: WorkTimer.seconds(repeats: max(1, request.repeats ?? 5), body))
      default:
        return Answer(error: "'\(request.do)' is neither list, machine nor time")
      }
    } catch {
      return Answer(error: "\(error)")
    }
  }
}

import Foundation

/// The built program spider, run as a user runs it; what it says appears as it says it.
struct SpiderProgram {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let path: String
  let threads: Int?

  func run(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments + (threads.map { ["--threads", "\($0)"] } ?? [])
    print("spider \(process.arguments?.joined(separator: " ") ?? "")")
    try process.run()
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw Failure(
        description: "spider \(arguments.first ?? "") failed; mend what it says and start again: "
          + "what is finished is kept")
    }
  }
}

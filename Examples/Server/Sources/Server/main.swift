// Reconstructs heads for clients on a network: two X-rays in, a CT, its labels and a page out. README.md has
// what it takes and answers.

import Dispatch
import Foundation
import NIOCore
import NIOPosix

/// Writes a line, at once also where it is piped.
func say(_ line: String) {
  FileHandle.standardError.write(Data("server: \(line)\n".utf8))
}

func main() throws {
  let settings = try Settings(CommandLine.arguments.dropFirst())
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("spider-server-\(ProcessInfo.processInfo.processIdentifier)")
  try FileManager.default.createDirectory(
    at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  defer { try? FileManager.default.removeItem(at: folder) }

  // The network is one thread's work, the reconstructions another's: so they come one after the other.
  let network = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  let worker = NIOThreadPool(numberOfThreads: 1)
  worker.start()
  let office = Office(
    settings: settings, places: Places(settings.waiting + 1), worker: worker,
    reconstruction: try HeadReconstruction(folder: folder, limit: settings.size))
  let server = try HTTPServer(network, office).start()
  say("listening on \(server.localAddress?.description ?? "?")")

  // Ctrl-C and SIGTERM close the door; X-rays that still lie in the folder go with it.
  let stopped = DispatchSemaphore(value: 0)
  let sources = [SIGINT, SIGTERM].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler { stopped.signal() }
    source.resume()
    return source
  }
  stopped.wait()
  sources.forEach { $0.cancel() }
  try? server.close().wait()
  try? network.syncShutdownGracefully()
  try? worker.syncShutdownGracefully()
}

do {
  try main()
} catch {
  say("\(error)")
  exit(1)
}

import ArgumentParser
import Foundation

/// Training on several processes of one machine or many.
@main struct SpiderMPI: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spider-mpi",
    abstract: "Train SPIDER on several processes, on one machine or many.",
    discussion: "Example: mpirun -n 8 spider-mpi train --data data --out run --minutes 40",
    subcommands: [Train.self])

  static func main() {
    guard let world = MPICommunicator() else {
      say("this MPI cannot be used by a process with threads")
      Foundation.exit(EXIT_FAILURE)
    }
    do {
      var command = try parseAsRoot()
      if let train = command as? Train {
        let status = try train.run(with: world)
        world.end()
        Foundation.exit(status)
      }
      try command.run()
      world.end()
    } catch {
      let status = exitCode(for: error)
      if status.isSuccess {
        if world.rank == 0 { print(fullMessage(for: error)) }
        world.end()
        Foundation.exit(EXIT_SUCCESS)
      }
      // Most errors are those of all: the first process says it for them, and ends the job meanwhile.
      if world.rank > 0 { sleep(2) }
      let who = world.rank > 0 ? "process \(world.rank): " : ""
      say(who + fullMessage(for: error))
      world.abort(status.rawValue)
    }
  }
}

/// Says something to whoever watches the job.
func say(_ text: String) {
  try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
}

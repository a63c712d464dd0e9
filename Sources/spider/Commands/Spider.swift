import ArgumentParser
import SpiderIO

/// The command line: one file a subcommand, no logic of its own.
@main
struct Spider: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spider",
    abstract: "Reconstructs a head CT and its anatomy from two X-rays.",
    discussion: """
      Try it:     spider demo --out demo
      Two X-rays: spider reconstruct --view pa=front.png --view left=side.png --out ct.nii.gz
      From a CT:  spider drr ct.nii.gz --view pa --view left --out xrays

      World coordinates are the patient's, RAS+ in millimetres; CT numbers are HU. Not for diagnosis.
      Exit status: 0 success, 1 failure, 64 bad usage, 130 and 143 when told to end.
      """,
    version: SpiderRelease.version,
    subcommands: [
      Demo.self, Phantom.self, DRR.self, Prepare.self, Train.self, Reconstruct.self, Mesh.self,
      Evaluate.self, Geometry.self, Calibrate.self, Info.self, View.self, Export.self, Compare.self,
      Doctor.self, Uncertainty.self,
    ])

  /// Runs the command that was asked for. Libraries' errors get the hint which option helps.
  static func main() {
    Interruption.prepare()
    do {
      let arguments = NegativeNumbers.joined(Array(CommandLine.arguments.dropFirst()))
      if arguments == ["--version"] { return try Console.answer(BuildRecord.text) }
      try refuseUnknown(arguments.first)
      var command = try parsed(arguments)
      try command.run()
    } catch {
      // On a full disk the first of several files may be there, and the others not.
      let written = FinishedFiles.present
      if !written.isEmpty {
        Console.say("written before the error, and whole: \(written.joined(separator: ", "))")
      }
      exit(withError: CommandFailure.hinting(error))
    }
  }

  private static func parsed(_ arguments: [String]) throws -> any ParsableCommand {
    do {
      return try parseAsRoot(arguments)
    } catch {
      if exitCode(for: error) == .validationFailure { tellMisspelt(arguments, error) }
      throw error
    }
  }

  /// The parser complains of what is missing before it complains of what it does not know: of `--ot` as of the
  /// missing `--out`.
  private static func tellMisspelt(_ arguments: [String], _ error: any Error) {
    guard
      let command = configuration.subcommands.first(where: { $0._commandName == arguments.first })
    else { return }
    let help = helpMessage(for: command, columns: 200)
    let names = help.matches(of: /--[a-z][a-z0-9-]*/).map { String($0.output) }
    let said = message(for: error)
    for argument in arguments.dropFirst() where argument.hasPrefix("--") && argument.count > 2 {
      let name = String(argument.prefix { $0 != "=" })
      guard !names.contains(name), !said.contains("'\(name)'"),
        let nearest = Misspelling.nearest(to: name, among: names)
      else { continue }
      Console.say(
        "'\(name)' is no option of spider \(command._commandName); did you mean '\(nearest)'?")
    }
  }

  /// A command that is misspelt would else be taken for an argument, and the complaint be about the
  /// options behind it.
  private static func refuseUnknown(_ word: String?) throws {
    let names = configuration.subcommands.map { $0._commandName } + ["help"]
    guard let word, !word.hasPrefix("-"), !names.contains(word) else { return }
    let nearest = Misspelling.nearest(to: word, among: names)
    throw ValidationError(
      "'\(word)' is no command" + (nearest.map { "; did you mean '\($0)'?" } ?? ""))
  }
}

import ArgumentParser

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
    version: Provenance.version,
    subcommands: [
      Demo.self, Phantom.self, DRR.self, Prepare.self, Train.self, Reconstruct.self, Evaluate.self,
      Geometry.self, Calibrate.self, Info.self, View.self, Export.self, Compare.self,
    ])

  /// Runs the command that was asked for. Libraries' errors get the hint which option helps.
  static func main() {
    Interruption.prepare()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      exit(withError: CommandFailure.hinting(error))
    }
  }
}

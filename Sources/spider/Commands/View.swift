import ArgumentParser
import Foundation
import SpiderCore
import SpiderIO
import SpiderReport

struct View: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make an interactive page of volumes, labels and X-rays.",
    discussion: """
      One HTML page without network: three linked planes to scroll and window, labels over them, the bone as a \
      surface that turns, X-rays with what the volume would give in their place. What a file is, its content \
      says; labels belong to the volume named before them. Docs/Viewer.md tells mouse and keys.
      Example: spider view ct.nii.gz labels.nii.gz pa.nii.gz left.nii.gz --out page.html
      """)

  @Argument(
    help: ArgumentHelp(
      "CT volumes (NIfTI, DICOM files, folders of a DICOM series), label maps, X-rays.",
      valueName: "file"))
  var files: [String]
  @OptionGroup var radiographs: RadiographOptions
  @Option(help: ArgumentHelp("The true CT, to be shown beside.", valueName: "ct"))
  var reference: String?
  @Option(help: ArgumentHelp("The first volume's uncertainty, HU (NIfTI).", valueName: "file"))
  var uncertainty: String?
  @Option(
    help: ArgumentHelp(
      "The page to write (default: the first file's name with .html, here).", valueName: "file"))
  var out: String?
  @Flag(help: "Replace a page that exists.") var overwrite = false
  @OptionGroup var volume: VolumeOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard !files.isEmpty else { throw ValidationError("name the files to show") }
  }

  func run() throws {
    common.apply()
    let page = URL(
      fileURLWithPath: out ?? URL(fileURLWithPath: files[0]).stem + ".html")
    let read = (files + [reference, uncertainty].compactMap { $0 }).map { URL(fileURLWithPath: $0) }
    try OutputFolder.checkTargets([page], reading: read, overwrite: overwrite)
    var shown = try ViewedFiles(files, radiographs, volume)
    try shown.add(reference: reference.map { URL(fileURLWithPath: $0) })
    try shown.add(uncertainty: uncertainty.map { URL(fileURLWithPath: $0) })
    for note in shown.notes { Console.say(note) }
    try shown.page().write(to: page, overwrite: overwrite)
    if common.json {
      try Console.printJSON(
        Record(files: shown.found, warnings: shown.notes, outputs: ["report": page.path]))
    } else {
      let lines = shown.found.map { "\($0.file): \($0.kind)" }
      try Console.answer((lines + [page.path]).joined(separator: "\n"))
    }
  }

  /// What `--json` prints.
  private struct Record: Encodable {
    let files: [ViewedFiles.Found]
    let warnings: [String]
    let outputs: [String: String]
  }
}

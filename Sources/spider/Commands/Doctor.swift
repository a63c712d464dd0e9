import ArgumentParser
import Foundation
import SpiderCore
import SpiderDICOM
import SpiderDRR
import SpiderIO
import SpiderPhantom
import SpiderPretrained
import SpiderSupport
import SpiderTensor

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell whether everything is in place, and how fast this machine is.",
    discussion: """
      Names the libraries and their versions, the kernels of OpenBLAS, the instruction sets of the processor, the \
      weights with their digests; measures matrix products for two seconds and a small reconstruction. Exit status 1 \
      when weights are missing or damaged.
      Example: spider doctor
      """)

  @OptionGroup var common: CommonOptions

  func run() throws {
    common.apply()
    let report = MachineReport()
    if common.json {
      try Console.printJSON(report)
    } else {
      try Console.answer(text(report))
    }
    guard report.isSound else { throw ExitCode.failure }
  }

  private func text(_ report: MachineReport) -> String {
    var lines: [(String, String)] = [
      ("Spider", "\(report.version), commit \(report.commit ?? "unknown")"),
      ("processor", report.processor ?? "not named by the system"),
      ("processors", "\(report.processors), threads used: \(report.threads)"),
      ("memory", String(format: "%.1f GB", Double(report.memory) / 1e9)),
      ("own kernels", report.instructions + (report.bfloat16 ? ", bfloat16" : "")),
      ("BLAS", "\(report.blas); kernels \(report.blasKernels)"),
      (
        "speed",
        String(
          format: "%.0f GFLOP/s with one thread, %.0f with %d", report.gigaflopsOfOne,
          report.gigaflopsOfAll, report.threads)
      ),
      (
        "128^3 voxels",
        report.expectedSeconds.map { String(format: "in about %.1f s", $0) } ?? "not measured"
      ),
    ]
    lines += report.libraries.map { ($0.name, $0.version ?? "present; it names no version") }
    for weights in report.weights {
      lines.append(("weights \(weights.name)", weights.file ?? "not found"))
      if let digest = weights.sha256 { lines.append(("", "sha256 \(digest)")) }
      lines.append(("", weights.licence))
    }
    let width = lines.map(\.0.count).max() ?? 0
    let table = lines.map { $0.0.padding(toLength: width + 2, withPad: " ", startingAt: 0) + $0.1 }
    let advice = report.advice.isEmpty ? ["All is in place."] : report.advice.map { "To do: \($0)" }
    return (table + [""] + advice).joined(separator: "\n")
  }
}

/// What `spider doctor` finds: the program, the machine, the libraries, the weights.
struct MachineReport: Encodable {
  /// A C library.
  struct Library: Encodable {
    let name: String
    @NullWhenNil var version: String?
  }

  /// A model that comes with Spider.
  struct Weights: Encodable {
    let name: String
    let licence: String
    @NullWhenNil var file: String? = nil
    @NullWhenNil var sha256: String? = nil
    @NullWhenNil var fault: String? = nil

    init(_ model: PretrainedModel) {
      (name, licence) = (model.rawValue, model.licence)
      do {
        let url = try model.url
        file = url.path
        sha256 = try SHA256.digest(of: url)
        _ = try ModelFile.read(url)
      } catch {
        fault = "\(error)"
      }
    }
  }

  let version = SpiderRelease.version
  @NullWhenNil var commit = BuildRecord.commit
  @NullWhenNil var processor: String?
  let processors = ProcessInfo.processInfo.activeProcessorCount
  let threads = Parallel.workerCount
  let memory = ProcessInfo.processInfo.physicalMemory
  let instructions = "\(InstructionSet.best)"
  /// Whether decoding multiplies numbers of 16 bits here.
  let bfloat16 = InstructionSet.hasBfloat16
  let blas = BLAS.configuration.trimmingCharacters(in: .whitespaces)
  let blasKernels = BLAS.coreName
  let gigaflopsOfOne: Double
  let gigaflopsOfAll: Double
  let libraries: [Library]
  let weights: [Weights]
  /// Seconds that a reconstruction of 128^3 voxels will take; nil without weights.
  @NullWhenNil var expectedSeconds: Double?
  let advice: [String]

  enum CodingKeys: String, CodingKey {
    case version, commit, processor, processors, threads, libraries, weights, advice, blas, bfloat16
    case memory = "memory_bytes"
    case instructions = "instruction_set"
    case blasKernels = "blas_kernels"
    case gigaflopsOfOne = "gigaflops_one_thread"
    case gigaflopsOfAll = "gigaflops_all_threads"
    case expectedSeconds = "expected_seconds_128"
  }

  /// Looks at everything, and measures for some seconds.
  init() {
    let info = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    processor = info?.split(separator: "\n").first { $0.hasPrefix("model name") }
      .flatMap { $0.split(separator: ":").last }
      .map { $0.trimmingCharacters(in: .whitespaces) }
    gigaflopsOfOne = BLAS.gigaflops(seconds: 1, workers: 1)
    gigaflopsOfAll = BLAS.gigaflops(seconds: 1, workers: Parallel.workerCount)
    libraries =
      LibraryVersions.all.map { Library(name: $0.name, version: $0.version) }
      + [Library(name: "GDCM", version: GDCM.version)]
    weights = PretrainedModel.allCases.map { Weights($0) }
    expectedSeconds = try? Self.measure()
    advice =
      KernelAdvice.all(kernels: BLAS.coreName, instructions: .best)
      + weights.compactMap(\.fault)
  }

  /// Whether reconstructions are possible.
  var isSound: Bool { weights.allSatisfy { $0.fault == nil } }

  /// Reads X-rays of a phantom and answers for 48^3 voxels; 128^3 are that many times more.
  private static func measure() throws -> Double {
    let head = HeadPhantom(seed: 1).render(on: .canonical(size: 48))
    let model = try ModelFile.read(PretrainedModel.head.url)
    let traits = model.traits
    let radiographs = DigitalRadiograph().make(
      ct: head.ct, geometries: try traits.views.map { try traits.setup.geometry(of: $0) })
    var best = Double.infinity
    // The first time wakes memory and threads.
    for _ in 0..<2 {
      let summary: ReconstructionSummary = try model.reconstruct(
        radiographs, on: traits.grid(about: .zero, size: 48), into: { _ in })
      let voxels = Double(128 * 128 * 128) / Double(48 * 48 * 48)
      best = min(best, summary.encodeSeconds + voxels * summary.decodeSeconds)
    }
    return best
  }
}

/// What to do where OpenBLAS takes kernels that are not the processor's.
enum KernelAdvice {
  /// Kernels that use AVX2 or more, by the names of OpenBLAS.
  private static let wide: Set<String> = [
    "haswell", "zen", "skylakex", "cooperlake", "sapphirerapids",
  ]

  /// What should be done, in words; nothing where all is well.
  static func all(kernels: String, instructions: InstructionSet) -> [String] {
    guard instructions >= .avx2, !wide.contains(kernels.lowercased()) else { return [] }
    let better = instructions == .avx512 ? "SkylakeX" : "Haswell"
    return [
      "OpenBLAS does not know this processor and takes its kernels '\(kernels)', which are several times "
        + "slower than they need be: put OPENBLAS_CORETYPE=\(better) into the environment, and run spider doctor "
        + "again to see the difference"
    ]
  }
}

import Foundation
import SpiderCore
import SpiderIO

/// The models that come with Spider, as files.
///
/// They are resources of the package: the folder ``bundleName``, which the build puts beside the
/// program. A program that is installed elsewhere takes that folder along, either beside itself or into
/// `../share/spider`. Nothing here ever stops the process: a missing file is an error that says where
/// it was looked for. (The accessor that SwiftPM generates, `Bundle.module`, stops the process.)
public enum Pretrained {
  /// The folder of resources, as SwiftPM names it: package, module.
  public static let bundleName = "Spider_SpiderPretrained.resources"

  /// The SPIDER network for heads, trained on the default views.
  public static var head: URL {
    get throws { try PretrainedModel.head.url }
  }

  /// What the default model is, what it was trained on and measured to do (Markdown).
  public static var modelCard: URL {
    get throws { try PretrainedModel.head.card }
  }

  /// Finds a resource by its file name.
  ///
  /// - Throws: ``PretrainedError`` when none of the folders has it.
  package static func locate(_ name: String, among folders: [URL] = folders) throws -> URL {
    let candidates = folders.map { $0.appendingPathComponent(name, isDirectory: false) }
    guard let found = candidates.first(where: isFile) else {
      throw PretrainedError.notFound(name: name, searched: folders.map(\.path))
    }
    return found
  }

  /// The folders in which resources can be, the likeliest first.
  package static var folders: [URL] {
    var programs: [URL] = []
    if let program = Bundle.main.executableURL {
      // A link to the program (as in a `bin` folder) leads to where its resources are; the folder of
      // the link itself comes second.
      programs = [program.resolvingSymlinksInPath(), program].map {
        $0.deletingLastPathComponent()
      }
    }
    let beside = (programs + [Bundle.main.bundleURL]).map(resources)
    let shared = programs.map {
      resources(of: $0.deletingLastPathComponent().appendingPathComponent("share/spider"))
    }
    // Last, the sources this was built from, for a program that was copied away on the same machine.
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Resources", isDirectory: true)
    var seen = Set<String>()
    return (beside + shared + [sources]).filter { seen.insert($0.path).inserted }
  }

  private static func resources(of folder: URL) -> URL {
    folder.appendingPathComponent(bundleName).appendingPathComponent(
      "Resources", isDirectory: true)
  }

  private static func isFile(_ url: URL) -> Bool {
    let path = url.resolvingSymlinksInPath().path
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return attributes?[.type] as? FileAttributeType == .typeRegular
  }
}

/// The models that come with Spider, by the names by which people ask for them.
public enum PretrainedModel: String, CaseIterable, Sendable {
  /// Trained on procedural heads and on real ones whose licences allow any use. The default. Apache-2.0.
  case head
  /// Trained on the heads of OpenKBP too: nearer to real ones, and under the most restrictive reading of their
  /// licence, CC BY-NC-SA 4.0: not for commercial use.
  case headResearch = "head-research"
  /// Reads one to four X-rays from any side, in any order. Learned from what ``head`` did. Apache-2.0.
  case headAny = "head-any"

  /// The model's file.
  ///
  /// - Throws: ``PretrainedError``.
  public var url: URL {
    get throws { try Pretrained.locate("spider-\(rawValue).safetensors") }
  }

  /// What it was trained on and measured to do (Markdown).
  ///
  /// - Throws: ``PretrainedError``.
  public var card: URL {
    get throws {
      switch self {
      case .head: try Pretrained.locate("MODEL_CARD.md")
      case .headResearch: try Pretrained.locate("MODEL_CARD_RESEARCH.md")
      case .headAny: try Pretrained.locate("MODEL_CARD_ANY.md")
      }
    }
  }

  /// The licence of its weights, as SPDX writes it.
  public var licence: String {
    switch self {
    case .head, .headAny: "Apache-2.0"
    case .headResearch: "CC-BY-NC-SA-4.0"
    }
  }
}

/// Why a model that comes with Spider cannot be used.
public enum PretrainedError: Error, Equatable, CustomStringConvertible {
  /// The file is in none of the folders in which it can be.
  case notFound(name: String, searched: [String])

  /// What is missing, where it was looked for, and what to do.
  public var description: String {
    switch self {
    case .notFound(let name, let searched):
      let places = searched.map { "\n  \($0)" }.joined()
      return
        "\(name), which comes with Spider, was not found. Put the folder \(Pretrained.bundleName) of "
        + "the build beside the program, or give another model file. Looked in:\(places)"
    }
  }
}

extension Reconstructor {
  /// The reconstructor of heads with the weights that come with Spider, which looks at X-rays before it uses
  /// them.
  ///
  /// ```swift
  /// let result = try Reconstructor.pretrained().reconstruct([pa, left])
  /// ```
  ///
  /// - Parameter model: which of them.
  /// - Throws: ``PretrainedError`` when the weights are not where they can be, or ``/SpiderIO/FileError``.
  public static func pretrained(_ model: PretrainedModel = .head) throws -> Reconstructor {
    Reconstructor(
      model: try ModelFile.read(model.url), inspection: XrayInspection(try .pretrained()))
  }
}

extension XrayInspector {
  /// The inspector of head X-rays that comes with Spider.
  ///
  /// - Throws: ``PretrainedError`` when its weights are not where they can be, or ``/SpiderIO/FileError``.
  public static func pretrained() throws -> XrayInspector {
    try InspectorFile.read(Pretrained.locate("xray-inspector.safetensors"))
  }
}

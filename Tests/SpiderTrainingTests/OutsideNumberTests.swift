import Foundation
import SpiderCore
import SpiderDataSet
import SpiderIO
import SpiderTestSupport
import SpiderTraining
import Testing

/// Numbers that come from files: each has a range, and what lies beyond is refused by name.
struct OutsideNumberTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  // MARK: dataset.json

  private func open(_ change: (inout [String: Any]) -> Void) throws -> DataSet {
    let index = DataSetIndex(size: 32, fieldOfView: 256)
    let data = try JSONEncoder().encode(index)
    var object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    change(&object)
    try JSONSerialization.data(withJSONObject: object)
      .write(to: folder["dataset.json"])
    return try DataSet(open: folder.url)
  }

  private func refuses(_ key: String, _ change: (inout [String: Any]) -> Void) {
    #expect {
      try open(change)
    } throws: { error in
      if case FileError.badValue(_, key, _) = error { true } else { false }
    }
  }

  @Test func aSoundIndexIsRead() throws {
    #expect(try open { _ in }.index.size == 32)
  }

  @Test func impossibleIndicesAreRefusedByKey() {
    for side in [1e-300, 1e300, 0, -256] {
      refuses("field_of_view_mm") { $0["field_of_view_mm"] = side }
    }
    for size in [0, -1, 1 << 40] { refuses("size") { $0["size"] = size } }
    refuses("window") { $0["window"] = ["low": 2000, "high": -1000] }
    refuses("window") { $0["window"] = ["low": -1e30, "high": 1e30] }
    refuses("scheme") { $0["scheme"] = ["name": "x", "classes": [String](), "bone": [String]()] }
    let many = ["background"] + (0..<300).map { "c\($0)" }
    refuses("scheme") { $0["scheme"] = ["name": "x", "classes": many, "bone": [String]()] }
    refuses("scheme") {
      $0["scheme"] = ["name": "x", "classes": ["background", "a", "a"], "bone": [String]()]
    }
    refuses("scheme") { $0["scheme"] = ["name": "x", "classes": ["background"], "bone": ["b"]] }
    refuses("geometry") { object in
      var geometry = object["geometry"] as? [String: Any] ?? [:]
      geometry["sad_mm"] = 1e300
      object["geometry"] = geometry
    }
  }

  @Test func anIsocentreBeyondTheWorldIsRefused() {
    refuses("cases") { object in
      object["cases"] = [
        [
          "id": "a", "patient": "a", "split": "train", "is_real": false,
          "isocenter_mm": [1e308, 0, 0], "label_source": "given", "notes": [String](),
          "checksums": ["ct.nii.gz": "fnv1a64:1", "labels.nii.gz": "fnv1a64:2"],
        ] as [String: Any]
      ]
    }
  }

  // MARK: Configurations

  private func read(_ yaml: String) throws -> TrainingConfiguration {
    try Data(yaml.utf8).write(to: folder["c.yaml"])
    return try TrainingConfiguration.read(folder["c.yaml"])
  }

  private func fault(_ yaml: String) -> String? {
    do {
      _ = try read(yaml)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func aliasesThatGrowAreRefused() throws {
    var yaml = "model:\n  training:\n    k0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...12 {
      yaml +=
        "    k\(level): &a\(level) ["
        + [String](repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
    }
    #expect(try #require(fault(yaml)).contains("aliases"))
    // A few do no harm.
    #expect(fault("steps: &n 7\nlogInterval: *n\n") == nil)
  }

  /// A picture is no line integral, at whatever step it is drawn.
  @Test func absoluteModelsAreTrainedWithoutPictures() {
    let absolute = "model: {intensity: absolute}\naugmentation: {physics: "
    #expect(fault(absolute + "{pictureShare: 0.1}}\n")?.contains("line integrals") == true)
    #expect(fault(absolute + "{pictureShare: 0}}\n") == nil)
    #expect(fault(absolute + "{share: 0}}\n") == nil)
  }

  /// A person reads it who wrote the file: the setting by its place, no names of Swift, nothing of copies.
  @Test(arguments: [
    ("steps: many", "\"steps\" must be a whole number"), ("augmentation: 3", "a group of settings"),
    ("model: {views: [pa, sideways]}", "\"model.views[1]\" is none of"),
    ("adam: {epsilon: [1]}", "\"adam.epsilon\" must be a single value"),
    ("stepz: 3", "\"stepz\" is no setting"),
    ("lossBalance: loud", "\"lossBalance\" is none of"),
    ("model: {fieldOfView: 0.5}", "a field of view of 0.5 mm; it must be 1 to 100000 mm"),
    ("model: {training: [a]}", "group of settings"),
    ("model: {intensity: absolute}", "augmentation.physics.pictureShare"),
    (
      "model: {architecture: {encoderWidths: 7}}",
      "\"model.architecture.encoderWidths\" must be a list"
    ),
  ])
  func wrongSettingsAreNamedInWords(yaml: String, says: String) throws {
    let text = try #require(fault(yaml))
    #expect(text.contains(says), "\(text)")
    #expect(
      !text.contains(#/\b(Int|Double|String|Dictionary|Index|Array|Node|DecodingError|copy)\b/#),
      "\(text)")
  }

  /// Every setting that is one of a few words lists them when it is another word.
  @Test func settingsOfFewValuesListThem() throws {
    for (yaml, values) in [
      ("lossBalance: loud", "uncertainty"), ("unlabelled: maybe", "ctNumber, ignored"),
      ("model: {architecture: {pooling: attention}}", ": concatenate, mean"),
      ("model: {intensity: bright}", ": absolute, relative"),
      ("model: {views: [pa, sideways]}", ": pa, ap, left, right, or degrees"),
    ] {
      let text = try #require(fault(yaml))
      #expect(text.contains(values), "\(yaml): \(text)")
    }
    try Data("model: {architecture: {perx2ct: {camera: none}}}".utf8).write(to: folder["p.yaml"])
    #expect {
      try BaselineConfiguration.read(folder["p.yaml"], defaults: .perX2CT)
    } throws: {
      "\($0)".contains(": published, true-geometry")
    }
  }

  /// What configuration and data set must say alike, with both values and what to do.
  @Test func contradictionsHaveARemedy() throws {
    let index = DataSetIndex(size: 32, fieldOfView: 200)
    for text in [
      TrainingConfiguration().contradiction(with: index),
      BaselinePreset.x2ctGAN.configuration.contradiction(with: index),
    ] {
      let text = try #require(text)
      #expect(text.contains("is 256.0 mm, the data set's 200.0 mm; state the"), "\(text)")
    }
    var other = TrainingConfiguration()
    other.model.fieldOfView = 200
    other.model.scheme = LabelScheme(name: "mine", classes: ["background", "a"], bone: [])
    let scheme = try #require(other.contradiction(with: index))
    #expect(scheme.contains("'mine', the data set's 'head'; state the data set's"), "\(scheme)")
  }

  @Test func depthAndSizeAreBounded() throws {
    let brackets = String(repeating: "[", count: 100_000)
    #expect(try #require(fault("steps: " + brackets)).contains("deeper"))
    #expect(try #require(fault(String(repeating: "- ", count: 50_000) + "1")).contains("deeper"))
    #expect(try #require(fault("# " + String(repeating: "x", count: 2 << 20))).contains("bytes"))
  }

  @Test func settingsThatVanishInSinglePrecisionAreRefused() throws {
    for yaml in [
      "adam: {epsilon: 1e-320}", "learningRate: {peak: 1e-320}", "gradientLimit: 1e-320",
    ] {
      #expect(fault(yaml) != nil, "\(yaml)")
    }
    #expect(fault("adam: {epsilon: 1e-8}") == nil)
  }

  @Test func memoryIsEstimatedBeforeItIsTaken() throws {
    let usual = Preset.standard.configuration.memory
    #expect(usual.total > 50_000_000 && usual.total < 8_000_000_000, "\(usual)")
    let wide = try read(
      """
      model:
        architecture:
          encoderWidths: [8192, 8192, 8192, 8192]
          hiddenWidths: [8192, 8192]
      """
    ).memory
    #expect(wide.total > 39_000_000_000)
    let many = try read("patientsPerStep: 1024\nsampling: {count: 1048576}\n").memory
    #expect(many.largest.contains("batches") && many.total > 39_000_000_000)
    let code = try read(
      "model: {architecture: {code: {hash: {levels: 32, features: 16, tableBits: 22, coarsest: 16, finest: 4096}}}}\n"
    ).memory
    #expect(code.largest.contains("weights") && code.total > 8_000_000_000)
    for preset in BaselinePreset.allCases {
      let memory = preset.configuration.memory.total
      #expect(memory > 10_000_000 && memory < 40_000_000_000, "\(preset) \(memory)")
    }
    // Four patients a step, more than 20 GB of memory when it was tried.
    #expect(BaselinePreset.x2ctGAN.configuration.memory.total > 20_000_000_000)
  }
}

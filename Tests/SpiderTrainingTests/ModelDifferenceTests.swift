import SpiderCore
import SpiderPhantom
import SpiderTestSupport
import SpiderTraining
import Synchronization
import Testing

/// A run that cannot start from a model says in what they differ, with both values.
@Suite struct ModelDifferenceTests {
  private static let patients = CaseLibrary([
    {
      let head = HeadPhantom(seed: 1).render(on: .canonical(size: 16))
      return TrainingCase(id: "one", isReal: false, ct: head.ct, labels: head.labels)
    }()
  ])

  /// What is said when a run of another description starts from the tiny model; nil when it starts.
  private func words(_ change: (inout ModelDescription) -> Void) throws -> String? {
    var configuration = Preset.quick.configuration
    configuration.model = tinyModel().description
    change(&configuration.model)
    do {
      _ = try SpiderRecipe(configuration, training: Self.patients, from: tinyModel())
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func bothValuesAreStated() throws {
    let widths = try #require(try words { $0.architecture.hiddenWidths = [8, 8] })
    #expect(widths.contains("its network: hiddenWidths [12,12] there, [8,8] here"), "\(widths)")
    #expect(!widths.contains("encoderWidths"), "what agrees is not listed: \(widths)")
    let two = try #require(
      try words {
        $0.architecture.hiddenWidths = [8, 8]
        $0.architecture.featuresPerView = 7
      })
    #expect(two.contains("featuresPerView 5 there, 7 here; hiddenWidths"), "\(two)")
    let field = try #require(try words { $0.fieldOfView = 200 })
    #expect(field.contains("its field of view: 256.0 mm there, 200.0 mm here"), "\(field)")
    let window = try #require(try words { $0.window = CTWindow(low: -1000, high: 3000) })
    #expect(window.contains("high 2000 there, 3000 here"), "\(window)")
  }

  /// What a run can teach may differ.
  @Test func viewsAndGeometryMayDiffer() throws {
    #expect(try words { $0.setup.sourceToAxis = 900 } == nil)
    #expect(try words { $0.views = [.ap, .right] } == nil)
  }

  /// What a run says before its first step when it starts from the tiny model.
  private func notes(_ change: (inout ModelDescription) -> Void) throws -> [String] {
    var configuration = Preset.quick.configuration
    configuration.model = tinyModel().description
    change(&configuration.model)
    return try SpiderRecipe(configuration, training: Self.patients, from: tinyModel()).notes
  }

  /// But the run says what it has to teach.
  @Test func whatMayDifferIsTold() throws {
    #expect(try notes { _ in } == [])
    let views = try notes { $0.views = [.ap, .right] }
    #expect(views.count == 1 && views[0].contains("its views: pa, left there, ap, right here"))
    let order = try notes { $0.views.reverse() }
    #expect(order[0].contains("the order of its views: pa, left there, left, pa here"), "\(order)")
    #expect(order[0].contains("state model.views"), "\(order)")
    let axis = tinyModel().description.setup.sourceToAxis
    let setup = try notes { $0.setup.sourceToAxis = 900 }
    let stated = "\(Int(axis)) there, 900 here"
    #expect(setup.count == 1 && setup[0].contains(stated), "\(setup)")
    #expect(!setup[0].contains("views: "), "what agrees is not told: \(setup)")
    // What only arithmetic tells apart.
    #expect(try notes { $0.setup.pixelSize *= 1 + 1e-14 } == [])
    // A run without such a model has nothing to say.
    var configuration = Preset.quick.configuration
    configuration.model = tinyModel().description
    #expect(try SpiderRecipe(configuration, training: Self.patients).notes == [])
  }

  /// It is said once, at the start; a run that is resumed has said it.
  @Test func theRunTellsItOnce() throws {
    let folder = try TemporaryFolder()
    var configuration = Preset.quick.configuration
    configuration.model = tinyModel().description
    configuration.model.views.reverse()
    configuration.patientsPerStep = 1
    configuration.sampling.count = 64
    configuration.steps = 1
    func told(resume: Bool) throws -> Int {
      let notes = Mutex(0)
      let recipe = try SpiderRecipe(configuration, training: Self.patients, from: tinyModel())
      _ = try TrainingRun(
        recipe, validation: CaseLibrary([TrainingCase]()), folder: RunFolder(folder["run"])
      ).run(resume: resume) { event in
        if case .note(let text) = event, text.contains("made for other X-rays") {
          notes.withLock { $0 += 1 }
        }
      }
      return notes.withLock { $0 }
    }
    #expect(try told(resume: false) == 1)
    #expect(try told(resume: true) == 0)
  }
}

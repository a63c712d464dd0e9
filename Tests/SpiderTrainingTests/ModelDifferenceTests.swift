import SpiderCore
import SpiderPhantom
import SpiderTestSupport
import SpiderTraining
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
}

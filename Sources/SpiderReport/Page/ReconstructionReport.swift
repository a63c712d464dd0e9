import Foundation
import SpiderCore
import SpiderDRR
import SpiderEvaluation
import SpiderIO
import SpiderSupport

/// The report of one reconstruction: X-rays, slices, figures, and what made them.
public struct ReconstructionReport {
  /// The description of the model in a report.
  public struct Model: Sendable {
    /// The views it reads.
    public var views: [NamedView]
    /// Between how many it reads from any side; nil: those named.
    public var anyViews: ViewCounts?
    /// The side of what it shows, mm.
    public var fieldOfView: Double
    /// The CT numbers it knows.
    public var window: CTWindow
    /// The scheme of its labels.
    public var scheme: LabelScheme
    /// The record of its training.
    public var training: [String: String]

    /// Describes a model.
    public init(
      views: [NamedView], anyViews: ViewCounts? = nil, fieldOfView: Double, window: CTWindow,
      scheme: LabelScheme = .head,
      training: [String: String] = [:]
    ) {
      self.views = views
      self.anyViews = anyViews
      self.fieldOfView = fieldOfView
      self.window = window
      self.scheme = scheme
      self.training = training
    }
  }

  /// The X-rays with their titles, as they were given.
  public var views: [RadiographFigure.Panel]
  /// The result, HU, and its labels.
  public var result: (ct: Volume, labels: LabelVolume)
  /// How far the CT numbers may be off, HU, where it is known.
  package var uncertainty: Volume?
  /// The grid that was reconstructed, where the result shown is a coarser one.
  public var grid: VoxelGrid?
  /// The true CT, and its labels, where they are known.
  public var truth: (ct: Volume, labels: LabelVolume?)?
  /// Figures derived from the labels, with their intervals.
  public var measurements: [MeasuredFigure] = []
  /// The model.
  public var model: Model
  /// The figures, where the truth is known.
  public var evaluation: EvaluationSummary?
  /// The figures of baselines on the same patient.
  package var baselines: [TrivialAnswers.Score] = []
  /// How well the result explains each X-ray; nil where it shows too little of the patient to say.
  public var fits: [Reprojection.View]?
  /// All of the field of view, where the result shows a part of it: what is held against the X-rays. nil holds the
  /// result against them.
  public var whole: Volume?
  /// How the model's training went, where its log is at hand.
  package var curve: LearningCurve?
  /// Warnings to read before the rest.
  public var warnings: [String] = []
  /// Further facts: files, times.
  public var facts: [ReportPage.Fact] = []
  /// The page's title.
  public var title = "Reconstruction from X-rays"

  /// Gathers what a report shows.
  public init(
    views: [RadiographFigure.Panel], result: (ct: Volume, labels: LabelVolume),
    model: Model
  ) {
    self.views = views
    self.result = result
    self.model = model
  }

  /// The slices, truth beside result where the truth is known.
  public func slices() -> RGBImage {
    SliceFigure(
      result: result.ct, resultLabels: result.labels, truth: truth?.ct, truthLabels: truth?.labels
    ).render()
  }

  /// The page.
  public func page() -> ReportPage {
    var page = ReportPage(title: title)
    page.subtitle = "A CT and its anatomy, estimated from \(counted(views.count, "X-ray"))"
    page.warnings = warnings
    let tables = evaluation.map {
      EvaluationTables($0, scheme: model.scheme, baselines: baselines)
    }
    page.headline = tables?.headline ?? agreements
    page.pictures = [
      picture("X-rays", RadiographFigure(panels: views).render(), "The X-rays, as they hang."),
      picture(
        "Slices", slices(),
        truth == nil
          ? "The reconstructed CT, and its labels over it."
          : "Truth beside result: CT, and labels over it."),
    ]
    page.viewer = ViewerPayload(viewed, still: SurfaceRendering.still(of: result.ct).png)
    page.tables = (tables?.all ?? []) + (measurements.isEmpty ? [] : [.init(measurements)])
    page.curves = curves
    let training = model.training.keys.sorted().map {
      ReportPage.Fact($0, model.training[$0] ?? "")
    }
    let shown = (page.viewer?.note).map { [ReportPage.Fact("On this page", $0)] } ?? []
    page.facts = [
      .init(title: "This reconstruction", facts: gridFacts + shown + errors + facts),
      .init(title: "The model", facts: modelFacts + training),
    ]
    page.notes = ReportPage.conventions + (evaluation.map { [$0.convention] } ?? [])
    return page
  }

  /// What is turned over on the page.
  private var viewed: ViewerContent {
    var layers = [
      ViewerContent.Layer(
        "Result", result.ct, labels: result.labels, uncertainty: uncertainty)
    ]
    if let truth { layers.append(.init("Truth", truth.ct, role: .truth, labels: truth.labels)) }
    var content = ViewerContent([
      .init(
        title, layers,
        views: views.map {
          .init($0.title, $0.radiograph, explainedBy: fits == nil ? nil : whole ?? result.ct)
        })
    ])
    content.scheme = model.scheme
    return content
  }

  /// What there is to say of a result whose truth nobody knows.
  private var agreements: [ReportPage.Fact] {
    zip(views, fits ?? []).compactMap { view, fit in
      let words = FitWords(fit, view.radiograph.intensity)
      guard let agreement = words.agreement else { return nil }
      return ReportPage.Fact(
        "Agreement with \(view.title)", agreement, beside: "1 is full; \(words.usualAgreement)")
    }
  }

  /// The errors, which only the X-rays' own kind explains.
  private var errors: [ReportPage.Fact] {
    zip(views, fits ?? []).compactMap { view, fit in
      FitWords(fit, view.radiograph.intensity).error.map {
        ReportPage.Fact("Re-projection error of \(view.title)", $0)
      }
    }
  }

  private var curves: [CurveFigure] {
    guard let curve, curve.points.count > 1 else { return [] }
    return [
      CurveFigure(
        title: "The model's training", x: "minutes", y: "PSNR in the body, validation [dB]",
        series: [.init("validation", curve.points.map { SIMD2($0.seconds / 60, $0.psnrBody) })])
    ]
  }

  private func picture(_ title: String, _ image: RGBImage, _ caption: String)
    -> ReportPage.Picture
  {
    .init(
      title: title,
      png: PNG.encodeRGB8(image.pixels, width: image.width, height: image.height),
      caption: caption)
  }

  private var gridFacts: [ReportPage.Fact] {
    let grid = grid ?? result.ct.grid
    let spacing = String(
      format: "%.4g x %.4g x %.4g mm", grid.spacing.x, grid.spacing.y, grid.spacing.z)
    return [
      .init("Voxels", "\(grid.nx) x \(grid.ny) x \(grid.nz)"), .init("Spacing", spacing),
      .init("Orientation", grid.orientation.description),
    ]
  }

  private var modelFacts: [ReportPage.Fact] {
    [
      .init(
        "Views",
        model.anyViews?.description ?? model.views.map(\.description).joined(separator: ", ")),
      .init("Field of view", String(format: "%.5g mm", model.fieldOfView)),
      .init("CT window", "\(model.window.low) to \(model.window.high) HU"),
    ]
  }
}

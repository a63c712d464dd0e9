import Foundation
import SpiderCore
import SpiderIO
import SpiderReport

extension ReconstructionRun {
  /// The page about a reconstruction.
  func page(
    about shown: (ct: Volume, labels: LabelVolume), of views: PreparedViews,
    by argument: ModelArgument, on voxels: VoxelGrid, _ record: ReconstructionRecord
  ) -> ReconstructionReport {
    let traits = argument.model.traits
    let panels = zip(radiographs.views, views.given).map {
      RadiographFigure.Panel(title: title(of: $0, $1.geometry), radiograph: $1)
    }
    var content = ReconstructionReport(views: panels, result: shown, model: .init(traits))
    content.grid = voxels
    content.curve = argument.curve
    content.facts = [
      .init("Network", traits.name),
      .init("Reading the X-rays", String(format: "%.2f s", record.seconds.encode)),
      .init("Answering for the voxels", String(format: "%.2f s", record.seconds.decode)),
    ]
    // Only some models know air from the X-rays alone.
    if record.pointsCulled > 0 {
      let share = 100 * Double(record.pointsCulled) / Double(record.points)
      content.facts.append(
        .init("Voxels taken for air by the X-rays", String(format: "%.0f %%", share)))
    }
    content.facts += record.refinement?.facts(of: names) ?? []
    content.facts.append(.init("CT", targets.ct.lastPathComponent))
    content.facts += panels.map { PageProvenance.fact($0.title, $0.radiograph.geometry) }
    content.facts += argument.facts + PageProvenance.program
    return content
  }

  /// The view's name where it was given or the geometry is just that view's, else the file's name.
  private func title(of view: ViewSpecification, _ geometry: ProjectionGeometry) -> String {
    let sides: [NamedView] = [.pa, .ap, .left, .right]
    // `agrees` allows 45 degrees to what the user names; what nobody named must be within 5.
    let known = sides.first {
      $0.agrees(with: geometry)
        && dot(-geometry.centralDirection, $0.sourceDirection) > cos(5 * Double.pi / 180)
    }
    return (view.view ?? known)?.description ?? view.image.stem
  }
}

extension ReconstructionReport.Model {
  /// What a report says about any model; one that shows any grid is shown over the default one.
  init(_ traits: ModelTraits) {
    self.init(
      views: traits.views, anyViews: traits.anyViews, fieldOfView: traits.fieldOfView ?? 256,
      window: traits.window,
      scheme: traits.scheme ?? .head, training: traits.training)
  }
}

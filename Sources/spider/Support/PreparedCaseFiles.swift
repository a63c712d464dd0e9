import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderDRR
import SpiderEvaluation
import SpiderReport
import SpiderTraining

/// What is written beside a prepared case for people: a contact sheet and what was decided.
struct PreparedCaseFiles {
  let head: PreparedHead
  let scan: Volume
  let name: String
  let scheme: LabelScheme

  func attachments() throws -> [String: Data] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return [
      "preparation.json": try encoder.encode(head.report),
      "contact.png": try sheet().render().png,
    ]
  }

  private func sheet() throws -> ContactSheet {
    let exit = TruncatedTissue(ct: head.ct, labels: head.labels)
    let attenuation = Attenuation.standard.attenuation(of: head.ct)
    let setup = ViewSetup()
    let panels = try [NamedView.pa, .left].map { view in
      let geometry = try setup.geometry(of: view, isocenter: head.isocenter)
      let values = JosephProjector().forward(attenuation, geometry)
      let radiograph = Radiograph(
        geometry: geometry, values: values, mask: exit.mask(geometry, grid: head.ct.grid))
      return RadiographFigure.Panel(title: view.description, radiograph: radiograph)
    }
    return ContactSheet(
      scan: scan, ct: head.ct, labels: head.labels, scheme: scheme, radiographs: panels,
      title: name, notes: head.notes)
  }
}

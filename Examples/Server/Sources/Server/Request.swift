import NIOHTTP1
import SpiderCore

/// What a form asks for.
struct Request {
  /// An X-ray of it.
  struct View {
    let name: String
    let view: NamedView
    let image: ArraySlice<UInt8>
    /// The content of its geometry file.
    let geometry: ArraySlice<UInt8>?
    /// How it was taken where there is no such file.
    let beam: Beam?
  }

  /// Distances and pixels, mm.
  struct Beam {
    let sad: Double
    let sid: Double
    let pixel: Double
  }

  /// In the order in which they came.
  let views: [View]
  /// Voxels a side.
  let size: Int

  private static let numbers = ["sad", "sid", "pixel"]

  /// Reads the fields of a form; one that is not known is an error.
  ///
  /// - Throws: ``Refusal``.
  init(_ form: Form, limit: Int) throws(Refusal) {
    let size = form.text("size").map { Int($0) ?? 0 } ?? min(128, limit)
    guard (8...limit).contains(size) else {
      throw Refusal(.badRequest, "the field 'size' is a whole number from 8 to \(limit)")
    }
    self.size = size
    let beam = try Self.beam(form)
    var views: [View] = []
    for name in form.names {
      guard let content = form.fields[name] else { continue }
      if name == "size" || Self.numbers.contains(name) { continue }
      if name.hasSuffix(".json"), form.fields[String(name.dropLast(5))] != nil { continue }
      guard let view = NamedView(name) else {
        throw Refusal(
          .badRequest,
          "the field '\(name)' is not known; X-rays are the fields pa, ap, left, right or a gantry angle, "
            + "their geometry files pa.json and so on, and there are size, sad, sid and pixel")
      }
      views.append(
        View(
          name: name, view: view, image: content, geometry: form.fields["\(name).json"], beam: beam)
      )
    }
    self.views = views
  }

  private static func beam(_ form: Form) throws(Refusal) -> Beam? {
    let given = numbers.map { form.text($0) }
    guard given.contains(where: { $0 != nil }) else { return nil }
    let values = given.map { $0.flatMap(Double.init) ?? 0 }
    guard values.allSatisfy({ $0 > 0 && $0 <= 1e5 }), values[1] >= values[0] else {
      throw Refusal(
        .badRequest,
        "the fields sad, sid and pixel go together: lengths in mm, sid not less than sad")
    }
    return Beam(sad: values[0], sid: values[1], pixel: values[2])
  }
}

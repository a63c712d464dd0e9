import Foundation
import SpiderBaselines
import SpiderCore
import SpiderDRR
import SpiderIO
import SpiderTestSupport
import Testing

/// Model files of published networks, and what is reconstructed with them.
@Suite struct BaselineModelTests {
  private static func x2ct(feedsBack: Bool = true, instances: Bool = true) -> BaselineModel {
    var architecture = X2CTArchitecture()
    architecture.generator.encoderBlocks = [1, 1, 1, 1, 1]
    architecture.generator.encoderFirst = 4
    architecture.generator.growthRate = 2
    architecture.generator.decoderChannels = [2, 2, 2, 4, 4, 4]
    architecture.generator.inputSize = 64
    architecture.feedsBack = feedsBack
    architecture.encoderUsesInstances = instances
    architecture.decoderUsesInstances = instances
    return model(.x2ctGAN(architecture))
  }

  private static func perX2CT(_ camera: PerX2CTConfiguration.Camera = .published) -> BaselineModel {
    var network = PerX2CTConfiguration()
    network.size = 32
    network.width = 32
    network.encoderWidth = 4
    network.camera = camera
    return model(.perX2CT(network))
  }

  private static func model(_ architecture: BaselineArchitecture) -> BaselineModel {
    var description = BaselineDescription(architecture: architecture, training: ["steps": "0"])
    description.setup = description.fittingDetector(sourceToAxis: 1000, sourceToDetector: 1500)
    var model = BaselineModel(description, seed: 3)
    // A volume that is not zero everywhere, for the positive part of the head would make it so.
    for parameter in model.network.layout.parameters
    where parameter.name == "decoder_layer.0.bias" || parameter.name == "decoder.conv_out.bias" {
      model.parameters.set(parameter, [Float](repeating: 0.3, count: parameter.count))
    }
    // Running variances near what there is, or nothing would be left after a few layers.
    for parameter in model.network.layout.parameters where parameter.name.hasSuffix("running_var") {
      model.parameters.set(parameter, [Float](repeating: 0.01, count: parameter.count))
    }
    return model
  }

  private static let models: [BaselineModel] = [
    x2ct(), x2ct(feedsBack: false), x2ct(instances: false), perX2CT(), perX2CT(.trueGeometry),
  ]

  private func file() -> URL {
    FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).safetensors")
  }

  /// Two dots of bone in air, off every plane of symmetry, and their X-rays as a command is given them.
  private func radiographs(_ views: [NamedView], shift: Vector3 = .zero) throws -> [Radiograph] {
    let grid = VoxelGrid.canonical(size: 32, center: shift)
    let ct = Volume(
      grid: grid,
      values: (0..<grid.count).map { index in
        let v = grid.voxel(at: index)
        let p = grid.worldPoint(Double(v.x), Double(v.y), Double(v.z)) - shift
        return min(length(p - Vector3(40, 30, 50)), length(p - Vector3(-20, -40, -10))) < 30
          ? 1000 : -1000
      })
    return try views.map {
      DigitalRadiograph().make(
        ct: ct, geometry: try ViewSetup().geometry(of: $0, isocenter: shift))
    }
  }

  @Test(.slow, arguments: models.indices) func aFileHoldsAllOfIt(_ index: Int) throws {
    let (model, url) = (Self.models[index], file())
    defer { try? FileManager.default.removeItem(at: url) }
    try BaselineModelFile.write(model, to: url)
    let read = try BaselineModelFile.read(url)
    #expect(read.description == model.description)
    #expect(read.parameters.storage.values == model.parameters.storage.values)
    let given = try radiographs([.pa, .left])
    let grid = VoxelGrid.canonical(size: 16)
    let (a, b) = (
      try model.reconstruct(given, on: grid),
      try read.reconstruct(given, on: grid)
    )
    #expect(a.ct.values == b.ct.values && a.summary.warnings.isEmpty)
    #expect(Set(a.ct.values).count > 10, "a volume with nothing in it")
    #expect(BaselineSummary(read).facts.contains { $0.name == "training, steps" })
  }

  /// Order, detector and place of the patient in the world change nothing: the volume moves along.
  @Test(.slow) func theWorldMovesAlong() throws {
    for model in [Self.x2ct(), Self.perX2CT(), Self.perX2CT(.trueGeometry)] {
      let plain = try model.reconstruct(
        radiographs([.pa, .left]), on: .canonical(size: 16))
      let shift = Vector3(100, -50, 30)
      let moved = try model.reconstruct(
        Array(radiographs([.pa, .left], shift: shift).reversed()),
        on: .canonical(size: 16, center: shift))
      expectClose(moved.ct.values, plain.ct.values, atol: 0.5)
      // Beyond the field of view there is air.
      let beyond = try model.reconstruct(
        radiographs([.pa, .left]), on: .canonical(size: 4, center: Vector3(600, 0, 0)))
      #expect(beyond.ct.values.allSatisfy { $0 == -1000 } && !beyond.summary.warnings.isEmpty)
    }
  }

  /// A mirrored patient X-rayed from the other side gives the mirrored volume, bit for bit but for
  /// rounding: storage follows the side of the source.
  @Test func theOtherSideIsAMirrorImage() throws {
    for architecture in [
      Self.x2ct().description.architecture, Self.perX2CT().description.architecture,
    ] {
      var (left, right) = (Self.model(architecture), Self.model(architecture))
      left.description.views = [.pa, .left]
      right.description.views = [.pa, .right]
      let grid = VoxelGrid.canonical(size: 16)
      let given = try radiographs([.pa, .left])
      // The mirror image of each X-ray: x becomes -x.
      let mirrored = try given.map { radiograph in
        let g = radiograph.geometry
        func turned(_ v: Vector3) -> Vector3 { Vector3(-v.x, v.y, v.z) }
        guard case .cone(let source) = g.beam else { return radiograph }
        return Radiograph(
          geometry: try ProjectionGeometry(
            beam: .cone(source: turned(source)), pixelOrigin: turned(g.pixelOrigin),
            columnStep: turned(g.columnStep), rowStep: turned(g.rowStep), columns: g.columns,
            rows: g.rows, isocenter: g.isocenter), values: radiograph.values)
      }
      let a = try left.reconstruct(given, on: grid).ct
      let b = try right.reconstruct(mirrored, on: grid).ct
      let flipped = a.values.indices.map { index in
        let v = grid.voxel(at: index)
        return b.values[grid.index(15 - v.x, v.y, v.z)]
      }
      expectClose(flipped, a.values, atol: 0.5)
    }
  }

  @Test func otherViewsAreRefused() throws {
    let model = Self.x2ct()
    let grid = VoxelGrid.canonical(size: 8)
    let one = try radiographs([.pa])
    #expect(throws: ViewError.count(given: 1, expected: 2, views: [.pa, .left])) {
      try model.reconstruct(one, on: grid)
    }
    let wrong = try radiographs([.pa, .gantry(degrees: 225)])
    #expect {
      _ = try model.reconstruct(wrong, on: grid)
    } throws: { "\($0)".contains("45 degrees off; it was trained on pa and left") }
    var blank = try radiographs([.pa, .left])
    blank[1].values = [Float](repeating: 1, count: blank[1].values.count)
    #expect(throws: ViewError.emptyImage(index: 1)) {
      try model.reconstruct(blank, on: grid)
    }
  }

  @Test func impossibleFilesAreRefused() throws {
    let url = file()
    defer { try? FileManager.default.removeItem(at: url) }
    func refuses(_ change: (inout BaselineModel) -> Void, saying word: String) throws {
      var model = Self.perX2CT()
      change(&model)
      try BaselineModelFile.write(model, to: url, overwrite: true)
      #expect {
        _ = try BaselineModelFile.read(url)
      } throws: { error in
        "\(error)".contains(url.lastPathComponent) && "\(error)".contains(word)
      }
    }
    try refuses({ $0.description.views = [.pa, .ap] }, saying: "frontal")
    try refuses({ $0.description.setup.columns = 40 }, saying: "40 x 32")
    try refuses({ $0.description.fieldOfView = -1 }, saying: "field of view")
    try refuses(
      {
        guard case .perX2CT(var network) = $0.description.architecture else { return }
        network.size = 40
        $0.description.architecture = .perX2CT(network)
      }, saying: "multiple of 16")
    try refuses(
      {
        guard case .perX2CT(var network) = $0.description.architecture else { return }
        network.width = 64
        $0.description.architecture = .perX2CT(network)
      }, saying: "shape")
    try refuses(
      { $0.parameters.set($0.network.layout.parameters[0], .init(repeating: .nan, count: 588)) },
      saying: "not finite")
  }

  /// Weights of the published code, without any metadata: names and shapes tell. Only at published
  /// widths; others are refused by the shape that disagrees.
  @Test func publishedNamesTell() throws {
    let url = file()
    defer { try? FileManager.default.removeItem(at: url) }
    for (model, word) in [(Self.x2ct(), "view1Model"), (Self.perX2CT(), "encoder.")] {
      try SafetensorsFile(tensors: ParameterTensors.tensors(model.parameters, prefix: ""))
        .write(to: url, overwrite: true)
      #expect(BaselineModelFile.isBaseline(try SafetensorsFile.read(url)))
      #expect {
        _ = try BaselineModelFile.read(url)
      } throws: { "\($0)".contains("shape") && "\($0)".contains(word) }
    }
    try SafetensorsFile(tensors: [NamedTensor(name: "a", shape: [1], values: [0])])
      .write(to: url, overwrite: true)
    #expect(!BaselineModelFile.isBaseline(try SafetensorsFile.read(url)))
  }

  /// By an X-ray's own geometry, a point's features are taken from where the X-ray shows it.
  @Test func trueGeometryLooksWhereThePointIs() throws {
    let orientation = try PublishedOrientation(views: [.pa, .left])
    let size = 64
    let setup = ViewSetup(pixelSize: SIMD2(7, 7), columns: size, rows: size)
    for (view, role) in [(NamedView.pa, PublishedOrientation.View.frontal), (.left, .lateral)] {
      let point = Vector3(30, -40, 20)
      let geometry = try setup.geometry(of: view)
      // An image whose pixels tell their own place.
      let marked = Radiograph(
        geometry: geometry,
        values: (0..<size * size).map { index in
          let pixel = geometry.project(point)
          let (c, r) = (Double(index % size), Double(index / size))
          return Float(max(0, 3 - abs(c - pixel.x) - abs(r - pixel.y)))
        })
      let turned = try orientation.image(marked, as: role)
      let image = PublishedOrientation.perX2CT(turned.values, side: size, as: role)
      let brightest = try #require(image.indices.max { image[$0] < image[$1] })
      let pixel = PublishedOrientation.perX2CT(
        pixel: turned.geometry.project(point), side: size, as: role)
      #expect(abs(pixel.x - Double(brightest % size)) <= 0.51, "\(view)")
      #expect(abs(pixel.y - Double(brightest / size)) <= 0.51, "\(view)")
    }
  }
}

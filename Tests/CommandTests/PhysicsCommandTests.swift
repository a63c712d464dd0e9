import Foundation
import SpiderCore
import SpiderDRR
import SpiderIO
import SpiderTestSupport
import Testing

/// The physics of `spider drr`, and collimated X-rays from end to end.
@Suite struct PhysicsCommandTests {
  let scene: Scene
  init() throws { scene = try Scene() }

  private func drr(_ options: String..., to folder: String) throws -> Radiograph {
    let run = try SpiderProgram.run(
      [
        "drr", scene.ct, "--view", "pa", "--isocenter", "0,0,0", "--size", "96", "--out",
        scene.path(folder),
      ] + options)
    try #require(run.status == 0, "\(run.errors)")
    return try RadiographFile.read(image: scene.folder["\(folder)/head_pa.nii.gz"]).radiograph
  }

  /// What is hidden is NaN in the file and masked when it is read; what is not, is as without blades.
  @Test func collimationWritesItsMask() throws {
    let open = try drr(to: "open")
    let image = try drr(
      "--collimate", "10,20,5,0", "--film", "--overlay", to: "collimated")
    let field = CollimatedField(center: SIMD2(0.45, 0.525), size: SIMD2(0.7, 0.95))
    let visible = field.opens(image.geometry)
    #expect(image.mask == visible)
    for index in visible.indices where visible[index] {
      expectClose(image.values[index], open.values[index], rtol: 1e-5, atol: 1e-6, "visible")
    }
    let film = try PNG.readGrey(scene.folder["collimated/head_pa_film.png"])
    #expect(film.values[0] == 0 && film.values[film.width * film.height / 2 + film.width / 2] > 0)
  }

  /// Every setting reaches the chain: the image is the one that the library makes.
  @Test func optionsAreTheChains() throws {
    let image = try drr(
      "--kvp", "75", "--filtration", "3+0.1", "--photons", "30000", "--electronic-noise", "4",
      "--scatter", "0.7", "--scatter-width", "90", "--focal-spot", "1.2", "--detector-blur", "5",
      "--bits", "10", "--open-field", "110", "--heel", "10", "--gain-spread", "2",
      "--no-flat-field", "--metal", "gold", "--collimate", "5,5,0,10", "--collimator-turn", "3",
      "--correct-water", "--seed", "9", to: "all")
    var physics = RadiographPhysics()
    physics.tube = XRayTube(kilovolts: 75, aluminium: 3, copper: 0.1)
    physics.photons = 30_000
    physics.electronicNoise = 4
    physics.scatter = Scatter(ratio: 0.7, width: 90)
    physics.focalSpot = 1.2
    physics.detectorBlur = 5
    physics.digitization = Digitization(bits: 10, openField: 1.1)
    physics.openField = FlatField(
      fallsOff: true, heel: 0.1, gainDeviation: 0.02, isCorrected: false)
    physics.decomposition.metal = .gold
    physics.collimation = CollimatedField(
      center: SIMD2(0.5, 0.45), size: SIMD2(0.9, 0.9), turnDegrees: 3)
    physics.correctsWater = true
    physics.seed = 9
    let expected = DigitalRadiograph(chain: try XRayChain(physics)).make(
      ct: try NIfTI.readVolume(scene.folder["head.nii.gz"]), geometry: image.geometry)
    #expect(image.mask == expected.mask)
    // The geometry comes from a file, its last digits rounded: rarely a count becomes its neighbour.
    let visible = image.values.indices.filter(image.counts)
    let equal = visible.count { abs(image.values[$0] - expected.values[$0]) <= 1e-5 }
    #expect(equal > visible.count * 98 / 100, "\(equal) of \(visible.count) pixels agree")
  }

  @Test(
    arguments: [
      (["--open-field", "90"], "--bits"), (["--collimator-turn", "3"], "--collimate"),
      (["--collimate", "60,50,0,0"], "--collimate"), (["--collimate", "1,2"], "--collimate"),
      (["--heel", "95"], "heel"), (["--kvp", "200"], "tube voltage"),
      (["--photons", "0"], "photons"), (["--electronic-noise", "3"], "--photons"),
      (["--sad", "0"], "--sad"), (["--sid", "-1500"], "--sid"),
      (["--sad", "1500", "--sid", "1000"], "behind the patient"),
    ]) func impossiblePhysics(options: [String], word: String) throws
  {
    let run = try SpiderProgram.run(["drr", scene.ct, "--out", scene.path("x")] + options)
    #expect(run.status == 64 && run.errors.contains(word), "\(run.errors)")
    #expect(!FileManager.default.fileExists(atPath: scene.path("x")))
  }

  /// A picture in 8 bits within a white frame, or a black one drawn over a grey open field: masked, and
  /// said so; without a frame nothing is.
  @Test func picturesWithFrames() throws {
    let ct = try NIfTI.readVolume(scene.folder["head.nii.gz"])
    let setup = ViewSetup()
    func write(_ name: String, _ view: NamedView, isBlack: Bool?) throws {
      var physics = RadiographPhysics()
      physics.photons = 2e4
      if isBlack != nil { physics.collimation = CollimatedField(size: SIMD2(0.75, 0.72)) }
      let image = DigitalRadiograph(chain: try XRayChain(physics)).make(
        ct: ct, geometry: try setup.geometry(of: view))
      let greys = image.values.indices.map { index -> UInt8 in
        guard image.counts(index) else { return isBlack == true ? 0 : 255 }
        return UInt8(min(max(30 + 40 * image.values[index], 1), 250))
      }
      try PNG.writeGrey8(
        greys, width: 128, height: 128, to: scene.folder[name])
    }
    try write("white.png", .pa, isBlack: false)
    try write("black.png", .left, isBlack: true)
    try write("plain.png", .left, isBlack: nil)
    func warnings(_ left: String, _ options: String...) throws -> [String] {
      let run = try SpiderProgram.run(
        [
          "reconstruct", "--json", "--overwrite", "--size", "8", "--model", scene.model, "--view",
          "pa=\(scene.path("white.png"))", "--view", "left=\(scene.path(left))", "--out",
          scene.path("ct.nii.gz"), "--accept-faults",
        ] + options)
      return try #require(run.object()["warnings"] as? [String], "\(run.errors)")
    }
    func framed(_ warnings: [String]) -> [String] {
      warnings.filter { $0.contains("borders, ") }.map { String($0.prefix(5)) }
    }
    let both = try warnings("black.png")
    #expect(framed(both) == ["white", "black"], "\(both)")
    #expect(both.contains { $0.hasPrefix("black.png: straight dark borders") }, "\(both)")
    #expect(!both.contains { $0.contains("looks inverted") }, "\(both)")
    #expect(framed(try warnings("plain.png")) == ["white"])
    #expect(framed(try warnings("black.png", "--keep-borders")).isEmpty)
  }
}

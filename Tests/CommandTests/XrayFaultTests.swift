import Foundation
import SpiderCore
import SpiderDRR
import SpiderIO
import SpiderPhantom
import SpiderTestSupport
import Testing

/// What `spider reconstruct` says of X-rays that are wrong, and of pictures whose geometry nobody wrote down.
@Suite struct XrayFaultTests {
  private let folder: TemporaryFolder

  /// A head and pictures of it, pa.png and left.png, without geometry files.
  init() throws {
    folder = try TemporaryFolder()
    let ct = HeadPhantom(seed: 12).render(on: .canonical(size: 64)).ct
    for view in [NamedView.pa, .left] {
      let radiograph = DigitalRadiograph().make(
        ct: ct, geometry: try ViewSetup().geometry(of: view))
      try PNG.writeGrey16(
        RadiographPicture.gray16(radiograph), width: 128, height: 128,
        to: folder["\(view).png"])
    }
  }

  private func reconstruct(_ arguments: String...) throws -> SpiderProgram.Run {
    try SpiderProgram.run(
      ["reconstruct"] + arguments
        + ["--size", "64", "--out", folder["ct.nii.gz"].path, "--overwrite", "--json"])
  }

  @Test func rightPicturesHaveNoFaultsAndTheirAgreementIsTold() throws {
    let run = try reconstruct(
      "pa=\(folder["pa.png"].path)", "left=\(folder["left.png"].path)", "--isocenter", "0,0,0")
    try #require(run.status == 0, "\(run.errors)")
    let views = try #require(try run.object()["views"] as? [[String: Any]])
    #expect(views.count == 2)
    for view in views {
      #expect((view["faults"] as? [String])?.isEmpty == true)
      #expect(try #require(view["agreement"] as? Double) > 0.88)
    }
    #expect(run.errors.contains("pa.png: agreement with the reconstruction 0."))
  }

  @Test func exchangedPicturesAreRefusedAndNamed() throws {
    let exchanged = ["pa=\(folder["left.png"].path)", "left=\(folder["pa.png"].path)"]
    let refused = try reconstruct(exchanged[0], exchanged[1])
    #expect(refused.status == 1)
    #expect(refused.errors.contains("left.png: it seems to be the picture of radiograph 2"))
    #expect(refused.errors.contains("--accept-faults"))
    #expect(!FileManager.default.fileExists(atPath: folder["ct.nii.gz"].path))

    let accepted = try reconstruct(exchanged[0], exchanged[1], "--accept-faults")
    try #require(accepted.status == 0, "\(accepted.errors)")
    let views = try #require(try accepted.object()["views"] as? [[String: Any]])
    #expect(views.allSatisfy { ($0["faults"] as? [String])?.contains("exchanged") == true })
  }

  @Test func geometryIsFoundAndWritten() throws {
    let run = try reconstruct(
      folder["pa.png"].path, folder["left.png"].path, "--geometry", "auto")
    try #require(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("pa.png: taken as 'pa'; pixels of 3."))
    #expect(run.errors.contains("left.png: taken as 'left'; pixels of 3."))
    for view in [NamedView.pa, .left] {
      let sidecar = try GeometrySidecar.read(folder["ct_\(view).json"])
      #expect(view.agrees(with: sidecar.geometry) && sidecar.geometry.columns == 128)
      #expect(abs(length(sidecar.geometry.columnStep) / 3.6 - 1) < 0.15)
    }
  }

  @Test func aScaleWithoutAutoIsRefused() throws {
    let run = try reconstruct(
      "pa=\(folder["pa.png"].path)", "left=\(folder["left.png"].path)", "--scale", "0,0,50,0,120")
    #expect(run.status == 64 && run.errors.contains("--geometry auto"))
    let tiny = try reconstruct(
      "pa=\(folder["pa.png"].path)", "left=\(folder["left.png"].path)", "--geometry",
      "auto", "--scale", "0,0,490,0,1")
    #expect(tiny.status == 1 && tiny.errors.contains("--scale: by this length"), "\(tiny.errors)")
    let broken = try reconstruct(folder["pa.png"].path, "--scale", "1,2,3")
    #expect(broken.status == 64)
  }
}

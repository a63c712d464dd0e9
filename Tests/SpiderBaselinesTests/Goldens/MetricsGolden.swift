import SpiderBaselines
import SpiderCore
import SpiderEvaluation
import SpiderPhantom
import SpiderTensor

/// The figures of both published test scripts, X2CT-GAN's losses, and its preprocessing.
struct MetricsGolden {
  struct Figures: Decodable {
    struct X2CT: Decodable {
      let MAE0, MSE0, cosine, psnr3d_4095, MAE, MSE: [Double]
      let ssim_d_h_w_avg, psnr_d_h_w_avg_4095: [[Double]]
    }
    struct Stack: Decodable { let psnr2d, ssim_data_range_2, ssim_data_range_1: Double }
    struct PerX2CT: Decodable {
      let axial, coronal, sagittal: Stack
      let avg_psnr, avg_ssim2: Double
    }
    struct Plain: Decodable {
      let psnr_peak1_float_clipped, psnr_peak1_float_unclipped: Double
    }
    let x2ct: X2CT
    let perx2ct: PerX2CT
    let plain: Plain
  }

  static let tolerance = 1e-6

  let set: GoldenSet

  init(_ set: GoldenSet) { self.set = set }

  func compare(_ deviations: inout Deviations) throws {
    let figures = try set.json(Figures.self, "metrics.json")
    let fake = try set.tensor("fake", of: "inputs.safetensors")
    let real = try set.tensor("real", of: "inputs.safetensors")
    compareX2CT(figures.x2ct, fake, real, &deviations)
    comparePerX2CT(figures.perx2ct, fake, real, &deviations)
    let clipped = fake.values.map { min(1, max(0, $0)) }
    for (values, golden, name) in [
      (clipped, figures.plain.psnr_peak1_float_clipped, "clipped"),
      (fake.values, figures.plain.psnr_peak1_float_unclipped, "unclipped"),
    ] {
      deviations.compare(
        ImageMetrics.psnr(values, real.values, peak: 1), golden, atol: Self.tolerance,
        "PSNR of peak 1, \(name)")
    }
    if set.has("losses.json") { try compareLosses(fake, real, &deviations) }
    if set.has("preprocess.safetensors") { try comparePreprocessing(&deviations) }
  }

  private func compareX2CT(
    _ golden: Figures.X2CT, _ fake: Tensor, _ real: Tensor, _ deviations: inout Deviations
  ) {
    let ours = X2CTMetrics(reconstruction: fake.values, truth: real.values, shape: fake.shape)
    var list: [(String, Double?, Double?)] = [
      ("MAE0", ours.absoluteError, golden.MAE0.first),
      ("MSE0", ours.squaredError, golden.MSE0.first),
      ("cosine", ours.cosine, golden.cosine.first),
      ("PSNR", ours.psnr, golden.psnr3d_4095.first),
      ("MAE", ours.absoluteUnits, golden.MAE.first), ("MSE", ours.squaredUnits, golden.MSE.first),
    ]
    let similarity = ours.similarity.map { $0.axes + [$0.mean] } ?? []
    let psnr = ours.slicePSNR.axes + [ours.slicePSNR.mean]
    for (index, name) in ["D", "H", "W", "mean"].enumerated() {
      list.append(
        (
          "SSIM \(name)", index < similarity.count ? similarity[index] : nil,
          golden.ssim_d_h_w_avg[index].first
        ))
      list.append(("PSNR \(name)", psnr[index], golden.psnr_d_h_w_avg_4095[index].first))
    }
    for (name, ours, golden) in list {
      deviations.compare(ours, golden ?? .nan, atol: Self.tolerance, "X2CT \(name)")
    }
  }

  private func comparePerX2CT(
    _ golden: Figures.PerX2CT, _ fake: Tensor, _ real: Tensor, _ deviations: inout Deviations
  ) {
    var psnr: [Double] = []
    var similarity: [Double] = []
    for axis in SliceLattice.Axis.allCases {
      let stack =
        switch axis {
        case .axial: golden.axial
        case .coronal: golden.coronal
        case .sagittal: golden.sagittal
        }
      let ours = PerX2CTMetrics(
        reconstruction: fake.values, truth: real.values, shape: fake.shape, axis: axis)
      psnr.append(ours.psnr)
      similarity.append(ours.similarity ?? .nan)
      for (name, ours, golden) in [
        ("PSNR", ours.psnr, stack.psnr2d), ("SSIM", ours.similarity, stack.ssim_data_range_2),
        ("SSIM of range 1", ours.similarityOfRange1, stack.ssim_data_range_1),
      ] {
        deviations.compare(
          ours, golden, atol: Self.tolerance, "PerX2CT \(axis.rawValue) \(name)")
      }
    }
    deviations.compare(
      psnr.reduce(0, +) / 3, golden.avg_psnr, atol: Self.tolerance, "PerX2CT PSNR")
    deviations.compare(
      similarity.reduce(0, +) / 3, golden.avg_ssim2, atol: Self.tolerance, "PerX2CT SSIM")
  }

  private func compareLosses(
    _ fake: Tensor, _ real: Tensor, _ deviations: inout Deviations
  ) throws {
    struct Losses: Decodable {
      let realP, fakeP, discriminator, generator, voxels, projections: Double
      let axes: [Double]
      enum CodingKeys: String, CodingKey {
        case realP = "lsgan_real_p"
        case fakeP = "lsgan_fake_p"
        case discriminator = "loss_D(fake=p, real=q)*0.1"
        case generator = "loss_G(fake=p)*0.1"
        case voxels = "idt_mse_x10"
        case axes = "proj_l1_per_axis_D_H_W"
        case projections = "map_loss (10*sum/3)"
      }
    }
    let golden = try set.json(Losses.self, "losses.json")
    let p = try set.tensor("pred", of: "loss_inputs.safetensors")
    let q = try set.tensor("pred2", of: "loss_inputs.safetensors")
    func judged(_ x: Tensor, _ target: Float, _ weight: Double = 1) -> Double {
      LossTerm.squaredDistance(x, to: target, weight: weight).value
    }
    let shape = [1, 1] + fake.shape
    let (a, b) = (Tensor(shape, fake.values), Tensor(shape, real.values))
    var list = [
      ("p against real", judged(p, 1), golden.realP),
      ("p against fake", judged(p, 0), golden.fakeP),
      ("discriminator", judged(p, 0, 0.1) + judged(q, 1, 0.1), golden.discriminator),
      ("generator", judged(p, 1, 0.1), golden.generator),
      ("voxels", LossTerm.squaredDistance(a, to: b, weight: 10).value, golden.voxels),
      ("projections", LossTerm.projections(a, b, weight: 10).value, golden.projections),
    ]
    for (axis, golden) in golden.axes.enumerated() {
      list.append(
        (
          "projection \(axis)", LossTerm.projection(a, b, axis: axis + 2, weight: 1).value, golden
        ))
    }
    for (name, ours, golden) in list {
      deviations.compare(ours, golden, atol: Self.tolerance, "loss: \(name)")
    }
  }

  private func comparePreprocessing(_ deviations: inout Deviations) throws {
    let raw = try RawTensors(set.url("preprocess.safetensors"))
    for (input, output, isCT) in [("ct_in", "ct_out", true), ("xray_in_u8", "xray_out", false)] {
      guard let values = raw.values(input), let from = raw.shape(input), let to = raw.shape(output),
        let golden = raw.values(output)
      else { throw GoldenSet.Fault("\(set.name): preprocess.safetensors lacks a tensor") }
      let resized = X2CTPreprocessing.resized(values.map { Float($0) }, from: from, to: to)
      let ours =
        isCT
        ? X2CTPreprocessing.normalizedCT(resized) : X2CTPreprocessing.normalizedXRay(resized)
      deviations.compare(
        Tensor(to, ours), Tensor(to, golden.map { Float($0) }), atol: Self.tolerance,
        "preprocessing: \(output)")
    }
  }
}

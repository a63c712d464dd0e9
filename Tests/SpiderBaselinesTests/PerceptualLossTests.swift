import Foundation
import SpiderBaselines
import SpiderCore
import SpiderIO
import SpiderPhantom
import SpiderTensor
import SpiderTestSupport
import SpiderTraining
import Testing

/// LPIPS as a term of PerX2CT's loss, with a small network in place of VGG16.
@Suite struct PerceptualLossTests {
  private static let widths = [4, 5, 6, 7, 8]
  private static let depths = [2, 2, 3, 3, 3]

  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// sin(step * place + phase), as `lpips_numbers.py` has them.
  private func numbers(_ count: Int, _ step: Double, _ phase: Double) -> [Float] {
    (0..<count).map { Float(sin(step * Double($0) + phase)) }
  }

  /// The network's tensors under the names that torchvision and LPIPS give them.
  private func tensors() -> [NamedTensor] {
    var (tensors, channels, place, order) = ([NamedTensor](), 3, 0, 0.0)
    for (stage, width) in Self.widths.enumerated() {
      for _ in 0..<Self.depths[stage] {
        let scale = (2 / Double(9 * channels)).squareRoot()
        tensors.append(
          NamedTensor(
            name: "features.\(place).weight", shape: [width, channels, 3, 3],
            values: numbers(width * channels * 9, 0.7, order).map { Float(Double($0) * scale) }))
        tensors.append(
          NamedTensor(
            name: "features.\(place).bias", shape: [width],
            values: numbers(width, 1.3, order).map { Float(0.05 * Double($0)) }))
        (channels, place, order) = (width, place + 2, order + 1)
      }
      place += 1
      tensors.append(
        NamedTensor(
          name: "lin\(stage).model.1.weight", shape: [1, width, 1, 1],
          values: numbers(width, 1, 1).map(abs)))
    }
    return tensors
  }

  private func file(without name: String? = nil) throws -> URL {
    let url = folder["vgg16-lpips-\(name ?? "whole").safetensors"]
    let other = NamedTensor(name: "classifier.0.weight", shape: [2], values: [1, 2])
    try SafetensorsFile(tensors: tensors().filter { $0.name != name } + [other]).write(to: url)
    return url
  }

  private func images(_ step: Double, _ phase: Double) -> Tensor {
    Tensor([2, 3, 32, 32], numbers(2 * 3 * 32 * 32, step, phase).map { 0.5 + 0.5 * $0 })
  }

  /// The numbers are those of `Benchmarks/peers/lpips_numbers.py`: PyTorch in double precision.
  @Test func agreesWithPyTorch() throws {
    let loss = try PerceptualLoss(reading: file())
    let (value, gradient) = loss.gradient(images(0.31, 0), truth: images(0.17, 1))
    expectClose(value, 1.6670793611107149, rtol: 1e-5, atol: 0, "loss")
    let numbers = gradient.values
    let length = innerProduct(numbers, numbers).squareRoot()
    expectClose(length, 3.30331323840925, rtol: 1e-3, atol: 0, "length of the gradient")
    let expected = [
      0: 0.0, 1000: 0.0014464802831933618, 2222: -0.02022604848246398, 3100: 0.0,
      5555: 0.023386299070189086,
    ]
    for (place, slope) in expected {
      expectClose(Double(numbers[place]), slope, rtol: 1e-3, atol: 1e-6, "entry \(place)")
    }
  }

  @Test func theTruthHasNoDistance() throws {
    let loss = try PerceptualLoss(reading: file())
    let (value, gradient) = loss.gradient(images(0.31, 0), truth: images(0.31, 0))
    #expect(value == 0 && gradient.values.allSatisfy { $0 == 0 })
  }

  @Test(arguments: ["features.0.weight", "features.14.bias", "lin3.model.1.weight"])
  func namesWhatIsMissing(_ name: String) throws {
    let url = try file(without: name)
    let error = #expect(throws: FileError.self) { try PerceptualLoss(reading: url) }
    let text = error.map { "\($0)" } ?? ""
    #expect(text.contains(name) && text.contains(url.lastPathComponent), "\(text)")
  }

  /// As a user asks for it: by a key of the configuration file.
  @Test func isATermOfTheLoss() throws {
    let weights = try file()
    let yaml = folder["perx2ct.yaml"]
    func configuration(_ text: String) throws -> BaselineConfiguration {
      try Data(text.utf8).write(to: yaml)
      var c = try BaselineConfiguration.read(yaml, defaults: .perX2CTSmall)
      guard case .perX2CT(var network) = c.model.architecture else { return c }
      network.size = 32
      network.encoderWidth = 4
      c.model.architecture = .perX2CT(network)
      c.model.setup = c.model.fittingDetector(sourceToAxis: 1000, sourceToDetector: 1500)
      return c
    }
    let head = HeadPhantom(seed: 1).render(on: .canonical(size: 24))
    let patients = CaseLibrary([
      TrainingCase(id: "phantom-1", isReal: false, ct: head.ct, labels: head.labels)
    ])
    func step(_ c: BaselineConfiguration) throws -> StepReport<PerX2CTLosses> {
      let method = try PerX2CTRecipe(c, training: patients)
      var state = method.start()
      return try method.stepper(for: state)(&state, method.batch(step: 0), 1e-3)
    }
    let plain = try step(configuration("patientsPerStep: 1\n"))
    let both = try step(
      configuration("patientsPerStep: 1\nperceptual: {weights: \(weights.path), factor: 0.25}\n"))
    #expect(plain.loss.perceptual == 0 && plain.loss.total == plain.loss.intensity)
    #expect(both.loss.perceptual > 0 && both.loss.intensity == plain.loss.intensity)
    #expect(both.loss.total == both.loss.intensity + 0.25 * both.loss.perceptual)
    #expect(both.gradientNorm != plain.gradientNorm)
  }
}

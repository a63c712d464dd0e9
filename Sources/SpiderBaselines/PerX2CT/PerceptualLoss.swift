import Foundation
import SpiderCore
import SpiderIO
import SpiderTensor

/// LPIPS (Zhang et al., CVPR 2018): how different two images look to a network that was trained to tell
/// photographs apart. The sum over the stages of VGG16 of the distance between their features.
///
/// The weights are not part of Spider: Docs/Baselines.md says how to get a file of them. Images are fed as
/// PerX2CT feeds them, in [0, 1], though LPIPS was made for [-1, 1].
public struct PerceptualLoss: Sendable {
  /// The means and deviations by which LPIPS standardises red, green and blue.
  private static let shift: [Float] = [-0.030, -0.088, -0.188]
  private static let scale: [Float] = [0.458, 0.448, 0.450]

  private let network: PerceptualNetwork
  private let parameters: ParameterArena

  init(_ network: PerceptualNetwork, _ parameters: ParameterArena) {
    self.network = network
    self.parameters = parameters
  }

  /// Reads the weights: `features.0.weight` to `features.28.bias` of VGG16 and `lin0.model.1.weight` to
  /// `lin4.model.1.weight` of LPIPS. Other tensors, such as VGG16's classifier, are left alone.
  ///
  /// - Throws: ``/SpiderIO/FileError`` naming the tensor that is missing or wrong.
  public init(reading url: URL) throws(FileError) {
    let file = try SafetensorsFile.read(url)
    var widths: [Int] = []
    for names in PerceptualNetwork.names {
      let name = "\(names[0]).weight"
      guard let width = file.tensors.first(where: { $0.name == name })?.shape.first, width > 0
      else {
        throw .unsupported(
          url, fault: "it has no \(name), so it holds no VGG16",
          remedy: "make the file as Docs/Baselines.md says")
      }
      widths.append(width)
    }
    network = PerceptualNetwork(widths: widths)
    parameters = try ParameterTensors.arena(file, network.layout, exactly: false, url)
  }

  /// The mean over the images of their distance to the truth, and its gradient for the images.
  ///
  /// - Parameters:
  ///   - images: (N, 3, H, W), sides multiples of 16.
  ///   - truth: the same.
  package func gradient(_ images: Tensor, truth: Tensor) -> (loss: Double, gradient: Tensor) {
    let s = images.shape
    precondition(
      s == truth.shape && s.count == 4 && s[1] == 3 && s[2] % 16 == 0 && s[3] % 16 == 0,
      "images \(s) against \(truth.shape)")
    let input = Activation(Self.shifted(images))
    let tape = Tape(parameters, pool: GradientPool(network.layout), isTraining: false)
    let features = network(input, tape)
    let wanted = network(
      Activation(Self.shifted(truth), isConstant: true), Tape(parameters))
    var loss = 0.0
    for (stage, (made, real)) in zip(features, wanted).enumerated() {
      let (distance, gradient) = FeatureDistance.between(
        made.value, real.value, weights: parameters[network.channelWeights[stage]])
      loss += distance
      made.add(gradient)
    }
    tape.backward()
    guard let gradient = input.takeGradient() else { preconditionFailure("no backward pass") }
    return (loss, Self.scaled(gradient))
  }

  /// (x - shift) / scale.
  private static func shifted(_ images: Tensor) -> Tensor {
    channelwise(images) { (1 / scale[$0], -shift[$0] / scale[$0]) }
  }

  /// The gradient before the scale.
  private static func scaled(_ gradient: Tensor) -> Tensor {
    channelwise(gradient) { (1 / scale[$0], 0) }
  }

  private static func channelwise(
    _ x: Tensor, _ factors: (_ channel: Int) -> (scale: Float, shift: Float)
  ) -> Tensor {
    let plane = x.shape[2] * x.shape[3]
    var y = Tensor(uninitialized: x.shape)
    let memory = y.mutableSlice()
    for item in 0..<x.shape[0] * 3 {
      let (scale, shift) = factors(item % 3)
      Elements.scaleShift(
        x.slice.part(item * plane, plane), scale: scale, shift: shift, relu: false,
        into: memory.part(item * plane, plane))
    }
    return y
  }
}

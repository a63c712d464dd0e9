import SpiderCore
import SpiderSupport
import SpiderTensor

/// Convolutions with kernels of three pixels or voxels a side, stride 1, padding 1, batch 1: forward, and
/// backward by the input and by the weights. Transforming the weights is part of each.
enum ConvolutionWorks {
  /// Channels in and out, and the side of the image.
  private static let planeShapes = [(64, 128), (128, 64), (256, 32)]
  /// Channels in and out, and the side of the volume.
  private static let volumeShapes = [(32, 64), (16, 128), (64, 32)]

  private enum Direction: String, CaseIterable {
    case forward
    case backwardData = "backward-data"
    case backwardWeights = "backward-weights"
  }

  static let all: [Work] = Direction.allCases.flatMap { direction in
    planeShapes.map { plane(channels: $0.0, size: $0.1, direction) }
      + volumeShapes.map { volume(channels: $0.0, size: $0.1, direction) }
  }

  private static func plane(channels: Int, size: Int, _ direction: Direction) -> Work {
    work(
      "conv2d \(channels)x\(size)",
      ConvolutionShape(
        inputChannels: channels, outputChannels: channels, height: size, width: size, kernel: 3,
        padding: 1), direction)
  }

  private static func volume(channels: Int, size: Int, _ direction: Direction) -> Work {
    work(
      "conv3d \(channels)x\(size)",
      ConvolutionShape(
        inputChannels: channels, outputChannels: channels, input: Extent3D(size),
        kernel: Extent3D(3), stride: Extent3D(1), padding: Extent3D(1)), direction)
  }

  private static func work(_ name: String, _ shape: ConvolutionShape, _ direction: Direction)
    -> Work
  {
    Work(
      name: "\(name) \(direction.rawValue)",
      operations: 2 * Double(shape.taps * shape.outputCount)
    ) {
      let plan = ConvolutionPlan(shape, images: 1)
      let numbers = Numbers(
        image: shape.inputCount, weights: shape.outputChannels * shape.taps,
        scratch: plan.scratchCount)
      switch direction {
      case .forward:
        return {
          plan.forward(
            numbers.x, weights: numbers.w, bias: nil, into: numbers.y, scratch: numbers.scratch)
        }
      case .backwardData:
        return {
          plan.backwardData(
            numbers.x, weights: numbers.w, into: numbers.y, scratch: numbers.scratch)
        }
      case .backwardWeights:
        return {
          plan.backwardWeights(
            numbers.x, input: numbers.y, addingTo: numbers.w, scratch: numbers.scratch)
        }
      }
    }
  }

  /// Two images of as many channels, weights and scratch memory. The numbers are small enough that
  /// adding up gradients over many runs stays finite.
  private struct Numbers {
    let x: FloatSlice
    let y: FloatSlice
    let w: FloatSlice
    let scratch: FloatSlice

    init(image: Int, weights: Int, scratch count: Int) {
      var random = SeededGenerator(seed: 1)
      func noise(_ count: Int, _ size: Double) -> FloatSlice {
        let slice = FloatSlice.scratch(count)
        for i in 0..<count { slice[i] = Float(random.uniform(in: -size...size)) }
        return slice
      }
      x = noise(image, 1)
      y = noise(image, 1)
      w = noise(weights, 0.05)
      scratch = .scratch(count)
    }
  }
}

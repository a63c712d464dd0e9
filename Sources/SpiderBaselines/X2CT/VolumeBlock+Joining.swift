import SpiderCore
import SpiderTensor

/// Blocks on two activations joined along their channels. In use no tensor holds both: each gives its part
/// of the convolution. At full size a joined volume takes as much as all the weights.
extension VolumeBlock {
  /// The block on `first` and `second`, joined.
  func joining(_ first: Activation, _ second: Activation, _ tape: Tape) -> Activation {
    guard !tape.isRecording, let plain = convolution.plain else {
      return self(Channels.joined([first, second], tape), tape)
    }
    let split = first.shape[1]
    var y = plain.forward(first.value, channels: 0..<split, tape.parameters)
    plain.add(second.value, channels: split..<split + second.shape[1], tape.parameters, to: &y)
    normalization.apply(to: &y, tape)
    return Activation(y)
  }

  /// The block on a volume and a link of which the five slices are given that tell all
  /// (``DimensionLink/slices(_:_:)``), joined, in use. So do five slices of what the kernel makes of them, and
  /// half of the work is saved.
  func joining(_ volume: Activation, slices: Tensor, _ tape: Tape) -> Activation {
    guard let plain = convolution.plain else {
      preconditionFailure("a transposed convolution joins nothing")
    }
    let split = volume.shape[1]
    let given = plain.forward(
      slices, channels: split..<split + slices.shape[1], tape.parameters)
    var y = RepeatedSlices.thickened(given, depth: volume.shape[2])
    plain.add(volume.value, channels: 0..<split, tape.parameters, to: &y)
    normalization.apply(to: &y, tape)
    return Activation(y)
  }
}

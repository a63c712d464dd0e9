import SpiderCore
import SpiderTensor

/// A 3D convolution, or a transposed one, as a layer of a pass: (N, C in, D, H, W) to
/// (N, C out, D', H', W').
struct VolumeConvolution {
  enum Layer {
    case plain(Convolution3D)
    case transposed(TransposedConvolution3D)
  }
  let layer: Layer

  /// The layer, where it is no transposed one.
  var plain: Convolution3D? {
    if case .plain(let layer) = layer { layer } else { nil }
  }

  /// A convolution; it keeps the size where nothing else is said.
  init(
    _ name: String, inputChannels: Int, outputChannels: Int, kernel: Int = 3, stride: Int = 1,
    padding: Int? = nil, hasBias: Bool = true, _ builder: inout LayerBuilder
  ) {
    layer = .plain(
      Convolution3D(
        name, inputChannels: inputChannels, outputChannels: outputChannels, kernel: kernel,
        stride: stride, padding: padding,
        hasBias: builder.has("\(name).bias", otherwise: hasBias), initializer: builder.initializer,
        layout: &builder.layout))
  }

  /// The transposed convolution of kernel 3 that doubles each axis.
  init(
    doubling name: String, inputChannels: Int, outputChannels: Int, hasBias: Bool = true,
    _ builder: inout LayerBuilder
  ) {
    layer = .transposed(
      TransposedConvolution3D(
        name, inputChannels: inputChannels, outputChannels: outputChannels, kernel: 3, stride: 2,
        padding: 1, outputPadding: 1, hasBias: builder.has("\(name).bias", otherwise: hasBias),
        initializer: builder.initializer, layout: &builder.layout))
  }

  func callAsFunction(_ x: Activation, _ pass: Pass) -> Activation {
    if pass.isReference { return reference(x, pass) }
    let output = Activation(forward(x.value, pass))
    pass.record(output) { gradient, pool in
      let inputGradient =
        switch layer {
        case .plain(let layer):
          layer.backward(
            gradient, input: x.value, pass.parameters, pool, needsInputGradient: !x.isConstant,
            needsParameterGradients: pass.isTraining)
        case .transposed(let layer):
          layer.backward(
            gradient, input: x.value, pass.parameters, pool, needsInputGradient: !x.isConstant)
        }
      if let inputGradient { x.add(inputGradient) }
    }
    return output
  }

  /// The numbers alone, for blocks that work on in their place.
  func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    switch layer {
    case .plain(let layer): layer.forward(x, pass.parameters)
    case .transposed(let layer): layer.forward(x, pass.parameters)
    }
  }
}

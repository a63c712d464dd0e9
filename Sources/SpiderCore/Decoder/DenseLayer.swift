import SpiderTensor

/// A layer of the decoder as the packer takes it: y = relu(x W^T + b), weights (outputs, inputs).
struct DenseLayer {
  let inputs: Int
  let weight: [Float]
  let bias: [Float]
  let relu: Bool

  /// Numbers of a row out.
  var outputs: Int { bias.count }

  /// The weights for products of whole blocks.
  var weightSlice: FloatSlice {
    let slice = FloatSlice.scratch(weight.count)
    slice.copy(from: weight)
    return slice
  }

  /// The weights of some of the inputs, in the order given: (outputs, columns).
  func weights(of columns: [Int]) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(outputs * columns.count)
    for output in 0..<outputs {
      for column in columns { result.append(weight[output * inputs + column]) }
    }
    return result
  }
}

extension PointDecoder {
  /// The layers in order; the heads are joined to one, intensity first, then the class scores.
  func layers(_ parameters: ParameterArena) -> [DenseLayer] {
    func dense(_ layers: [Linear]) -> DenseLayer {
      DenseLayer(
        inputs: layers[0].inputs, weight: layers.flatMap { parameters[$0.weight].array },
        bias: layers.flatMap { parameters[$0.bias].array }, relu: layers[0].relu)
    }
    return hidden.map { dense([$0]) } + [dense([intensity, structure])]
  }
}

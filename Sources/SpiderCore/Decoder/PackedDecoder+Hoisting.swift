import SpiderSupport
import SpiderTensor

extension PackedDecoder {
  private static let pixelBlock = 1024

  /// The maps after their share of the first layer's weights: (V, H, W, padded outputs). Bilinear sampling
  /// and a linear layer commute, so that sampling these gives the layer's sums.
  static func hoisted(
    _ features: Tensor, _ shape: FeatureMapShape, _ first: DenseLayer, pooling: ViewPooling
  ) -> (FloatSlice, FeatureMapShape) {
    let views = features.shape[0]
    let padded = DecoderKernel.padded(first.outputs)
    let pixels = shape.height * shape.width
    let result = FloatSlice.scratch(views * pixels * padded)
    // The products leave out what is padded.
    if padded > first.outputs { result.fill(0) }
    let weights = first.weightSlice
    let blocks = (pixels + pixelBlock - 1) / pixelBlock
    Parallel.forEach(views * blocks) { item in
      let view = item / blocks
      let start = item % blocks * pixelBlock
      let count = min(pixelBlock, pixels - start)
      let column = pooling == .mean ? 0 : view * shape.channels
      BLAS.multiply(
        m: count, n: first.outputs, k: shape.channels,
        .rows(
          features.entry(view).part(start * shape.channels, count * shape.channels),
          stride: shape.channels),
        .transposed(weights.part(column, weights.count - column), stride: first.inputs),
        into: result.part((view * pixels + start) * padded, count * padded), stride: padded)
    }
    return (
      result, FeatureMapShape(height: shape.height, width: shape.width, channels: padded)
    )
  }

  /// Tables (n, padded outputs) along i, j and k of a separable code's products with the first layer:
  /// their sum is the code's share of a voxel's sums.
  static func axisTables(
    _ code: any PositionalCode, _ first: DenseLayer, codeStart: Int, _ placement: GridProjection,
    _ parameters: ParameterArena
  ) -> [FloatSlice] {
    guard case .separable(let owners) = code.structure, let axes = placement.axes else {
      preconditionFailure("tables for a code that is not separable, or a grid that is not aligned")
    }
    let padded = DecoderKernel.padded(first.outputs)
    let weights = first.weightSlice
    return (0..<3).map { voxelAxis in
      let axis = axes[voxelAxis]
      let coordinates = placement.coordinates(axis, along: voxelAxis)
      let points = FloatSlice.scratch(3 * coordinates.count)
      points.fill(0)
      for (n, x) in coordinates.enumerated() { points[3 * n + axis] = x }
      let codes = FloatSlice.scratch(coordinates.count * code.width)
      code.encode(points, parameters, into: codes, stride: code.width)
      // The numbers of the other axes are for the other tables.
      for n in coordinates.indices {
        for column in owners.indices where owners[column] != axis {
          codes[n * code.width + column] = 0
        }
      }
      let table = FloatSlice.scratch(coordinates.count * padded)
      table.fill(0)
      BLAS.multiply(
        m: coordinates.count, n: first.outputs, k: code.width, .rows(codes, stride: code.width),
        .transposed(weights.part(codeStart, weights.count - codeStart), stride: first.inputs),
        into: table, stride: padded)
      return table
    }
  }
}

/// A layer of the decoder as the packer takes it: y = relu(x W^T + b), weights (outputs, inputs).
struct DenseLayer {
  let inputs: Int
  var weight: [Float]
  var bias: [Float]
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
  /// The layers in order; the heads are joined to one: intensity first, then the class scores, then the log of the
  /// scale where there is a head for it.
  func layers(
    _ parameters: ParameterArena, _ uncertainty: UncertaintyHead? = nil
  ) -> [DenseLayer] {
    func dense(_ layers: [Linear]) -> DenseLayer {
      DenseLayer(
        inputs: layers[0].inputs, weight: layers.flatMap { parameters[$0.weight].array },
        bias: layers.flatMap { parameters[$0.bias].array }, relu: layers[0].relu)
    }
    var heads = dense([intensity, structure])
    if let uncertainty {
      precondition(
        uncertainty.weights.count == heads.inputs, "\(uncertainty.weights.count) weights of a scale"
      )
      heads.weight += uncertainty.weights
      heads.bias.append(uncertainty.bias)
    }
    return hidden.map { dense([$0]) } + [heads]
  }
}

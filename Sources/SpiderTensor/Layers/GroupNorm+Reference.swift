extension GroupNorm {
  /// The normalisation as its definition says, in double: the reference of the tests, slow.
  package func referenceForward(_ input: Tensor, _ parameters: ParameterArena) -> [Double] {
    let x = input.values.map(Double.init)
    let (scale, shift) = (parameters[gamma].array, parameters[beta].array)
    let plane = input.shape[2] * input.shape[3]
    let size = channels / groups * plane
    return x.indices.map { index in
      let group = x[index / size * size..<(index / size + 1) * size]
      let mean = group.reduce(0, +) / Double(size)
      let variance = group.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(size)
      let channel = index / plane % channels
      let y =
        Double(scale[channel]) * (x[index] - mean) / (variance + Double(epsilon)).squareRoot()
        + Double(shift[channel])
      return relu ? max(0, y) : y
    }
  }
}

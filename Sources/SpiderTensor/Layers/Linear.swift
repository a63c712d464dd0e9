/// A linear layer on rows, with ReLU after it when asked: y = relu(x W^T + b).
///
/// Works on blocks of rows, one thread a block: the caller owns the parallelism.
package struct Linear: Sendable {
  /// Numbers of a row in.
  package let inputs: Int
  /// Numbers of a row out.
  package let outputs: Int
  /// Whether ReLU follows.
  package let relu: Bool
  /// (outputs, inputs).
  package let weight: Parameter
  /// (outputs).
  package let bias: Parameter

  /// Builds the layer.
  package init(
    _ name: String, inputs: Int, outputs: Int, relu: Bool, layout: inout ParameterLayout
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.relu = relu
    weight = layout.add("\(name).weight", [outputs, inputs], .he(inputs: inputs), perWorker: true)
    bias = layout.add("\(name).bias", [outputs], .constant(0), perWorker: true)
  }

  /// Rows (M, inputs) to rows (M, outputs).
  package func forward(_ input: FloatSlice, _ parameters: ParameterArena, into output: FloatSlice) {
    let rows = input.count / inputs
    precondition(output.count == rows * outputs, "\(output.count) numbers for \(rows) rows")
    BLAS.multiply(
      m: rows, n: outputs, k: inputs, .rows(input, stride: inputs),
      .transposed(parameters[weight], stride: inputs), into: output, stride: outputs)
    Elements.addBias(parameters[bias], to: output, relu: relu)
  }

  /// The gradient of the rows in from that of the rows out, which is overwritten by its masked form.
  /// `beta` 1 adds to what `inputGradient` holds. Parameter gradients go to the worker's sums.
  package func backward(
    _ gradient: FloatSlice, input: FloatSlice, output: FloatSlice, _ parameters: ParameterArena,
    _ pool: GradientPool, worker: Int, into inputGradient: FloatSlice, beta: Float = 0
  ) {
    let rows = input.count / inputs
    if relu { Elements.reluBackward(gradient, output: output) }
    BLAS.multiply(
      m: outputs, n: inputs, k: rows, .transposed(gradient, stride: outputs),
      .rows(input, stride: inputs), into: pool.slice(weight, worker: worker), stride: inputs,
      beta: 1)
    Elements.addColumnSums(gradient, to: pool.slice(bias, worker: worker))
    BLAS.multiply(
      m: rows, n: inputs, k: outputs, .rows(gradient, stride: outputs),
      .rows(parameters[weight], stride: inputs), into: inputGradient, stride: inputs, beta: beta)
  }
}

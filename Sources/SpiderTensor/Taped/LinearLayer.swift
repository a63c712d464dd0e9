/// A linear layer on a batch of rows and ReLU: (N, inputs, ...) to (N, outputs),
/// y = relu(x W^T + b).
package struct LinearLayer {
  package let inputs: Int
  package let outputs: Int
  /// (outputs, inputs).
  package let weight: Parameter
  /// (outputs).
  package let bias: Parameter

  package init(_ name: String, inputs: Int, outputs: Int, _ builder: inout LayerBuilder) {
    self.inputs = inputs
    self.outputs = outputs
    weight = builder.layout.add("\(name).weight", [outputs, inputs], builder.initializer)
    bias = builder.layout.add("\(name).bias", [outputs], .constant(0))
  }

  package func callAsFunction(_ x: Activation, _ tape: Tape) -> Activation {
    let rows = x.shape[0]
    precondition(x.value.count == rows * inputs, "shape \(x.shape) for rows of \(inputs)")
    if tape.isReference { return reference(x, tape) }
    var y = Tensor(uninitialized: [rows, outputs])
    let to = y.mutableSlice()
    BLAS.multiply(
      m: rows, n: outputs, k: inputs, .rows(x.value.slice, stride: inputs),
      .transposed(tape.parameters[weight], stride: inputs), into: to, stride: outputs)
    Elements.addBias(tape.parameters[bias], to: to, relu: true)
    let output = Activation(y)
    tape.record(output) { gradient, pool in
      var masked = gradient
      let up = masked.mutableSlice()
      Elements.reluBackward(up, output: output.value.slice)
      BLAS.multiply(
        m: outputs, n: inputs, k: rows, .transposed(up, stride: outputs),
        .rows(x.value.slice, stride: inputs), into: pool.slice(weight), stride: inputs, beta: 1)
      Elements.addColumnSums(up, to: pool.slice(bias))
      var inputGradient = Tensor(uninitialized: x.shape)
      BLAS.multiply(
        m: rows, n: inputs, k: outputs, .rows(up, stride: outputs),
        .rows(tape.parameters[weight], stride: inputs), into: inputGradient.mutableSlice(),
        stride: inputs)
      x.add(inputGradient)
    }
    return output
  }
}

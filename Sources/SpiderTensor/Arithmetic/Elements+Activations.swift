internal import CSpiderKernels

extension Elements {
  /// y = a x + b, then the positive part when asked. The output may be the input's own memory.
  package static func scaleShift(
    _ x: FloatSlice, scale: Float, shift: Float, relu: Bool, into y: FloatSlice
  ) {
    precondition(x.count == y.count, "\(x.count) numbers to \(y.count)")
    unsafe spider_scale_shift(
      x.address(x.count), Int64(x.count), scale, shift, relu ? 1 : 0, y.address(y.count))
  }

  /// Multiplies the negative numbers by a slope.
  package static func leakyReLU(_ x: FloatSlice, slope: Float) {
    unsafe spider_leaky_relu(x.address(x.count), Int64(x.count), slope)
  }

  /// The gradient of the input of `leakyReLU` from that of its output, in its place.
  package static func leakyReLUBackward(_ gradient: FloatSlice, output: FloatSlice, slope: Float) {
    precondition(gradient.count == output.count, "\(gradient.count) against \(output.count)")
    unsafe spider_leaky_relu_backward(
      gradient.address(gradient.count), output.address(output.count), Int64(gradient.count), slope)
  }

  /// x sigmoid(x), in its place.
  package static func swish(_ x: FloatSlice) {
    unsafe spider_swish(x.address(x.count), Int64(x.count))
  }

  /// The gradient of the input x of `swish` from that of its output, in its place.
  package static func swishBackward(_ gradient: FloatSlice, input: FloatSlice) {
    precondition(gradient.count == input.count, "\(gradient.count) against \(input.count)")
    unsafe spider_swish_backward(
      gradient.address(gradient.count), input.address(input.count), Int64(gradient.count))
  }

  /// The softmax of `scale` times each row of numbers, in its place.
  package static func softmaxRows(_ x: FloatSlice, columns: Int, scale: Float) {
    precondition(columns > 0 && x.count % columns == 0, "\(x.count) numbers in rows of \(columns)")
    unsafe spider_softmax_rows(
      x.address(x.count), Int64(x.count / columns), Int64(columns), scale)
  }

  /// The gradient of the input of `softmaxRows` from that of its output, in its place.
  package static func softmaxRowsBackward(
    _ gradient: FloatSlice, output: FloatSlice, columns: Int, scale: Float
  ) {
    precondition(
      gradient.count == output.count && columns > 0 && output.count % columns == 0,
      "\(gradient.count) numbers against \(output.count) in rows of \(columns)")
    unsafe spider_softmax_rows_backward(
      gradient.address(gradient.count), output.address(output.count),
      Int64(output.count / columns), Int64(columns), scale)
  }

  /// Rearranges the axes of a block of numbers (`shape`, last fastest): the number at (a, b, c), times
  /// `scale`, goes to a place `strides` apart along each axis. `adding` to what is there.
  package static func rearrange(
    _ x: FloatSlice, shape: [Int], strides: [Int], scale: Float = 1, adding: Bool = false,
    into y: FloatSlice
  ) {
    precondition(
      shape.count == 3 && strides.count == 3 && strides.allSatisfy { $0 > 0 }, "three axes")
    let count = shape.reduce(1, *)
    let reach = zip(shape, strides).reduce(1) { $0 + ($1.0 - 1) * $1.1 }
    unsafe spider_rearrange(
      x.address(count), Int64(shape[0]), Int64(shape[1]), Int64(shape[2]), Int64(strides[0]),
      Int64(strides[1]), Int64(strides[2]), scale, adding ? 1 : 0, y.address(reach))
  }
}

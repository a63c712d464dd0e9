internal import CSpiderKernels

/// The door to the C kernels of `CSpiderKernels` that work on rows of numbers: each checks its
/// sizes here and never inside the loop. Families have extension files of their own.
///
/// The other modules that need such a loop come through here too. (Only the projectors of SpiderDRR
/// have a door of their own.)
package enum Elements {
  /// y += x.
  package static func add(_ x: FloatSlice, to y: FloatSlice) {
    precondition(x.count == y.count, "adding \(x.count) numbers to \(y.count)")
    unsafe spider_add(y.mutableAddress(y.count), x.address(x.count), Int64(x.count))
  }

  /// rows[m][n] += bias[n], then ReLU when asked; n varies fastest.
  package static func addBias(_ bias: FloatSlice, to rows: FloatSlice, relu: Bool) {
    let m = rows.count / max(1, bias.count)
    precondition(m * bias.count == rows.count, "\(rows.count) numbers in rows of \(bias.count)")
    unsafe spider_bias_relu(
      rows.mutableAddress(rows.count), bias.address(bias.count), Int64(m), Int64(bias.count),
      relu ? 1 : 0)
  }

  /// channels[m * stride + n] += bias[m] for n < count.
  package static func addChannelBias(
    _ bias: FloatSlice, to channels: FloatSlice, count: Int, stride: Int
  ) {
    unsafe spider_bias_channels(
      channels.mutableAddress((bias.count - 1) * stride + count), bias.address(bias.count),
      Int64(bias.count), Int64(count), Int64(stride))
  }

  /// Sets the gradient to 0 where the output of ReLU was 0.
  package static func reluBackward(_ gradient: FloatSlice, output: FloatSlice) {
    precondition(gradient.count == output.count, "\(gradient.count) against \(output.count)")
    unsafe spider_relu_backward(
      gradient.mutableAddress(gradient.count), output.address(output.count), Int64(gradient.count))
  }

  /// sums[n] += the sum over m of rows[m][n].
  package static func addColumnSums(_ rows: FloatSlice, to sums: FloatSlice) {
    let m = rows.count / max(1, sums.count)
    precondition(m * sums.count == rows.count, "\(rows.count) numbers in rows of \(sums.count)")
    unsafe spider_add_column_sums(
      rows.address(rows.count), Int64(m), Int64(sums.count), sums.mutableAddress(sums.count))
  }

  /// sums[m] += the sum over n < count of channels[m * stride + n].
  package static func addRowSums(
    _ channels: FloatSlice, count: Int, stride: Int, to sums: FloatSlice
  ) {
    unsafe spider_add_row_sums(
      channels.address((sums.count - 1) * stride + count), Int64(sums.count), Int64(count),
      Int64(stride), sums.mutableAddress(sums.count))
  }

  /// The sum of squares, added up in double.
  package static func sumOfSquares(_ x: FloatSlice) -> Double {
    unsafe spider_sum_of_squares(x.address(x.count), Int64(x.count))
  }
}

// MARK: Activations and order of axes

extension Elements {
  /// y = a x + b, then ReLU when asked. The output may be the input's own memory.
  package static func scaleShift(
    _ x: FloatSlice, scale: Float, shift: Float, relu: Bool, into y: FloatSlice
  ) {
    precondition(x.count == y.count, "\(x.count) numbers to \(y.count)")
    unsafe spider_scale_shift(
      x.address(x.count), Int64(x.count), scale, shift, relu ? 1 : 0, y.mutableAddress(y.count))
  }

  /// Multiplies the negative numbers by a slope.
  package static func leakyReLU(_ x: FloatSlice, slope: Float) {
    unsafe spider_leaky_relu(x.mutableAddress(x.count), Int64(x.count), slope)
  }

  /// The gradient of the input of `leakyReLU` from that of its output, in its place.
  package static func leakyReLUBackward(_ gradient: FloatSlice, output: FloatSlice, slope: Float) {
    precondition(gradient.count == output.count, "\(gradient.count) against \(output.count)")
    unsafe spider_leaky_relu_backward(
      gradient.mutableAddress(gradient.count), output.address(output.count), Int64(gradient.count),
      slope)
  }

  /// x sigmoid(x), in its place.
  package static func swish(_ x: FloatSlice) {
    unsafe spider_swish(x.mutableAddress(x.count), Int64(x.count))
  }

  /// The gradient of the input x of `swish` from that of its output, in its place.
  package static func swishBackward(_ gradient: FloatSlice, input: FloatSlice) {
    precondition(gradient.count == input.count, "\(gradient.count) against \(input.count)")
    unsafe spider_swish_backward(
      gradient.mutableAddress(gradient.count), input.address(input.count), Int64(gradient.count))
  }

  /// The softmax of `scale` times each row of numbers, in its place.
  package static func softmaxRows(_ x: FloatSlice, columns: Int, scale: Float) {
    precondition(columns > 0 && x.count % columns == 0, "\(x.count) numbers in rows of \(columns)")
    unsafe spider_softmax_rows(
      x.mutableAddress(x.count), Int64(x.count / columns), Int64(columns), scale)
  }

  /// The gradient of the input of `softmaxRows` from that of its output, in its place.
  package static func softmaxRowsBackward(
    _ gradient: FloatSlice, output: FloatSlice, columns: Int, scale: Float
  ) {
    precondition(
      gradient.count == output.count && columns > 0 && output.count % columns == 0,
      "\(gradient.count) numbers against \(output.count) in rows of \(columns)")
    unsafe spider_softmax_rows_backward(
      gradient.mutableAddress(gradient.count), output.address(output.count),
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
      Int64(strides[1]), Int64(strides[2]), scale, adding ? 1 : 0, y.mutableAddress(reach))
  }
}

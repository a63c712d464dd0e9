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
    unsafe spider_add(y.address(y.count), x.address(x.count), Int64(x.count))
  }

  /// rows[m][n] += bias[n], then the positive part when asked; n varies fastest.
  package static func addBias(_ bias: FloatSlice, to rows: FloatSlice, relu: Bool) {
    let m = rows.count / max(1, bias.count)
    precondition(m * bias.count == rows.count, "\(rows.count) numbers in rows of \(bias.count)")
    unsafe spider_bias_relu(
      rows.address(rows.count), bias.address(bias.count), Int64(m), Int64(bias.count), relu ? 1 : 0)
  }

  /// channels[m * stride + n] += bias[m] for n < count.
  package static func addChannelBias(
    _ bias: FloatSlice, to channels: FloatSlice, count: Int, stride: Int
  ) {
    unsafe spider_bias_channels(
      channels.address((bias.count - 1) * stride + count), bias.address(bias.count),
      Int64(bias.count), Int64(count), Int64(stride))
  }

  /// Sets the gradient to 0 where the output of the positive part was 0.
  package static func reluBackward(_ gradient: FloatSlice, output: FloatSlice) {
    precondition(gradient.count == output.count, "\(gradient.count) against \(output.count)")
    unsafe spider_relu_backward(
      gradient.address(gradient.count), output.address(output.count), Int64(gradient.count))
  }

  /// sums[n] += the sum over m of rows[m][n].
  package static func addColumnSums(_ rows: FloatSlice, to sums: FloatSlice) {
    let m = rows.count / max(1, sums.count)
    precondition(m * sums.count == rows.count, "\(rows.count) numbers in rows of \(sums.count)")
    unsafe spider_add_column_sums(
      rows.address(rows.count), Int64(m), Int64(sums.count), sums.address(sums.count))
  }

  /// sums[m] += the sum over n < count of channels[m * stride + n].
  package static func addRowSums(
    _ channels: FloatSlice, count: Int, stride: Int, to sums: FloatSlice
  ) {
    unsafe spider_add_row_sums(
      channels.address((sums.count - 1) * stride + count), Int64(sums.count), Int64(count),
      Int64(stride), sums.address(sums.count))
  }

  /// The sum of squares, added up in double.
  package static func sumOfSquares(_ x: FloatSlice) -> Double {
    unsafe spider_sum_of_squares(x.address(x.count), Int64(x.count))
  }
}

internal import CSpiderKernels

/// The wrappers of the C kernels behind the layers of images.
package enum ImageKernels {
  /// Copies the windows under output rows `rows` into `columns`, (C K K) x (rows.count outW).
  package static func im2col(
    _ image: FloatSlice, _ s: ConvolutionShape, rows: Range<Int>, into columns: FloatSlice
  ) {
    unsafe spider_im2col(
      image.address(s.inputCount), Int32(s.inputChannels), Int32(s.height), Int32(s.width),
      Int32(s.kernel), Int32(s.stride), Int32(s.padding), Int32(rows.lowerBound), Int32(rows.count),
      Int32(s.outputWidth), columns.address(s.taps * rows.count * s.outputWidth))
  }

  /// The adjoint of `im2col`: adds onto the image.
  package static func addColumns(
    _ columns: FloatSlice, _ s: ConvolutionShape, rows: Range<Int>, to image: FloatSlice
  ) {
    unsafe spider_col2im_add(
      columns.address(s.taps * rows.count * s.outputWidth), Int32(s.inputChannels), Int32(s.height),
      Int32(s.width), Int32(s.kernel), Int32(s.stride), Int32(s.padding), Int32(rows.lowerBound),
      Int32(rows.count), Int32(s.outputWidth), image.address(s.inputCount))
  }

  /// Normalises one group of channels; `statistics` receives mean and inverse deviation. The output
  /// may be the input's own memory.
  package static func groupNorm(
    _ x: FloatSlice, plane: Int, gamma: FloatSlice, beta: FloatSlice, epsilon: Float, relu: Bool,
    into y: FloatSlice, statistics: FloatSlice
  ) {
    precondition(gamma.count == beta.count && x.count == gamma.count * plane)
    unsafe spider_group_norm(
      x.address(x.count), Int32(gamma.count), Int64(plane), gamma.address(gamma.count),
      beta.address(beta.count), epsilon, relu ? 1 : 0, y.address(x.count), statistics.address(2))
  }

  /// The backward pass of one group: writes dx, which may be the memory of x, and the group's dgamma
  /// and dbeta.
  package static func groupNormBackward(
    _ dy: FloatSlice, x: FloatSlice, plane: Int, gamma: FloatSlice, beta: FloatSlice,
    statistics: FloatSlice, relu: Bool, into dx: FloatSlice, dgamma: FloatSlice, dbeta: FloatSlice
  ) {
    precondition(gamma.count == beta.count && x.count == gamma.count * plane)
    unsafe spider_group_norm_backward(
      dy.address(x.count), x.address(x.count), Int32(gamma.count), Int64(plane),
      gamma.address(gamma.count), beta.address(gamma.count), statistics.address(2), relu ? 1 : 0,
      dx.address(x.count), dgamma.address(gamma.count), dbeta.address(gamma.count))
  }

  /// Means of 2x2 pixels of a plane of height x width, both even.
  package static func averagePool(_ x: FloatSlice, height: Int, width: Int, into y: FloatSlice) {
    let count = height * width
    unsafe spider_average_pool(
      x.address(count), Int32(height), Int32(width), y.address(count / 4))
  }

  /// The adjoint of `averagePool`, added; height and width are those of dx.
  package static func averagePoolBackward(
    _ dy: FloatSlice, height: Int, width: Int, addingTo dx: FloatSlice
  ) {
    let count = height * width
    unsafe spider_average_pool_backward(
      dy.address(count / 4), Int32(height), Int32(width), dx.address(count))
  }

  /// Repeats every pixel of a plane twice in each direction.
  package static func upsample(_ x: FloatSlice, height: Int, width: Int, into y: FloatSlice) {
    let count = height * width
    unsafe spider_upsample(x.address(count), Int32(height), Int32(width), y.address(count * 4))
  }

  /// The adjoint of `upsample`; height and width are those of dx.
  package static func upsampleBackward(
    _ dy: FloatSlice, height: Int, width: Int, into dx: FloatSlice
  ) {
    let count = height * width
    unsafe spider_upsample_backward(
      dy.address(count * 4), Int32(height), Int32(width), dx.address(count))
  }
}

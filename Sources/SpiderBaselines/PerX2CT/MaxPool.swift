import SpiderCore

/// The largest of 3 x 3 pixels, at every second one: (N, C, H, W) to (N, C, H/2, W/2), H and W even.
enum MaxPool {
  static func forward(_ x: Tensor) -> Tensor {
    let (height, width) = (x.shape[2], x.shape[3])
    var y = Tensor(uninitialized: [x.shape[0], x.shape[1], (height + 1) / 2, (width + 1) / 2])
    let (rows, columns) = (y.shape[2], y.shape[3])
    let (from, to) = (x.slice, y.mutableSlice())
    Parallel.forEachWorker(splitting: x.shape[0] * x.shape[1]) { _, range in
      for plane in range {
        let image = from.part(plane * height * width, height * width)
        for row in 0..<rows {
          for column in 0..<columns {
            var largest = -Float.infinity
            for i in max(0, 2 * row - 1)...min(height - 1, 2 * row + 1) {
              for j in max(0, 2 * column - 1)...min(width - 1, 2 * column + 1) {
                largest = max(largest, image[i * width + j])
              }
            }
            to[(plane * rows + row) * columns + column] = largest
          }
        }
      }
    }
    return y
  }
}

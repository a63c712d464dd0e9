import SpiderCore
import SpiderSupport
import SpiderTensor

/// The order of axes of a view's own volumes (depth, rows, columns), as a permutation of a volume in CT
/// order: axis i of the view's volume is axis `axes[i]` of (N, C, D, H, W).
public struct VolumeOrder: Equatable, Sendable {
  /// View 1 looks along H: (H, D, W).
  public static let view1 = VolumeOrder([0, 1, 3, 2, 4])
  /// View 2 looks along W: (W, D, H).
  public static let view2 = VolumeOrder([0, 1, 4, 2, 3])

  private let axes: [Int]

  /// A permutation of 0 ... 4 that leaves the first two in place.
  public init?(published axes: [Int]) {
    guard axes.count == 5, axes.sorted() == Array(0...4), axes[0] == 0, axes[1] == 1 else {
      return nil
    }
    self.axes = axes
  }

  private init(_ axes: [Int]) { self.axes = axes }

  /// The way back.
  var inverse: VolumeOrder {
    VolumeOrder((0..<5).map { axis in axes.firstIndex(of: axis) ?? 0 })
  }

  /// A volume with its axes permuted, times `scale`.
  func applied(to x: Tensor, scale: Float = 1) -> Tensor {
    var y = Tensor(uninitialized: axes.map { x.shape[$0] })
    write(x, scale: scale, adding: false, into: y.mutableSlice())
    return y
  }

  /// Writes the permuted volume into memory of its size, or adds it.
  func write(_ x: Tensor, scale: Float, adding: Bool, into y: FloatSlice) {
    precondition(x.shape.count == 5, "volumes (N, C, D, H, W), not \(x.shape)")
    let shape = axes.map { x.shape[$0] }
    let strides = [shape[3] * shape[4], shape[4], 1]
    // Where one step along each axis of x leads in y.
    let steps = (2..<5).map { axis in strides[(axes.firstIndex(of: axis) ?? 2) - 2] }
    let size = shape[2...].reduce(1, *)
    let from = x.slice
    Parallel.forEachWorker(splitting: shape[0] * shape[1]) { _, range in
      for item in range {
        Elements.rearrange(
          from.part(item * size, size), shape: Array(x.shape[2...]), strides: steps, scale: scale,
          adding: adding, into: y.part(item * size, size))
      }
    }
  }

  /// For every number of the permuted volume, where it lies in a volume of a shape.
  private func places(_ shape: [Int]) -> [Int] {
    let strides = [shape[3] * shape[4], shape[4], 1]
    let (turned, steps) = (axes.map { shape[$0] }, axes[2...].map { strides[$0 - 2] })
    let size = shape[2...].reduce(1, *)
    return (0..<shape[0] * shape[1] * size).map { index in
      let (a, b) = (index % size / (turned[3] * turned[4]), index / turned[4] % turned[3])
      return index / size * size + a * steps[0] + b * steps[1] + index % turned[4] * steps[2]
    }
  }

  /// A volume in CT order as a view has it.
  func toView(_ x: Activation, _ tape: Tape) -> Activation {
    if tape.isReference {
      return Reference.taken(places(x.shape), of: x, axes.map { x.shape[$0] }, tape)
    }
    let output = Activation(applied(to: x.value))
    tape.record(output) { gradient, _ in x.add(inverse.applied(to: gradient)) }
    return output
  }

  /// Connection C: the mean of both views' volumes, each brought to CT order first. In use a view's volume is
  /// asked for when its turn comes, and dropped.
  static func mean(
    _ orders: [VolumeOrder], _ tape: Tape, of view: (Int) -> Activation
  ) -> Activation {
    guard tape.isPlain else { return mean(orders.indices.map(view), orders, tape) }
    let share = 1 / Float(orders.count)
    var sum = orders[0].inverse.applied(to: view(0).value, scale: share)
    for index in orders.indices.dropFirst() {
      orders[index].inverse.write(
        view(index).value, scale: share, adding: true, into: sum.mutableSlice())
    }
    return Activation(sum)
  }

  /// The same of volumes that the way back needs.
  private static func mean(_ views: [Activation], _ orders: [VolumeOrder], _ tape: Tape)
    -> Activation
  {
    if tape.isReference {
      let turned = zip(views, orders).map { view, order in
        let back = order.inverse
        return Reference.taken(
          back.places(view.shape), of: view, back.axes.map { view.shape[$0] }, tape)
      }
      return Reference.mean(turned, tape)
    }
    let share = 1 / Float(views.count)
    var sum = orders[0].inverse.applied(to: views[0].value, scale: share)
    let memory = sum.mutableSlice()
    for (view, order) in zip(views, orders).dropFirst() {
      order.inverse.write(view.value, scale: share, adding: true, into: memory)
    }
    let output = Activation(sum)
    tape.record(output) { gradient, _ in
      for (view, order) in zip(views, orders) {
        view.add(order.applied(to: gradient, scale: share))
      }
    }
    return output
  }
}

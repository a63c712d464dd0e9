import SpiderCore
import SpiderDRR
import SpiderPhantom

/// What a model answers at the joints of a phantom from its two X-rays.
struct JointAnswers {
  /// The model's answers, straight on the grid of each region.
  let plain: [JointImage]
  /// The same after refinement.
  let refined: [JointImage]

  /// Makes clean X-rays `pa` and `left` of a phantom, and reconstructs its joints.
  ///
  /// Refinement needs the whole field of view, so `spider reconstruct --region` leaves the answer as it is. Here the
  /// head is refined at the 2 mm that the command takes by default, and what that changed of CT numbers is
  /// added to the region's. Labels stay the model's, but for what an X-ray shows to be empty.
  ///
  /// - Parameter scan: voxels along a side of the 256 mm of which X-rays are made.
  init(of head: HeadPhantom, scan: Int, at regions: [JointRegion], by model: SpiderModel) throws {
    let views = try [NamedView.pa, .left].map { try ViewSetup().geometry(of: $0) }
    let radiographs = DigitalRadiograph().make(
      ct: head.render(on: .canonical(size: scan)).ct, geometries: views)
    let reconstructor = Reconstructor(model: model)
    let plain = try regions.map {
      let answer = try reconstructor.reconstruct(radiographs, on: $0.grid)
      return JointImage(ct: answer.ct, labels: answer.labels)
    }
    let whole = try reconstructor.reconstruct(radiographs).ct
    let seen = PreparedViews.masked(radiographs).radiographs
    let result = try Refinement().refined(whole, to: seen)
    let change = whole.withValues(zip(result.ct.values, whole.values).map { $0 - $1 })
    self.plain = plain
    refined = plain.map { answer in
      let grid = answer.ct.grid
      let shift = change.resampled(onto: grid, outside: 0)
      let emptied = result.emptied?.resampled(onto: grid)
      return JointImage(
        ct: answer.ct.withValues(zip(answer.ct.values, shift.values).map { $0 + $1 }),
        labels: answer.labels.withValues(
          answer.labels.values.indices.map {
            emptied?.values[$0] == true ? HeadLabel.background : answer.labels.values[$0]
          }))
    }
  }
}

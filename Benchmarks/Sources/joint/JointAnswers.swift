import SpiderCore
import SpiderDRR
import SpiderPhantom

/// What models answer at the joints of a phantom from its two X-rays.
struct JointAnswers {
  /// The model's answers, straight on the grid of each region.
  let plain: [JointImage]
  /// The same after refinement.
  let refined: [JointImage]
  /// What the rivals answer: of each, every region.
  let rivals: [[JointImage]]

  /// All of them in this order: of each, every region.
  var all: [[JointImage]] { [plain, refined] + rivals }

  /// Makes clean X-rays `pa` and `left` of a phantom, and reconstructs its joints.
  ///
  /// The regions are refined as `spider reconstruct --region` does it: the head at 2 mm, and what that changed carried
  /// over. Labels stay the model's, but for what an X-ray shows to be empty.
  ///
  /// Rivals are asked for the regions as well. A network that makes voxels of its own makes those, and the region's are
  /// interpolated from them, linearly.
  ///
  /// - Parameter scan: voxels along a side of the 256 mm of which X-rays are made.
  init(
    of head: HeadPhantom, scan: Int, at regions: [JointRegion], by model: SpiderModel,
    beside rivals: [any ReconstructionModel]
  ) throws {
    let views = try [NamedView.pa, .left].map { try ViewSetup().geometry(of: $0) }
    let radiographs = DigitalRadiograph().make(
      ct: head.render(on: .canonical(size: scan)).ct, geometries: views)
    func answer(_ model: any ReconstructionModel) throws -> [JointImage] {
      try regions.map {
        let answer: ReconstructedVolume = try model.reconstruct(radiographs, on: $0.grid)
        return JointImage(ct: answer.ct, labels: answer.labels)
      }
    }
    let plain = try answer(model)
    let whole = try Reconstructor(model: model).reconstruct(radiographs).ct
    let seen = PreparedViews.masked(radiographs).radiographs
    let result = try Refinement().refined(whole, to: seen)
    let change = RefinementChange(from: whole, to: result)
    self.plain = plain
    self.rivals = try rivals.map(answer)
    refined = plain.map { answer in
      let (ct, emptied) = change.applied(to: answer.ct)
      return JointImage(
        ct: ct,
        labels: answer.labels.map { labels in
          labels.withValues(
            labels.values.indices.map {
              emptied?.values[$0] == true ? HeadLabel.background : labels.values[$0]
            })
        })
    }
  }
}

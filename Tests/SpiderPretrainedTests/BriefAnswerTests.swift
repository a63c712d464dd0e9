import SpiderCore
import SpiderDRR
import SpiderPhantom
import SpiderPretrained
import Testing

/// What 16-bit numbers within the decoder do to what people get.
@Suite struct BriefAnswerTests {
  /// Of 1,000 voxels 999 change by less than 5 HU, of 1,000 of the patient 996, of which 995 keep their label. Where the
  /// processor has no instructions for it nothing changes.
  @Test(arguments: PretrainedModel.allCases)
  func shippedModelsChangeByLessThanFiveHounsfieldUnits(_ model: PretrainedModel) throws {
    let ct = HeadPhantom(seed: 31).render(on: .canonical(size: 64)).ct
    let views = DigitalRadiograph().make(
      ct: ct, geometries: try [.pa, .left].map { try ViewSetup().geometry(of: $0) })
    let reconstructor = try Reconstructor.pretrained(model)
    func answer(_ bfloat16: Bool) throws -> Reconstruction {
      try reconstructor.reconstruct(
        views, on: .canonical(size: 64), options: ReconstructionOptions(bfloat16: bfloat16))
    }
    let (single, brief) = (try answer(false), try answer(true))
    let all = zip(single.ct.values, brief.ct.values).count { abs($0 - $1) >= 5 }
    #expect(1000 * all <= single.ct.values.count, "\(all) of all")
    let tissue = single.ct.values.indices.filter { single.ct.values[$0] > -900 }
    #expect(tissue.count > 30_000)
    let far = tissue.count { abs(single.ct.values[$0] - brief.ct.values[$0]) >= 5 }
    #expect(250 * far <= tissue.count, "\(far) of \(tissue.count)")
    let renamed = tissue.count { single.labels.values[$0] != brief.labels.values[$0] }
    #expect(200 * renamed <= tissue.count, "\(renamed) of \(tissue.count)")
  }
}

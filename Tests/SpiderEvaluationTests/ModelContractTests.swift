import Foundation
import SpiderBaselines
import SpiderCore
import SpiderDRR
import SpiderDataSet
import SpiderAnatomy
import SpiderEvaluation
import SpiderPhantom
import SpiderTestSupport
import Testing

/// What holds for every model, run over all of them.
///
/// 1. The grid that is asked for comes out, voxel for voxel, and every point is counted.
/// 2. Slabs come in the order of their slices, without gap or overlap, and are the whole volume.
/// 3. There are labels exactly where the model says so.
/// 4. The world is kept: patient, X-rays and grid moved together give the same numbers.
/// 5. The order of the X-rays does not matter.
/// 6. What the sink throws ends the work at once; progress ends at 1.
/// 7. Memory is planned, and grows with the grid.
@Suite struct ModelContractTests {
  private static let head = HeadPhantom(seed: 5).render(on: .canonical(size: 32))

  /// A data set of one patient, for the baselines that learn.
  private static let dataSet: DataSet = {
    do {
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
        "spider-contract-\(UUID().uuidString)")
      var dataSet = try DataSet.extending(folder, size: 32, fieldOfView: 256)
      let prepared = try HeadPreparation(size: 32, isocenter: .point(.zero))
        .prepare(head.ct, labels: head.labels)
      try dataSet.add(
        prepared, id: "five", patient: "five", split: .train, isReal: false, overwrite: false)
      return dataSet
    } catch {
      preconditionFailure("no data set: \(error)")
    }
  }()

  private static func network(_ architecture: BaselineArchitecture) -> BaselineModel {
    var description = BaselineDescription(architecture: architecture)
    description.setup = description.fittingDetector(sourceToAxis: 1000, sourceToDetector: 1500)
    return BaselineModel(description, seed: 3)
  }

  private static func models() throws -> [any ReconstructionModel] {
    var x2ct = X2CTArchitecture()
    x2ct.generator.encoderBlocks = [1, 1, 1, 1, 1]
    x2ct.generator.encoderFirst = 4
    x2ct.generator.growthRate = 2
    x2ct.generator.decoderChannels = [2, 2, 2, 4, 4, 4]
    x2ct.generator.inputSize = 64
    var perX2CT = PerX2CTConfiguration()
    perX2CT.size = 32
    perX2CT.width = 32
    perX2CT.encoderWidth = 4
    return [
      tinyModel(), network(.x2ctGAN(x2ct)), network(.perX2CT(perX2CT)), SIRTBaseline(),
      MeanVolumeBaseline(try dataSet.meanTrainingVolume()), try NearestCase(dataSet),
    ]
  }

  /// X-rays of a head that stands about `isocenter`.
  private func radiographs(
    for model: any ReconstructionModel, about isocenter: Vector3 = .zero
  ) throws -> [Radiograph] {
    let grid = VoxelGrid.canonical(size: 32, center: isocenter)
    let setup = ViewSetup(pixelSize: SIMD2(7.2, 7.2), columns: 64, rows: 64)
    return DigitalRadiograph().make(
      ct: Volume(grid: grid, values: Self.head.ct.values),
      geometries: try model.traits.views.map { try setup.geometry(of: $0, isocenter: isocenter) })
  }

  /// Unequal counts, several slabs, the last one thinner.
  private func grid(about isocenter: Vector3 = .zero) -> VoxelGrid {
    VoxelGrid(
      nx: 14, ny: 12, nz: 19, boxFrom: isocenter - Vector3(120, 110, 100),
      to: isocenter + Vector3(120, 110, 100))
  }

  @Test(.slow, arguments: 0..<6) func everyModelKeepsTheContract(_ number: Int) throws {
    let model = try Self.models()[number]
    let name = model.traits.name
    let (grid, views) = (grid(), try radiographs(for: model))
    let whole: ReconstructedVolume = try model.reconstruct(views, on: grid)
    #expect(whole.ct.grid == grid && whole.summary.points == grid.count, "\(name)")
    #expect(whole.ct.values.allSatisfy { $0.isFinite }, "\(name)")
    #expect(whole.labels?.grid == (model.traits.scheme == nil ? nil : grid), "\(name)")

    var (hounsfield, labels, next): ([Float], [UInt8], Int) = ([], [], 0)
    var told: [Double] = []
    _ = try model.reconstruct(views, on: grid, progress: { told.append($0) }) { slab in
      #expect(slab.slices.lowerBound == next, "\(name)")
      #expect(slab.hounsfield.count == slab.slices.count * grid.nx * grid.ny, "\(name)")
      #expect((slab.labels == nil) == (model.traits.scheme == nil), "\(name)")
      next = slab.slices.upperBound
      hounsfield += slab.hounsfield
      labels += slab.labels ?? []
    }
    #expect(next == grid.nz && hounsfield == whole.ct.values, "\(name)")
    #expect(labels == whole.labels?.values ?? [], "\(name)")
    #expect(told.last == 1, "\(name)")

    struct Full: Error {}
    var slabs = 0
    #expect(throws: Full.self) {
      _ = try model.reconstruct(views, on: grid) { _ in
        slabs += 1
        throw Full()
      }
    }
    #expect(slabs == 1, "\(name)")

    let options = ReconstructionOptions()
    let small = model.memory(for: .canonical(size: 16), options: options)
    #expect(
      small > 0 && model.memory(for: .canonical(size: 64), options: options) > small, "\(name)")
  }

  @Test(arguments: 0..<6) func theWorldIsKept(_ number: Int) throws {
    let model = try Self.models()[number]
    let views = try radiographs(for: model)
    // Numbers of 16 bits carry a rounding of 1e-7 on by some HU.
    let options = ReconstructionOptions(bfloat16: false)
    let here: ReconstructedVolume = try model.reconstruct(views, on: grid(), options: options)
    let swapped: ReconstructedVolume = try model.reconstruct(
      Array(views.reversed()), on: grid(), options: options)
    let shift = Vector3(30, -50, 1000)
    let there: ReconstructedVolume = try model.reconstruct(
      radiographs(for: model, about: shift), on: grid(about: shift), options: options)
    // Coordinates far from the origin are rounded otherwise; SIRT sums its views in another order.
    expectClose(swapped.ct.values, here.ct.values, atol: 0.5, model.traits.name)
    expectClose(there.ct.values, here.ct.values, atol: 0.5, model.traits.name)
  }
}

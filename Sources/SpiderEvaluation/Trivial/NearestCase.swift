import SpiderBaselines
import SpiderCore
import SpiderDataSet
import SpiderDRR

/// The answer of a method that only remembers: the CT of the training patient whose X-rays are nearest
/// to the given ones, as it is.
///
/// Nearest means the least sum of squared differences between the X-rays in relative form, over the
/// pixels that count, as a mean of both views.
public struct NearestCase: Sendable {
  /// Pixels along a side of the X-rays that are compared.
  private static let pixels = 64

  /// The views that are compared.
  private let views: [NamedView]
  /// Their distances and detector.
  private let setup: ViewSetup
  private let dataSet: DataSet
  private let known: [(entry: DataSetIndex.Entry, images: [[Float]])]

  /// Takes the X-rays of all patients to learn from.
  ///
  /// - Parameter progress: called after each with the share of patients done.
  /// - Throws: ``/SpiderDataSet/DataSetError/noCases(split:dataSet:)``, or what reading a case throws.
  public init(_ dataSet: DataSet, progress: (Double) -> Void = { _ in }) throws {
    let geometry = dataSet.index.geometry
    let (sad, sid) = (geometry.sourceToAxis, geometry.sourceToDetector)
    let pixel = 1.2 * dataSet.index.fieldOfView * sid / sad / Double(Self.pixels)
    let setup = ViewSetup(
      sourceToAxis: sad, sourceToDetector: sid, pixelSize: SIMD2(pixel, pixel),
      columns: Self.pixels, rows: Self.pixels)
    let geometries = try geometry.views.map { try setup.geometry(of: $0) }
    let entries = dataSet.entries(.train)
    guard !entries.isEmpty else {
      throw DataSetError.noCases(split: "train", dataSet: dataSet.url.path)
    }
    self.dataSet = dataSet
    self.setup = setup
    views = geometry.views
    known = try entries.enumerated().map { index, entry in
      defer { progress(Double(index + 1) / Double(entries.count)) }
      let radiographs = DigitalRadiograph().make(
        ct: try dataSet.load(entry).ct, geometries: geometries)
      return (entry, radiographs.map { $0.relative().values })
    }
  }

  /// The patient nearest to X-rays that were prepared.
  private func nearest(to views: PreparedViews) -> DataSetIndex.Entry {
    let images = views.input.map { (image: $0.values, radiograph: $0) }
    let distances = known.map { candidate in
      zip(candidate.images, images).reduce(0.0) { sum, pair in
        let (known, (image, radiograph)) = pair
        let counted = image.indices.filter(radiograph.counts)
        let squares = counted.reduce(0.0) {
          $0 + Double((known[$1] - image[$1]) * (known[$1] - image[$1]))
        }
        return sum + squares / Double(max(1, counted.count))
      }
    }
    let best = distances.indices.reduce(0) { distances[$1] < distances[$0] ? $1 : $0 }
    return known[best].entry
  }
}

extension NearestCase: ReconstructionModel {
  /// It reads the views of its data set, coarsely.
  public var traits: ModelTraits {
    ModelTraits(name: "nearest-case", views: views, setup: setup, input: .matched(.relative))
  }

  /// The patient's CT, and what is made of it; the X-rays of all patients are small.
  public func memory(for grid: VoxelGrid, options: ReconstructionOptions) -> Int {
    (2 * grid.count + known.count * views.count * Self.pixels * Self.pixels)
      * MemoryLayout<Float>.stride
  }

  /// Hands on the CT of the nearest patient, about the isocentre.
  ///
  /// - Throws: What reading the case throws.
  public func answer(
    _ views: PreparedViews, on grid: VoxelGrid, options: ReconstructionOptions,
    progress: (Double) throws -> Void, into sink: (ReconstructionSlab) throws -> Void
  ) throws -> ReconstructionSummary {
    let ct = try dataSet.load(nearest(to: views)).ct.moved(by: views.isocenter)
    try ReconstructionSlab.deliver(ct.resampled(onto: grid, outside: -1000), into: sink)
    try progress(1)
    return ReconstructionSummary(points: grid.count)
  }
}

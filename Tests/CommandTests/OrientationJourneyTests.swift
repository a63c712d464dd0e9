import Foundation
import SpiderCore
import SpiderDRR
import SpiderIO
import SpiderPhantom
import SpiderSupport
import SpiderTestSupport
import Testing

/// A patient is never mirrored: one asymmetric head, stored in each of the 48 orientations, goes
/// through files, X-rays and reconstruction and comes out the same, its left on its left.
@Suite struct OrientationJourneyTests {
  /// Numbers of 16 bits would carry a rounding of 1e-7 on by some HU.
  private static let single = ReconstructionOptions(bfloat16: false)

  /// Where the marker is: left, in front and above the middle, off every plane of symmetry.
  private static let marker = Vector3(-62, 31, 44)

  /// A head with a metal ball at the marker, on a grid that differs along every axis.
  private static let head: Volume = {
    let grid = VoxelGrid(
      nx: 36, ny: 41, nz: 33, boxFrom: Vector3(-101, -118, -115), to: Vector3(103, 117, 119))
    var ct = HeadPhantom(seed: 11).render(on: grid).ct
    for index in ct.values.indices {
      let v = grid.voxel(at: index)
      let point = grid.worldPoint(Double(v.x), Double(v.y), Double(v.z))
      if length(point - marker) < 12 { ct.values[index] = 20000 }
    }
    return ct
  }()

  private static let model = Scene.tinyModel()

  /// The X-rays of a stored head, through files, and what is reconstructed from them.
  private static func journey(
    _ orientation: Orientation
  ) throws -> (radiographs: [Radiograph], ct: Volume, labels: LabelVolume) {
    let folder = try TemporaryFolder()
    let stored = folder["head.nii.gz"]
    try NIfTI.write(head.reoriented(to: orientation), to: stored)
    let read = try NIfTI.readVolume(stored)
    #expect(read.grid.orientation == orientation)
    let geometries = try model.description.views.map {
      try model.description.setup.geometry(of: $0)
    }
    let radiographs = try DigitalRadiograph().make(ct: read, geometries: geometries).enumerated()
      .map { index, radiograph in
        let image = folder["\(index).nii.gz"]
        try RadiographFile.write(radiograph, to: image)
        try GeometrySidecar(geometry: radiograph.geometry).write(
          to: GeometrySidecar.url(beside: image))
        return try RadiographFile.read(image: image).radiograph
      }
    let result = try Reconstructor(model: model).reconstruct(
      radiographs, on: .canonical(size: 16), options: Self.single)
    return (radiographs, result.ct, result.labels)
  }

  /// How far X-rays may differ that are summed up along other axes: at most 41 samples along a ray and
  /// a bilinear weight, 6e-8 each, rounded up. In parts of the image's maximum.
  private static let rounding = 4e-6

  /// The largest difference of X-rays, in parts of their maximum.
  private static func difference(_ a: [Radiograph], _ b: [Radiograph]) -> Double {
    zip(a, b).map { pair in
      let largest = Double(pair.1.values.max() ?? 0)
      return zip(pair.0.values, pair.1.values).map { abs(Double($0) - Double($1)) / largest }
        .max() ?? 0
    }.max() ?? 0
  }

  private static func worst(_ a: Volume, _ b: Volume) -> Double {
    zip(a.values, b.values).map { Double(abs($0 - $1)) }.max() ?? .infinity
  }

  /// By how many HU the answer changes at most for a ``difference(_:_:)`` of one in the X-rays, measured
  /// with every pixel moved by ``rounding``, up or down at random. Nothing moves in the open field: there
  /// all sums are 0.
  private static func gain(_ radiographs: [Radiograph], _ ct: Volume) throws -> Double {
    var random = SeededGenerator(seed: 6)
    let moved = radiographs.map { radiograph in
      var moved = radiograph
      let step = Float(rounding) * (radiograph.values.max() ?? 0)
      for index in moved.values.indices where moved.values[index] > 100 * step {
        moved.values[index] += random.uniform() < 0.5 ? step : -step
      }
      return moved
    }
    let other = try Reconstructor(model: model).reconstruct(
      moved, on: ct.grid, options: Self.single
    ).ct
    return worst(other, ct) / difference(moved, radiographs)
  }

  /// X-rays of one head agree to the rounding of their sums, and reconstructions to what the network
  /// makes of as much: it carries a difference of 1e-7 in every pixel on by some hundredths of a HU. A
  /// jump anywhere on the way, such as a voxel culled in one orientation alone, would be far more.
  @Test func leftStaysLeftInAllOrientations() throws {
    let reference = try Self.journey(.ras)
    let gain = try Self.gain(reference.radiographs, reference.ct)
    // The reconstruction must depend on the X-rays, or its equality would say nothing.
    let spread = (reference.ct.values.max() ?? 0) - (reference.ct.values.min() ?? 0)
    #expect(spread > 10)
    #expect(Orientation.all.count == 48)
    for orientation in Orientation.all {
      let found = try Self.journey(orientation)
      for (view, pair) in zip(["pa", "left"], zip(found.radiographs, reference.radiographs)) {
        let largest = Double(pair.1.values.max() ?? 0)
        expectClose(
          pair.0.values, pair.1.values, atol: Self.rounding * largest, "\(view) of \(orientation)")
      }
      // What as large a difference in every pixel does bounds that of some pixels.
      let change = gain * Self.difference(found.radiographs, reference.radiographs)
      expectClose(
        found.ct.values, reference.ct.values, atol: min(change, 0.5),
        "reconstruction of \(orientation), HU")
    }
  }

  /// A mirrored head would be noticed: it gives other X-rays.
  @Test func mirroredHeadIsAnother() throws {
    let right = Self.head.reoriented(to: .ras)
    var mirrored = right
    let n = right.grid.nx
    for index in right.values.indices {
      let v = right.grid.voxel(at: index)
      mirrored.values[index] = right[n - 1 - v.x, v.y, v.z]
    }
    let geometry = try ViewSetup(pixelSize: SIMD2(14.4, 14.4), columns: 32, rows: 32)
      .geometry(of: .pa)
    let images = [right, mirrored].map { DigitalRadiograph().make(ct: $0, geometry: geometry) }
    let difference = zip(images[0].values, images[1].values).map { abs($0 - $1) }.max() ?? 0
    #expect(difference > 1)
  }

  /// Where the marker appears: in pa the patient's left is at the viewer's right, in left the front is
  /// at the viewer's left, and up is up in both.
  @Test(arguments: [Orientation.ras, Orientation(code: "LPI"), Orientation(code: "SRP")])
  func markerHangsAsTheConventionsSay(orientation: Orientation?) throws {
    let radiographs = try Self.journey(try #require(orientation)).radiographs
    for (radiograph, isRight) in zip(radiographs, [true, false]) {
      let brightest = try #require(
        radiograph.values.indices.max { radiograph.values[$0] < radiograph.values[$1] })
      let (column, row) = (brightest % 32, brightest / 32)
      #expect(isRight ? column > 17 : column < 14, "column \(column)")
      #expect(row < 14, "row \(row)")
      let expected = radiograph.geometry.project(Self.marker)
      expectClose([Double(column), Double(row)], [expected.x, expected.y], atol: 1.01)
    }
  }
}

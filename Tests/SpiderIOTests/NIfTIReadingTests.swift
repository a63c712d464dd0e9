import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

@Suite struct NIfTIReadingTests {
  private func read(
    _ file: NIfTIBytes, options: NIfTIReadOptions = NIfTIReadOptions()
  ) throws -> LoadedVolume {
    let folder = try TemporaryFolder()
    return try NIfTI.load(folder.file("a.nii", file.bytes), options: options)
  }

  @Test(arguments: [1, 2], [false, true])
  func everyTypeInEveryContainer(_ version: Int, _ isBigEndian: Bool) throws {
    var file = NIfTIBytes(version: version, isBigEndian: isBigEndian)
    file.sform = [-1, 0, 0, 10, 0, -2, 0, 20, 0, 0, 3, -30]
    let numbers = (0..<60).map { $0 * 2 + 1 }
    let signed = numbers.map { -$0 }
    func expectValues(_ expected: [Int], _ what: String) throws {
      let volume = try read(file).volume
      #expect(volume.values == expected.map { Float($0) }, "\(what)")
      #expect(volume.grid.affine.rows[1] == [0, -2, 0, 20])
      #expect(volume.grid.orientation.description == "LPS")
    }
    file.store(numbers.map { UInt8($0) }, datatype: 2)
    try expectValues(numbers, "uint8")
    file.store(signed.map { Int8($0) }, datatype: 256)
    try expectValues(signed, "int8")
    file.store(numbers.map { UInt16($0 + 65000) }, datatype: 512)
    try expectValues(numbers.map { $0 + 65000 }, "uint16")
    file.store(signed.map { Int16($0 - 30000) }, datatype: 4)
    try expectValues(signed.map { $0 - 30000 }, "int16")
    file.store(numbers.map { UInt32($0) << 24 }, datatype: 768)
    try expectValues(numbers.map { $0 << 24 }, "uint32")
    file.store(signed.map { Int32($0) << 20 }, datatype: 8)
    try expectValues(signed.map { $0 << 20 }, "int32")
    file.store(numbers.map { UInt64($0) << 40 }, datatype: 1280)
    try expectValues(numbers.map { $0 << 40 }, "uint64")
    file.store(signed.map { Int64($0) << 40 }, datatype: 1024)
    try expectValues(signed.map { $0 << 40 }, "int64")
    file.store(signed.map { Float($0).bitPattern }, datatype: 16)
    try expectValues(signed, "float32")
    file.store(signed.map { Double($0).bitPattern }, datatype: 64)
    try expectValues(signed, "float64")
  }

  @Test func scaling() throws {
    var file = NIfTIBytes()
    file.store((0..<60).map { Int16($0) }, datatype: 4)
    (file.slope, file.intercept) = (0.5, -1024)
    #expect(try read(file).volume.values == (0..<60).map { Float($0) / 2 - 1024 })
    // 0 is unscaled by the standard, NaN is how nibabel says it; the intercept then counts nothing.
    for slope in [0, Double.nan] {
      file.slope = slope
      #expect(try read(file).volume.values == (0..<60).map { Float($0) })
    }
  }

  @Test(arguments: [(0, 1.0), (1, 1000), (2, 1), (3, 0.001), (10, 1)])
  func unitsBecomeMillimetres(_ units: Int, _ factor: Double) throws {
    var file = NIfTIBytes(version: 2)
    file.units = units
    file.sform = [2, 0, 0, 5, 0, 2, 0, 6, 0, 0, 2, 7]
    let loaded = try read(file)
    expectClose(
      loaded.volume.grid.affine.rows[0], [2 * factor, 0, 0, 5 * factor], rtol: 1e-12, atol: 0)
    #expect(loaded.notes.isEmpty == (units & 7 == 2))
    #expect(loaded.notes.contains { $0.contains("mm") } == (units & 7 != 2))
  }

  @Test func sformGoesBeforeQform() throws {
    var file = NIfTIBytes()
    file.qformCode = 1
    file.pixdim = [-1, 1, 2, 3, 0, 0, 0, 0]
    // A quarter turn about z, and qfac -1: i to y, j to -x, k to -z.
    file.quaternion = [0, 0, 0.5.squareRoot(), 4, 5, 6]
    let both = try read(file)
    #expect(both.volume.grid.affine == .identity)
    #expect(both.notes.contains { $0.contains("sform is used") })
    file.sformCode = 0
    let qform = try read(file).volume.grid.affine.rows
    let expected: [Double] = [0, -2, 0, 4, 1, 0, 0, 5, 0, 0, -3, 6, 0, 0, 0, 1]
    expectClose(qform.flatMap { $0 }, expected, atol: 1e-6, "qform")
  }

  @Test func noOrientationIsRefusedUnlessAssumed() throws {
    var file = NIfTIBytes()
    file.sformCode = 0
    file.pixdim = [1, 1, 2, 3, 0, 0, 0, 0]
    #expect {
      try read(file)
    } throws: {
      if case FileError.noOrientation = $0 { true } else { false }
    }
    let lps = try #require(Orientation(code: "LPS"))
    let grid = try read(file, options: NIfTIReadOptions(assumeOrientation: lps)).volume.grid
    #expect(grid.orientation == lps)
    #expect(grid.spacing == Vector3(1, 2, 3))
    #expect(grid.center == .zero)
    let folder = try TemporaryFolder()
    let summary = try NIfTI.summary(of: folder.file("a.nii", file.bytes))
    #expect(summary.orientation == nil && summary.affine == nil && summary.spacing == [1, 2, 3])
    #expect(summary.notes.contains { $0.contains("orientation unknown") })
    // A file that says is believed.
    let stated = try read(NIfTIBytes(), options: NIfTIReadOptions(assumeOrientation: lps))
    #expect(stated.volume.grid.orientation == .ras)
  }

  @Test func nonFiniteVoxelsBecomeAir() throws {
    var file = NIfTIBytes()
    var numbers = (0..<60).map { Float($0) }
    (numbers[3], numbers[10], numbers[11]) = (.nan, .infinity, -.infinity)
    file.store(numbers.map(\.bitPattern), datatype: 16)
    let loaded = try read(file)
    #expect(loaded.nonFiniteCount == 3)
    #expect(loaded.volume.values == numbers.map { $0.isFinite ? $0 : -1000 })
    // A double beyond Float is no CT number either.
    file.store((0..<60).map { ($0 == 5 ? 1e300 : 1.0).bitPattern }, datatype: 64)
    #expect(try read(file).nonFiniteCount == 1)
  }

  @Test func labelsMustBeLabels() throws {
    let folder = try TemporaryFolder()
    func labels(_ bad: Float) throws -> LabelVolume {
      var file = NIfTIBytes()
      var numbers = (0..<60).map { Float($0) }
      numbers[31] = bad
      file.store(numbers.map(\.bitPattern), datatype: 16)
      return try NIfTI.readLabels(folder.file("a.nii", file.bytes))
    }
    #expect(try labels(255).values[31] == 255)
    for bad in [-1, 256, 0.5, Float.nan, .infinity] {
      #expect {
        try labels(bad)
      } throws: {
        // Voxel 31 of 3 x 4 x 5 is (1, 2, 2).
        if case FileError.notLabels(_, let fault) = $0 {
          fault.contains("(1, 2, 2)")
        } else {
          false
        }
      }
    }
  }

  @Test func pairsAreFoundByEitherName() throws {
    let folder = try TemporaryFolder()
    var file = NIfTIBytes(magic: "ni")
    file.store((0..<60).map { Int16($0) }, datatype: 4)
    let header = try folder.file("a.hdr", file.header)
    #expect {
      try NIfTI.readVolume(header)
    } throws: {
      if case FileError.incomplete(header, folder["a.img"]) = $0 { true } else { false }
    }
    let image = try folder.file("a.img", file.data)
    for url in [header, image] {
      #expect(try NIfTI.readVolume(url).values == (0..<60).map { Float($0) })
    }
  }

  @Test func aSingleSliceIsShownAndNotRead() throws {
    var file = NIfTIBytes()
    file.dim = [2, 3, 4, 1, 1, 1, 1, 1]
    file.pixdim[3] = 0
    file.store((0..<12).map { Int16($0) }, datatype: 4)
    let folder = try TemporaryFolder()
    let url = try folder.file("a.nii", file.bytes)
    #expect(try NIfTI.summary(of: url).shape == [3, 4, 1])
    #expect {
      try NIfTI.readVolume(url)
    } throws: {
      if case FileError.notAVolume = $0 { true } else { false }
    }
  }

  @Test func theSummaryHasTheKeysOfTheCommandLine() throws {
    let folder = try TemporaryFolder()
    var file = NIfTIBytes()
    file.store((0..<60).map { Int16($0) }, datatype: 4)
    file.sformCode = 0
    let summary = try NIfTI.summary(of: folder.file("a.nii", file.bytes))
    let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(summary))
    let object = try #require(json as? [String: Any])
    #expect(
      Set(object.keys) == [
        "shape", "spacing_mm", "orientation", "affine", "datatype", "min", "max", "mean",
        "non_finite_voxels", "notes", "description", "content",
      ])
    #expect(object["orientation"] is NSNull && object["affine"] is NSNull)
    #expect((summary.minimum, summary.maximum, summary.mean) == (0, 59, 29.5))
    #expect(
      try JSONDecoder().decode(NIfTISummary.self, from: JSONEncoder().encode(summary)) == summary)
  }
}

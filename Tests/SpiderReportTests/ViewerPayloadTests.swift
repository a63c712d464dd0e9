import Foundation
import SpiderCore
import SpiderReport
import SpiderTestSupport
import Testing

/// What a page's scripts find in it, read by other means than theirs.
private struct Reader {
  let manifest: [String: Any]
  let blocks: [String: String]

  init(_ payload: ViewerPayload) throws {
    manifest = try #require(
      JSONSerialization.jsonObject(with: Data(payload.manifest.utf8)) as? [String: Any])
    blocks = Dictionary(uniqueKeysWithValues: payload.blocks.map { ($0.id, $0.base64) })
  }

  func cases() throws -> [[String: Any]] { try #require(manifest["cases"] as? [[String: Any]]) }

  func volumes() throws -> [[String: Any]] {
    let shown = try cases()[0]
    return try #require(shown["volumes"] as? [[String: Any]])
  }

  func views() throws -> [[String: Any]] {
    let shown = try cases()[0]
    return try #require(shown["views"] as? [[String: Any]])
  }

  /// The bytes of a block, unpacked by gzip.
  func bytes(_ block: [String: Any]) throws -> [UInt8] {
    let id = try #require(block["data"] as? String)
    let base64 = try #require(blocks[id])
    let packed = try #require(Data(base64Encoded: base64))
    let folder = try TemporaryFolder()
    try packed.write(to: folder["block.gz"])
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", folder["block.gz"].path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return Array(data)
  }

  /// 16-bit numbers: each the sum of all differences up to its own.
  func numbers(_ block: [String: Any]) throws -> [Int] {
    let bytes = try bytes(block)
    let isSigned = try #require(block["type"] as? String) == "int16"
    let count = bytes.count / 2
    var sum: UInt16 = 0
    return (0..<count).map { index in
      sum &+= UInt16(bytes[index]) | UInt16(bytes[count + index]) << 8
      return isSigned ? Int(Int16(bitPattern: sum)) : Int(sum)
    }
  }

  /// The grid of an embedded volume.
  func grid(_ block: [String: Any]) throws -> VoxelGrid {
    let shape = try #require(block["shape"] as? [Int])
    let rows = try #require(block["affine"] as? [[Double]])
    func column(_ c: Int) -> Vector3 { Vector3(rows[0][c], rows[1][c], rows[2][c]) }
    return VoxelGrid(
      nx: shape[0], ny: shape[1], nz: shape[2],
      affine: Affine(columns: (column(0), column(1), column(2)), translation: column(3)))
  }
}

private let grid = VoxelGrid(
  nx: 9, ny: 7, nz: 5, boxFrom: Vector3(-20, -30, -40), to: Vector3(25, 40, 35))

/// Numbers of every size, whole.
private func noise(on grid: VoxelGrid, seed: UInt64) -> Volume {
  var generator = SeededGenerator(seed: seed)
  return Volume(
    grid: grid, values: (0..<grid.count).map { _ in Float(generator.index(below: 5000) - 1500) })
}

private func payload(_ layers: ViewerContent.Layer..., views: [ViewerContent.View] = [])
  -> ViewerPayload
{
  ViewerPayload(ViewerContent([.init("case", layers, views: views)]))
}

@Suite struct ViewerPayloadTests {
  @Test(arguments: ["RAS", "LPI", "SPR", "PIR", "ASL", "LAS"])
  func everyVoxelComesBackWhereItWas(code: String) throws {
    let volume = noise(on: grid, seed: 3)
    let orientation = try #require(Orientation(code: code))
    let labels = LabelVolume(grid: grid, values: (0..<grid.count).map { UInt8($0 % 7) })
    let reader = try Reader(
      payload(
        .init(
          "ct", volume.reoriented(to: orientation), labels: labels.reoriented(to: orientation))))
    let block = try reader.volumes()[0]
    #expect(try reader.numbers(block) == volume.values.map { Int($0) })
    let found = try reader.grid(block)
    #expect(found.shape == grid.shape)
    expectClose(
      found.affine.rows.flatMap { $0 }, grid.affine.rows.flatMap { $0 }, atol: 1e-9, "affine")
    let shown = try reader.cases()[0]
    let overlay = try #require(shown["labels"] as? [[String: Any]])
    #expect(try reader.bytes(overlay[0]) == labels.values && overlay[0]["of"] as? Int == 0)
  }

  @Test(arguments: [Vector3(-14, 0, 0), Vector3(0, 30, 0), Vector3(0, 0, 25)])
  func aMarkOfAnObliqueVolumeStaysAtItsWorldPoint(mark: Vector3) throws {
    let turn = Affine.rotation(angle: 0.3, axis: normalized(Vector3(1, -2, 3)))
    let oblique = VoxelGrid(
      nx: 30, ny: 31, nz: 32,
      affine: turn.composed(
        with: Affine(scale: Vector3(3, 3, 3), translation: Vector3(-45, -45, -45))))
    var volume = Volume(grid: oblique, repeating: -1000)
    for index in volume.values.indices where length(oblique.worldPoint(of: index) - mark) < 4 {
      volume.values[index] = 1000
    }
    let orientation = try #require(Orientation(code: "PIR"))
    let reader = try Reader(payload(.init("ct", volume.reoriented(to: orientation))))
    let block = try reader.volumes()[0]
    let (numbers, place) = (try reader.numbers(block), try reader.grid(block))
    let marked = numbers.indices.filter { numbers[$0] == 1000 }
    let sum = marked.reduce(Vector3.zero) { $0 + place.worldPoint(of: $1) }
    let found = sum / Double(marked.count)
    expectClose([found.x, found.y, found.z], [mark.x, mark.y, mark.z], atol: 1.5)
  }

  @Test func numbersThatDoNotFitBecomeTheNearestOnes() throws {
    var volume = Volume(grid: grid, repeating: 12.6)
    volume.values[0] = .nan
    volume.values[1] = -.infinity
    volume.values[2] = 1e9
    volume.values[3] = -1e9
    volume.values[4] = -0.4
    let reader = try Reader(payload(.init("ct", volume)))
    let numbers = try reader.numbers(try reader.volumes()[0])
    #expect(Array(numbers[..<6]) == [-1000, -1000, 32767, -32768, 0, 13])
  }

  @Test func whatIsTooLargeIsShownCoarserOverTheSameBoxAndSaysSo() throws {
    let fine = VoxelGrid.canonical(size: 24)
    let (a, b) = (noise(on: fine, seed: 1), noise(on: fine, seed: 2))
    var content = ViewerContent([
      .init("case", [.init("answer", a), .init("truth", b, role: .truth)])
    ])
    let whole = ViewerPayload(content)
    #expect(whole.note == nil && whole.size > 50_000)
    content.byteLimit = 20_000
    let small = ViewerPayload(content)
    #expect(small.size <= 20_000 && small.size > 8_000, "\(small.size) bytes")
    let note = try #require(small.note)
    #expect(note.contains("answer") && note.contains("24 x 24 x 24 voxels of 10.7 x 10.7 x 10.7"))
    let reader = try Reader(small)
    for (block, volume) in zip(try reader.volumes(), [a, b]) {
      let found = try reader.grid(block)
      #expect(found.count < fine.count)
      let (low, high) = found.bounds
      expectClose(
        [low.x, low.y, low.z, high.x, high.y, high.z], [-128, -128, -128, 128, 128, 128],
        atol: 1e-6, "box")
      let numbers = try reader.numbers(block)
      let mean = Double(numbers.reduce(0, +)) / Double(numbers.count)
      let wanted = volume.values.reduce(0) { $0 + Double($1) } / Double(fine.count)
      // Voxels are averaged, not left out.
      #expect(abs(mean - wanted) < 3)
    }
    content.byteLimit = .max
    content.voxelLimit = 1000
    #expect(try Reader(ViewerPayload(content)).grid(try reader.volumes()[0]).count < fine.count)
  }

  @Test func fineAxesBecomeCoarserFirst() {
    let scan = VoxelGrid(
      nx: 512, ny: 512, nz: 60, boxFrom: Vector3(-128, -128, -90), to: Vector3(128, 128, 90))
    let half = scan.coarser(limit: 60 * 130 * 130)
    #expect(half.nz == 60 && half.nx == half.ny && (125...130).contains(half.nx))
    let few = scan.coarser(limit: 1000)
    #expect(few.count <= 1000 && few.nz < 60)
    #expect(scan.coarser(limit: scan.count) == scan)
    #expect(scan.coarser(limit: 1).count == 1)
  }

  @Test func namesCannotLeaveTheirPlaces() throws {
    let name = "</script><script>alert(1)</script><!-- \u{2028}\"'\\"
    let layer = ViewerContent.Layer(name, Volume(grid: grid, repeating: 0))
    let payload = ViewerPayload(ViewerContent([.init(name, [layer])]))
    #expect(!payload.manifest.contains("<"))
    #expect(try Reader(payload).volumes()[0]["name"] as? String == name)
    var page = ReportPage(title: name)
    page.viewer = payload
    let html = page.html()
    let (opened, closed) = (
      html.components(separatedBy: "<script").count, html.components(separatedBy: "</script>").count
    )
    #expect(opened == closed && opened == 1 + payload.blocks.count + 2)
  }

  @Test func thePageFetchesNothingAndRunsItsOwnScriptsOnly() {
    var page = ReportPage(title: "Head")
    page.pictures = [.init(title: "Slices", png: Data([1]), caption: "")]
    page.viewer = payload(.init("ct", noise(on: grid, seed: 1)))
    let html = page.html()
    #expect(html.contains("default-src 'none'") && html.contains("script-src 'nonce-spider'"))
    for link in ["http://", "https://", "<link", "@import", "url(", "fetch(", "import("] {
      #expect(!html.contains(link), "\(link) would load something")
    }
    #expect(html.contains("<noscript>") && html.contains("Not for diagnosis"))
    // Still pictures are there for those who see no other.
    #expect(html.contains("<div class=\"stills\">") && html.contains("data:image/png;base64,AQ=="))
  }

  @Test func theUncertaintyBelongsToItsVolume() throws {
    var sigma = Volume(grid: grid, repeating: 50)
    sigma.values[7] = 400
    let reader = try Reader(
      payload(
        .init("truth", noise(on: grid, seed: 1), role: .truth),
        .init("answer", noise(on: grid, seed: 2), uncertainty: sigma)))
    let shown = try reader.cases()[0]
    let block = try #require(shown["uncertainty"] as? [String: Any])
    #expect(block["of"] as? Int == 1)
    #expect(try reader.numbers(block)[7] == 400)
    let most = try #require(block["most"] as? Double)
    #expect(most >= 50 && most <= 400)
  }
}

@Suite struct ViewerRadiographTests {
  private let setup = ViewSetup(pixelSize: SIMD2(6, 6), columns: 40, rows: 30)

  private func radiograph(_ view: NamedView, columns: Int = 40, rows: Int = 30) throws -> Radiograph
  {
    let setup = ViewSetup(pixelSize: SIMD2(6, 6), columns: columns, rows: rows)
    let geometry = try setup.geometry(of: view)
    return Radiograph(
      geometry: geometry, values: (0..<geometry.count).map { Float($0 % 101) * 0.05 })
  }

  @Test(arguments: [(NamedView.pa, "RLSI"), (.left, "APSI"), (.right, "PASI"), (.ap, "RLSI")])
  func lettersAndProjectionAreTheGeometrys(view: NamedView, letters: String) throws {
    let radiograph = try radiograph(view)
    let volume = Volume(grid: grid, repeating: 0)
    let reader = try Reader(payload(.init("ct", volume), views: [.init("x", radiograph)]))
    let block = try reader.views()[0]
    #expect(block["letters"] as? String == letters)
    #expect(block["aspect"] as? Double == 40.0 / 30.0)
    let matrix = try #require(block["matrix"] as? [[Double]])
    let point = Vector3(12, -34, 25)
    let projected = matrix.map { $0[0] * point.x + $0[1] * point.y + $0[2] * point.z + $0[3] }
    let expected = radiograph.geometry.project(point)
    expectClose(
      [projected[0] / projected[2], projected[1] / projected[2]], [expected.x, expected.y],
      atol: 1e-9)
    #expect(block["reprojected"] == nil)
  }

  @Test func pixelsAndMaskComeBack() throws {
    var radiograph = try radiograph(.pa)
    radiograph.mask = radiograph.values.indices.map { $0 % 3 != 0 }
    radiograph.values[3] = .nan
    let reader = try Reader(
      payload(.init("ct", Volume(grid: grid, repeating: 0)), views: [.init("x", radiograph)]))
    let block = try reader.views()[0]
    let offset = try #require(block["offset"] as? Double)
    let slope = try #require(block["slope"] as? Double)
    let measured = try #require(block["measured"] as? [String: Any])
    let found = try reader.numbers(measured).map { offset + slope * Double($0) }
    for index in found.indices where radiograph.counts(index) {
      #expect(abs(found[index] - Double(radiograph.values[index])) <= slope)
    }
    let flags = try #require(block["mask"] as? [String: Any])
    let mask = try reader.bytes(flags)
    #expect(mask.map { $0 == 1 } == radiograph.values.indices.map(radiograph.counts))
  }

  @Test func aFilmOfTooManyPixelsIsShownOnTheSameDetector() throws {
    let radiograph = try radiograph(.left, columns: 500, rows: 350)
    let reader = try Reader(
      payload(.init("ct", Volume(grid: grid, repeating: 0)), views: [.init("x", radiograph)]))
    let block = try reader.views()[0]
    let columns = try #require(block["columns"] as? Int)
    let rows = try #require(block["rows"] as? Int)
    #expect(columns == 384 && rows == 269)
    let measured = try #require(block["measured"] as? [String: Any])
    let numbers = try reader.numbers(measured)
    #expect(numbers.count == columns * rows)
    func vector(_ key: String) throws -> Vector3 {
      let numbers = try #require(block[key] as? [Double])
      return Vector3(numbers)
    }
    let (origin, across, down) = (
      try vector("origin"), try vector("columnStep"), try vector("rowStep")
    )
    let corner = origin - (across + down) / 2
    let expected = radiograph.geometry.pixelCenter(column: -0.5, row: -0.5)
    expectClose([corner.x, corner.y, corner.z], [expected.x, expected.y, expected.z], atol: 1e-6)
    let far = corner + across * Double(columns) + down * Double(rows)
    let end = radiograph.geometry.pixelCenter(column: 499.5, row: 349.5)
    expectClose([far.x, far.y, far.z], [end.x, end.y, end.z], atol: 1e-6)
  }
}

import SpiderImaging
import SpiderTestSupport
import Testing

@Suite struct FilmPictureTests {
  /// Air, then a wedge from nothing to the head's brightest, 40 rows high.
  private func wedge(gain: Float = 1, offset: Float = 0) throws -> Radiograph {
    let geometry = try ViewSetup(columns: 400, rows: 40).geometry(of: .pa)
    let values = (0..<geometry.count).map { index in
      offset + gain * max(0, Float(index % 400 - 100) / 300) * 4
    }
    return Radiograph(geometry: geometry, values: values)
  }

  @Test func darkAirGreyTissueBrightBone() throws {
    let film = FilmPicture(try wedge()).pixels
    let row = Array(film[20 * 400..<21 * 400])
    #expect(row[..<90].allSatisfy { $0 == 0 })
    // It rises everywhere, away from the ends where the wedge breaks off.
    #expect(zip(row[100..<380], row[101..<381]).allSatisfy { $0 <= $1 })
    // A tenth of the head's brightest, the skin, is told from air; bone is near white, not cut off.
    #expect(row[130] > 25 && row[130] < 60, "\(row[130])")
    #expect(row[250] > 75 && row[250] < 130, "\(row[250])")
    #expect(row[380] > 210 && row[380] < 255, "\(row[380])")
  }

  /// Gain and offset of the numbers change nothing, as no film knows them.
  @Test func gainAndOffsetDoNotShow() throws {
    let film = FilmPicture(try wedge()).pixels.map(Int.init)
    let other = FilmPicture(try wedge(gain: 17, offset: -5)).pixels.map(Int.init)
    // One grey value of rounding.
    #expect(zip(film, other).allSatisfy { abs($0 - $1) <= 1 })
  }

  /// Where all of the head is bright, as behind soft beams and scatter, the curve is steeper: three
  /// quarters of the brightest are middle grey, not light.
  @Test func brightHeadsKeepTheirContrast() throws {
    var image = try wedge()
    for index in image.values.indices where index % 400 >= 100 {
      image.values[index] = 3 + Float(index % 400 - 100) / 300
    }
    let row = Array(FilmPicture(image).pixels[20 * 400..<21 * 400])
    #expect(row[140] > 90 && row[140] < 140, "\(row[140])")
    #expect(row[350] > 170 && row[350] < 250, "\(row[350])")
  }

  @Test func fineDetailIsRaised() throws {
    var image = try wedge()
    for index in image.values.indices where index % 8 < 4 { image.values[index] += 0.05 }
    let film = FilmPicture(image).pixels
    let plain = FilmPicture(try wedge()).pixels
    let place = 20 * 400 + 304
    let contrast = Int(film[place + 1]) - Int(film[place - 3])
    let slope = Int(plain[place + 1]) - Int(plain[place - 3])
    // 0.05 of 4 is 4 greys of 255 by the curve alone, whose slope is about 1.2 here.
    #expect(contrast - slope >= 6, "\(contrast), \(slope)")
  }

  /// Without detail, toe and exponent the grey is the relative form itself, up to where the shoulder begins.
  @Test func processingThatDoesNothingDoesNothing() throws {
    var processing = FilmProcessing()
    (processing.contour, processing.texture, processing.toe) = (0, 0, 0)
    processing.exponent = 1
    let image = try wedge()
    let relative = image.relative().values
    let film = image.film(processing)
    #expect(film.intensity == .relative)
    var compared = 0
    for (grey, x) in zip(film.values, relative) where x < 0.78 {
      expectClose(grey, x, atol: 0.006)
      compared += 1
    }
    #expect(compared > 10_000 && film.values.contains { $0 > 0.9 })
  }

  /// The more contour is added, the further an edge overshoots.
  @Test func contourRaisesEdges() throws {
    var image = try wedge()
    for index in image.values.indices { image.values[index] = index % 400 < 200 ? 1 : 2 }
    func overshoot(_ contour: Double) -> Int {
      var processing = FilmProcessing()
      (processing.contour, processing.texture) = (contour, 0)
      processing.exponent = 2
      let film = FilmPicture(image, processing).pixels.map(Int.init)
      return film[20 * 400 + 202] - film[20 * 400 + 350]
    }
    #expect(overshoot(0) == 0 && overshoot(0.4) > 0 && overshoot(1.2) > overshoot(0.4))
  }

  /// Where all is alike, it is as bright beside what a shutter hides as elsewhere.
  @Test func shuttersLeaveNoRim() throws {
    var image = try wedge()
    for index in image.values.indices { image.values[index] = index % 400 < 150 ? 0 : 2 }
    image.mask = image.values.indices.map { $0 % 400 < 250 }
    let row = FilmPicture(image).pixels[20 * 400..<21 * 400].map(Int.init)
    #expect(row[150] > row[200] && row[200] > 100, "an edge that is none of a shutter is raised")
    #expect(row[200..<250].allSatisfy { abs($0 - row[200]) <= 1 }, "\(row[200..<250])")
    #expect(row[250...].allSatisfy { $0 == 0 })
  }

  @Test func whatDoesNotCountIsBlack() throws {
    var image = try wedge()
    image.values[20 * 400 + 300] = .nan
    image.values[20 * 400 + 350] = .infinity
    var mask = [Bool](repeating: true, count: image.values.count)
    mask[20 * 400 + 200] = false
    image.mask = mask
    let film = FilmPicture(image).pixels
    for column in [200, 300, 350] { #expect(film[20 * 400 + column] == 0) }
    #expect(film[20 * 400 + 320] > 100)
    let empty = Radiograph(
      geometry: image.geometry, values: [Float](repeating: 3, count: image.values.count))
    #expect(FilmPicture(empty).pixels.allSatisfy { $0 == 0 })
  }
}

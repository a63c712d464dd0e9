import SpiderCore
import SpiderTestSupport
import Testing

/// The one way from X-rays as they were read to what a network is fed.
@Suite struct PreparedViewsTests {
  private let model = tinyModel(size: 128)

  /// A ball in an open field, optionally with bright borders all around, as a collimator leaves them.
  private func views(border: Int = 0, relative: Bool = false) throws -> [Radiograph] {
    try model.description.views.map { view in
      let geometry = try model.description.setup.geometry(of: view)
      let values = (0..<geometry.count).map { index -> Float in
        let (column, row) = (index % 128, index / 128)
        let isHidden =
          min(column, 127 - column) < border || min(row, 127 - row) < border
        let (x, y) = (Double(column) - 63, Double(row) - 66)
        return isHidden ? 9 : Float(4 * max(0, 1 - (x * x + y * y) / 900).squareRoot())
      }
      return Radiograph(
        geometry: geometry, values: values, intensity: relative ? .relative : .absolute)
    }
  }

  @Test func bordersAreMaskedAndToldOf() throws {
    let views = try views(border: 20)
    let prepared = try PreparedViews(views, for: model.traits)
    for radiograph in prepared.given {
      let mask = try #require(radiograph.mask)
      #expect(!mask[0] && !mask[19 * 128 + 64] && mask[64 * 128 + 64])
    }
    #expect(prepared.notes.map(\.index) == [0, 1])
    #expect(prepared.notes.allSatisfy { $0.text.hasPrefix("collimated borders") })
    #expect(prepared.notes[1].description.hasPrefix("radiograph 2: "))
    // Hidden pixels are fed as open field.
    #expect(prepared.input.allSatisfy { $0.values[0] == 0 })

    let asStated = try PreparedViews(views, for: model.traits, borders: .asStated)
    #expect(asStated.given == views && asStated.notes.isEmpty)
    // The borders are brighter than the head, and the 99.5th percentile is theirs.
    #expect(asStated.input[0].values[0] > 0.9)
  }

  /// A scan that ends in the shoulders ends its X-ray in a straight line: that is no collimator.
  @Test func theEndOfAScanIsToldForWhatItIs() throws {
    let views = try views().map { view in
      var view = view
      for index in view.values.indices where (90..<116).contains(index / 128) {
        view.values[index] = 3 + Float(index * 7919 % 10) / 100  // No paint: it has some grain.
      }
      for index in view.values.indices where index / 128 >= 116 { view.values[index] = 0 }
      return view
    }
    let notes = PreparedViews.masked(views).notes
    #expect(notes.count == 2)
    #expect(
      notes.allSatisfy { $0.text.hasPrefix("straight dark borders") && $0.text.contains("scan") })
    let pictures = views.map {
      Radiograph(geometry: $0.geometry, values: $0.values, intensity: .relative)
    }
    #expect(PreparedViews.masked(pictures).notes.map(\.text) == notes.map(\.text))
  }

  /// Without borders, the numbers are those that training feeds, but for rounding.
  @Test func whatIsFedIsWhatTrainingFeeds() throws {
    let views = try views()
    let prepared = try PreparedViews(views, for: model.traits)
    #expect(prepared.given == views && prepared.notes.isEmpty)
    let fed = NetworkInput.tensor(prepared.input).values
    // The views are resampled onto the model's detector, which is theirs: that rounds.
    expectClose(fed, try NetworkInput.make(views, intensity: .relative).values, atol: 1e-5)
    #expect(fed.count == 2 * 128 * 128 && Set(fed).count > 100)
  }

  /// A second preparation finds nothing more to do.
  @Test func preparingTwiceIsPreparingOnce() throws {
    let once = try PreparedViews(views(border: 20), for: model.traits)
    let twice = try PreparedViews(once.given, for: model.traits)
    #expect(twice.given == once.given && twice.input == once.input && twice.notes.isEmpty)
  }

  @Test func orderIsTheModelsAndErrorsCountAsGiven() throws {
    let views = try views()
    let prepared = try PreparedViews(views.reversed(), for: model.traits)
    #expect(prepared.given == views.reversed())
    #expect(prepared.input == (try PreparedViews(views, for: model.traits).input))
    var blank = views[0]
    blank.values = [Float](repeating: 3, count: blank.values.count)
    #expect(throws: ViewError.emptyImage(index: 1)) {
      try PreparedViews([views[1], blank], for: model.traits)
    }
    // All that counts is masked.
    var hidden = views[1]
    hidden.mask = [Bool](repeating: false, count: hidden.values.count)
    #expect(throws: ViewError.emptyImage(index: 0)) {
      try PreparedViews([hidden, views[0]], for: model.traits)
    }
  }

  @Test func invertedGreysAndOddDistancesAreToldOf() throws {
    var inverted = try views(relative: true)
    inverted[1].values = inverted[1].values.map { 4 - $0 }
    let notes = try PreparedViews(inverted, for: model.traits, borders: .asStated).notes
    #expect(notes.map(\.index) == [1] && notes[0].text.contains("looks inverted"))

    let far = ViewSetup(sourceToAxis: 2000, sourceToDetector: 2500)
    let distant = try zip(model.description.views, views()).map {
      Radiograph(geometry: try far.geometry(of: $0), values: $1.values)
    }
    let told = try PreparedViews(distant, for: model.traits).notes
    #expect(told.count == 2 && told[0].text.contains("taken from 2000 mm"))
  }

  /// Other models take X-rays as they are, or none at all.
  @Test func modelsThatMatchNothing() throws {
    let views = try views(border: 20)
    let free = try PreparedViews(views, for: ModelTraits(name: "free"))
    #expect(free.input == free.given && free.given[0].mask != nil)
    var blank = views[0]
    blank.values = [Float](repeating: 3, count: blank.values.count)
    let blind = try PreparedViews([blank], for: ModelTraits(name: "blind", input: .unused))
    #expect(blind.given == [blank] && blind.isocenter == .zero)
  }
}

@Suite struct InversionTests {
  /// A disc of bright bone in dark air, or the other way round, with a neck down to the edge.
  private func picture(
    inverted: Bool, intensity: RadiographIntensity = .relative, size: Int = 64
  ) throws -> Radiograph {
    let geometry = try ViewSetup(columns: size, rows: size).geometry(of: .pa)
    let values = (0..<size * size).map { index -> Float in
      let (x, y) = (Double(index % size) - 31.5, Double(index / size) - 31.5)
      let isHead = x * x + y * y < 24 * 24 || (abs(x) < 10 && y > 0)
      return isHead == inverted ? 100 : 60000
    }
    return Radiograph(geometry: geometry, values: values, intensity: intensity)
  }

  @Test func onlyDarkBoneLooksInverted() throws {
    #expect(try picture(inverted: true).looksInverted)
    #expect(try !picture(inverted: false).looksInverted)
    #expect(try !picture(inverted: true, intensity: .absolute).looksInverted)
  }

  /// A head that fills the picture, a little brighter at its rim, is no cause for a warning.
  @Test(arguments: [(0.2, false), (0.3, true)]) func theMarginIsAQuarter(
    _ share: Float, isInverted: Bool
  ) throws {
    var image = try picture(inverted: true)
    // Greys from 0 to 1 whose middle and border are told apart by the share alone.
    image.values = (0..<64 * 64).map { index in
      let (column, row) = (index % 64, index / 64)
      if column == 0 || column == 63 || row == 0 || row == 63 { return 0.4 + share }
      if (16..<48).contains(column), (16..<48).contains(row) { return 0.4 }
      return index.isMultiple(of: 2) ? 0 : 1
    }
    #expect(image.looksInverted == isInverted)
  }

  @Test func masksAndEmptyPicturesAreNoFault() throws {
    var image = try picture(inverted: true)
    image.mask = image.values.map { $0 < 1000 }
    #expect(!image.looksInverted)
    image.mask = image.values.map { _ in false }
    #expect(!image.looksInverted)
  }
}

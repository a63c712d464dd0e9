import Foundation
import SpiderCore
import SpiderDRR
import SpiderTestSupport
import Testing

/// What a refinement is made of: the prior and its transpose, the equations, the tone.
@Suite struct RefinementEquationTests {
  private let scene = RefinementScene()

  /// A film's pixel of twice the width is a mean over four of the others, and is believed twice as much; what is not
  /// toned has no such scale.
  @Test func wideFilmPixelsAreBelievedMore() throws {
    // The truth itself, so that the tone explains all and nothing but the pixels' width tells.
    let truth = scene.truth(size: 20)
    let law = Attenuation.standard
    let (answer, attenuation) = (truth, law.attenuation(of: truth))
    func weights(pixels: Int, isFilm: Bool) throws -> [Float] {
      let views = try scene.views([.pa], of: truth, pixels: pixels).map { view in
        isFilm
          ? Radiograph(
            geometry: view.geometry, values: view.values.map { 3 + 7 * $0 }, intensity: .relative)
          : view
      }
      let equations = RefinementView.views(
        of: answer, attenuation: attenuation, views, law: law, JosephProjector())
      #expect(equations[0].use == (isFilm ? .toned : .lineIntegrals))
      let ones = [Float](repeating: 1, count: equations[0].residual.count)
      return Array(Set(equations[0].weighted(ones)).subtracting([0]))
    }
    // Voxels of 12.8 mm: neither detector is binned, of 19 and 9.5 mm at the patient.
    let (wide, narrow) = (
      try weights(pixels: 20, isFilm: true), try weights(pixels: 40, isFilm: true)
    )
    try #require(wide.count == 1 && narrow.count == 1)
    expectClose(Double(wide[0] / narrow[0]), 2, rtol: 0.02, atol: 0)
    // Wider ones show so much of edges from pixel to pixel that it is taken for noise.
    #expect(try weights(pixels: 30, isFilm: false) == weights(pixels: 40, isFilm: false))
  }

  /// No curve of greys makes one head of two halves that do not fit: what it leaves unexplained says how little the film
  /// is to be believed.
  @Test func aFilmThatNoToneExplainsIsHardlyBelieved() throws {
    let law = Attenuation.standard
    let (truth, answer) = (scene.truth(size: 32), scene.answer(size: 32))
    let attenuation = law.attenuation(of: answer)
    let film = try scene.views([.pa], of: truth).map { view in
      Radiograph(
        geometry: view.geometry, values: view.values.map { 100 * max(0, $0) }, intensity: .relative)
    }[0]
    var torn = film
    let columns = film.geometry.columns
    for index in torn.values.indices where index % columns < columns / 2 {
      torn.values[index] = film.values[max(0, index - 10 * columns)]  // 48 mm lower
    }
    func weight(_ film: Radiograph) throws -> Float {
      let equations = RefinementView.views(
        of: answer, attenuation: attenuation, [film], law: law, JosephProjector())
      #expect(equations[0].use == .toned)
      let ones = [Float](repeating: 1, count: equations[0].residual.count)
      return try #require(equations[0].weighted(ones).max())
    }
    #expect(try weight(torn) < 0.5 * weight(film))
  }

  /// Noise is told by how large line integrals are: 500 photons, so 0.045 behind nothing, 0.2 behind 3 units, where a head
  /// is smooth. Of a clean X-ray it is what edges there are.
  @Test func noiseGrowsWithTissue() throws {
    let view = try scene.views([.pa], of: scene.truth(size: 64), pixels: 128)[0]
    var random = SeededGenerator(seed: 5)
    let noisy = view.values.map { value -> Float in
      let mean = 500 * exp(-Double(value))
      let count = max(1, mean + mean.squareRoot() * random.normal())
      return Float(max(0, log(500 / count)))
    }
    let found = try #require(PixelNoise(Radiograph(geometry: view.geometry, values: noisy)))
    let clean = try #require(PixelNoise(view))
    let classes = Set(view.values.filter { $0 > 1 }.map { Int($0) }).filter { number in
      view.values.count { Int($0) == number } >= 400
    }
    try #require(classes.count >= 2)
    for number in classes {
      let middle = Float(number) + 0.5
      let expected = Float((exp(Double(middle)) / 500).squareRoot())
      #expect(clean.deviation(at: middle) < 0.5 * expected)
      expectClose(found.deviation(at: middle), expected, rtol: 0.35, atol: 0)
    }
    #expect(found.deviation(at: 100) > 0 && found.deviation(at: -1) > 0)
  }

  @Test func anXRayOfNothingHasNoNoise() throws {
    let view = try scene.views([.pa], of: scene.truth(size: 20), pixels: 20)[0]
    let empty = Radiograph(geometry: view.geometry, values: view.values.map { _ in 0 })
    #expect(PixelNoise(empty) == nil)
  }

  /// <W A (S K z + m c), y> = <(z, c), (K' S, m') A' W y>.
  @Test func theOperatorAndItsAdjointMatch() throws {
    let answer = scene.answer(size: 20)
    let law = Attenuation.standard
    let prior = RefinementPrior(about: answer, law: law)
    let radiographs = try scene.views([.pa, .left], of: scene.truth(size: 20), pixels: 40)
    let projector = JosephProjector()
    let views = RefinementView.views(
      of: answer, attenuation: law.attenuation(of: answer), radiographs, law: law, projector)
    let z = randomValues(prior.unknowns, seed: 1)
    let volume = prior.synthesis(z)
    for (number, view) in views.enumerated() {
      let y = randomValues(view.geometry.count, seed: UInt64(number) + 2)
      let left = innerProduct(view.weighted(projector.forward(volume, view.geometry)), y)
      let back = projector.adjoint(view.weighted(y), view.geometry, onto: answer.grid)
      let right = innerProduct(z, prior.adjoint(back))
      #expect(left != 0)
      expectClose(left, right, rtol: 1e-4, atol: 1e-5 * abs(left))
    }
  }

  /// What all soft tissue is wrong by alike is found, and bone, of which each voxel is less certain, pays less for it:
  /// without the common error it loses 115 HU here, with it 47.
  @Test func aCommonErrorIsNotTakenOutOfBone() throws {
    let truth = scene.truth(size: 64)
    let answer = truth.withValues(truth.values.map { $0 == 40 ? 100 : $0 })
    let refined = try Refinement(iterations: 10)
      .refined(answer, to: try scene.views([.pa, .left], of: truth)).ct
    func bias(_ value: Float) -> Float {
      let errors = zip(refined.values, truth.values).filter { $1 == value }.map { $0 - $1 }
      return errors.reduce(0, +) / Float(errors.count)
    }
    #expect(abs(bias(40)) < 12, "\(bias(40)) HU")
    #expect(abs(bias(1100)) < 60, "\(bias(1100)) HU")
  }

  /// Conjugate gradients arrive where a dense solution of the normal equations lies.
  @Test func theSolutionIsThatOfTheDenseEquations() throws {
    let truth = scene.truth(size: 10)
    let law = Attenuation.standard
    let projector = JosephProjector()
    let radiographs = try scene.views([.pa, .left], of: truth, pixels: 20)
    let answer = scene.answer(size: 10)
    // So coarse that no open field is certain: nothing is taken out before the equations.
    #expect(try Refinement(iterations: 1).refined(answer, to: radiographs).emptied == nil)
    let prior = RefinementPrior(about: answer, law: law)
    let views = RefinementView.views(
      of: answer, attenuation: law.attenuation(of: answer), radiographs, law: law, projector)
    #expect(views.allSatisfy { $0.use == .lineIntegrals })
    // Noise at voxels that nothing uncertain is near moves nothing.
    let noise = (0..<prior.unknowns).filter { index in
      var unit = [Float](repeating: 0, count: prior.unknowns)
      unit[index] = 1
      return prior.synthesis(unit).values.contains { $0 != 0 }
    }
    let columns = noise.map { index -> [Float] in
      var unit = [Float](repeating: 0, count: prior.unknowns)
      unit[index] = 1
      let volume = prior.synthesis(unit)
      return views.flatMap { $0.weighted(projector.forward(volume, $0.geometry)) }
    }
    let residual = views.flatMap(\.residual)
    // (I + M M') y = r, z = M' y: as many unknowns as pixels that any noise moves.
    let pixels = residual.indices.filter { pixel in columns.contains { $0[pixel] != 0 } }
    var matrix = pixels.map { a in
      pixels.map { b in
        columns.reduce(a == b ? 1.0 : 0.0) { $0 + Double($1[a]) * Double($1[b]) }
      }
    }
    var y = pixels.map { Double(residual[$0]) }
    solve(&matrix, &y)
    var z = [Float](repeating: 0, count: prior.unknowns)
    for (place, index) in noise.enumerated() {
      z[index] = Float(
        zip(pixels, y).reduce(0.0) { $0 + Double(columns[place][$1.0]) * $1.1 })
    }
    let change = prior.synthesis(z)
    let refined = try Refinement(iterations: 150).refined(answer, to: radiographs).ct
    for index in refined.values.indices where prior.scale.values[index] > 0 {
      let expected = law.attenuation(hu: answer.values[index]) + change.values[index]
      guard expected > 0 else { continue }
      #expect(abs(refined.values[index] - law.hu(attenuation: expected)) < 3)
    }
    #expect(zip(refined.values, answer.values).contains { abs($0 - $1) > 50 })
  }

  /// Elimination in place, for a positive definite matrix.
  private func solve(_ matrix: inout [[Double]], _ y: inout [Double]) {
    for pivot in y.indices {
      let row = matrix[pivot]
      for other in pivot + 1..<y.count where matrix[other][pivot] != 0 {
        let factor = matrix[other][pivot] / row[pivot]
        for column in pivot..<y.count { matrix[other][column] -= factor * row[column] }
        y[other] -= factor * y[pivot]
      }
    }
    for pivot in y.indices.reversed() {
      for column in pivot + 1..<y.count { y[pivot] -= matrix[pivot][column] * y[column] }
      y[pivot] /= matrix[pivot][pivot]
    }
  }

  @Test func aToneCurveUndoesAGamma() throws {
    let integrals = (0..<4000).map { Float($0) / 700 }
    let curve = try #require(
      FittedTone(integrals.map { (grey: 3 + 200 * pow($0, 0.45), integral: $0) }))
    // Between the outer classes, to what a straight line misses of the curve.
    for value in stride(from: Float(0.4), to: 5.2, by: 0.2) {
      expectClose(curve(3 + 200 * pow(value, 0.45)), value, rtol: 0.03, atol: 0.02)
    }
  }

  @Test func aToneCurveRisesAndIsNotMovedByAFewWrongPairs() throws {
    let pairs = (0..<3200).map { index -> (grey: Float, integral: Float) in
      let grey = Float(index) / 800
      return (grey, index % 5 == 0 ? 40 : 2 * grey)
    }
    let curve = try #require(FittedTone(pairs))
    let values = stride(from: Float(0), through: 4, by: 0.1).map { curve($0) }
    for (a, b) in zip(values, values.dropFirst()) { #expect(a <= b) }
    expectClose(curve(2), 4, rtol: 0.03, atol: 0)
    #expect(FittedTone.rising([(3, 1), (1, 3), (2, 1)]) == [1.5, 1.5, 2])
    #expect(FittedTone([(1, 1), (1, 2)]) == nil)
  }

  @Test func uncertaintyIsLargeInBoneAndAtBordersAndSmallInPlainTissue() {
    let tissue = PriorScale.deviation(hu: 30, spread: 5)
    #expect(tissue < 100)
    #expect(PriorScale.deviation(hu: 900, spread: 100) > 4 * tissue)
    #expect(PriorScale.deviation(hu: 30, spread: 400) > 4 * tissue)
    #expect(PriorScale.deviation(hu: -995, spread: 2) < 20)
  }
}

import Foundation
import SpiderCore
import SpiderDRR
import SpiderTestSupport
import Testing

/// Volumes brought to agree with their X-rays.
@Suite struct RefinementTests {
  private let scene = RefinementScene()

  @Test func theResidualFallsAndTheVolumeAndAnUnseenViewGain() throws {
    let truth = scene.truth(size: 32)
    let answer = scene.answer(size: 32)
    let result = try Refinement().refined(answer, to: try scene.views([.pa, .left], of: truth))
    #expect(result.iterations == Refinement.usualIterations)
    #expect(result.ct.grid == answer.grid)
    for view in result.views {
      #expect(view.use == .lineIntegrals)
      let (before, after) = (try #require(view.residualBefore), try #require(view.residualAfter))
      #expect(after < before / 2, "\(before) to \(after)")
    }
    #expect(scene.error(result.ct, truth) < 0.95 * scene.error(answer, truth))
    let third = try scene.views([.gantry(degrees: 45)], of: truth)
    let (old, new) = (
      try #require(Reprojection.relativeError(of: answer, third)),
      try #require(Reprojection.relativeError(of: result.ct, third))
    )
    #expect(new < 0.9 * old, "\(old) to \(new)")
  }

  @Test func moreStepsThanSufficeDoNoHarm() throws {
    let truth = scene.truth(size: 32)
    let answer = scene.answer(size: 32)
    let views = try scene.views([.pa, .left], of: truth)
    let few = try Refinement().refined(answer, to: views).ct
    let many = try Refinement(iterations: 40).refined(answer, to: views).ct
    #expect(scene.error(many, truth) < 1.02 * scene.error(few, truth))
  }

  @Test func pixelsThatDoNotCountDecideNothing() throws {
    let answer = scene.answer(size: 24)
    var views = try scene.views([.pa, .left], of: scene.truth(size: 24))
    let geometry = views[0].geometry
    views[0].mask = (0..<geometry.count).map { $0 / geometry.columns > geometry.rows / 2 }
    let hidden = views[0].values.indices.filter { !views[0].counts($0) }
    let clean = try Refinement().refined(answer, to: views)
    for index in hidden { views[0].values[index] = index % 2 == 0 ? 50 : .nan }
    let spoilt = try Refinement().refined(answer, to: views)
    #expect(same(clean.ct.values, spoilt.ct.values))
    #expect(clean.views[0].share < 0.6 && clean.views[1].share > clean.views[0].share)
  }

  /// The neck goes on below the box, and the shoulders beside it: rays through them are left out. Where the
  /// same rays measure nothing more, they count.
  @Test func tissueBeyondTheBoxSpoilsNothing() throws {
    let tall = scene.truth(size: 48, side: 384, neck: true)
    let box = scene.truth(size: 32, neck: true)
    let answer = scene.answer(size: 32, neck: true)
    let whole = try Refinement().refined(answer, to: try scene.views([.pa, .left], of: tall))
    let alone = try Refinement().refined(answer, to: try scene.views([.pa, .left], of: box))
    for (cut, kept) in zip(whole.views, alone.views) {
      #expect(cut.use == .lineIntegrals && kept.use == .lineIntegrals)
      #expect(cut.share < kept.share)
    }
    for result in [whole, alone] {
      #expect(scene.error(result.ct, box) < 0.97 * scene.error(answer, box))
    }
  }

  @Test func relativePicturesAreReadByAFittedTone() throws {
    let truth = scene.truth(size: 32)
    let answer = scene.answer(size: 32)
    let films = try scene.views([.pa, .left], of: truth).map { view in
      Radiograph(
        geometry: view.geometry, values: view.values.map { 30 + 100 * pow(max(0, $0), 0.6) },
        intensity: .relative)
    }
    let result = try Refinement().refined(answer, to: films)
    #expect(result.views.allSatisfy { $0.use == .toned })
    #expect(scene.error(result.ct, truth) < scene.error(answer, truth))
  }

  /// A dark picture, as of a file whose numbers use a small part of their range, says what the bright one says.
  @Test(arguments: [Float(1) / 256, 256]) func theSizeOfGreysDoesNotMatter(_ factor: Float) throws {
    let truth = scene.truth(size: 32)
    let answer = scene.answer(size: 32)
    func refined(_ factor: Float) throws -> Refinement.Result {
      let films = try scene.views([.pa, .left], of: truth).map { view in
        Radiograph(
          geometry: view.geometry,
          values: view.values.map { factor * pow(max(0, $0) / 8, 0.6) }, intensity: .relative)
      }
      return try Refinement().refined(answer, to: films)
    }
    let (scaled, plain) = (try refined(factor), try refined(1))
    #expect(scaled.views.allSatisfy { $0.use == .toned })
    expectClose(scaled.ct.values, plain.ct.values, atol: 0.5)
    #expect(scene.error(scaled.ct, truth) < scene.error(answer, truth))
  }

  /// A quarter more than there can be: taken at their word they would make a head of lead.
  @Test func lineIntegralsThatContradictTheAnswerAreNotTakenAtTheirWord() throws {
    let truth = scene.truth(size: 32)
    let answer = scene.answer(size: 32)
    let hard = try scene.views([.pa, .left], of: truth).map { view in
      Radiograph(geometry: view.geometry, values: view.values.map { 1.25 * $0 })
    }
    let result = try Refinement().refined(answer, to: hard)
    #expect(result.views.allSatisfy { $0.use == .contradicted })
    #expect(scene.error(result.ct, truth) <= 1.001 * scene.error(answer, truth))
  }

  /// Where an X-ray shows nothing, nothing is: tissue that an answer has there becomes air, whatever margin a hull kept,
  /// and its neighbours do not pay for it.
  @Test func emptyRaysEmptyTheVolume() throws {
    let truth = scene.truth(size: 32)
    let views = try scene.views([.pa, .left], of: truth)
    var answer = scene.answer(size: 32)
    let plane = answer.grid.nx * answer.grid.ny
    // A plate above the head, in the shadow of neither view.
    let plate = (28 * plane..<29 * plane).filter { answer.values[$0] == -1000 }
    for index in plate { answer.values[index] = 40 }
    let result = try Refinement().refined(answer, to: views)
    let emptied = try #require(result.emptied)
    #expect(plate.allSatisfy { emptied.values[$0] && result.ct.values[$0] == -1000 })
    #expect(zip(truth.values, emptied.values).allSatisfy { $0 <= -990 || !$1 })
    let labels = LabelVolume(grid: answer.grid, repeating: 3)
    #expect(
      zip(result.clearing(labels).values, emptied.values).allSatisfy { $0 == ($1 ? 0 : 3) })
    // What is not taken for line integrals, or is masked, empties nothing.
    var pictures = views
    for index in pictures.indices { pictures[index].intensity = .relative }
    #expect(try Refinement().refined(answer, to: pictures).emptied == nil)
    let masked = views.map { view in
      var view = view
      view.mask = view.values.map { $0 > 0.02 }
      return view
    }
    #expect(try Refinement().refined(answer, to: masked).emptied == nil)
  }

  /// What is painted black hides the patient: border, strip, patch and round collimator take nothing of him away.
  @Test(arguments: ["left", "below", "patch", "round"])
  func whatAShutterHidesIsNotEmpty(_ shape: String) throws {
    let truth = scene.truth(size: 48)
    let painted = try scene.views([.pa, .left], of: truth, pixels: 128).map { view in
      var view = view
      for index in view.values.indices {
        let (column, row) = (index % 128, index / 128)
        let (x, y) = (column - 64, row - 64)
        let isHidden =
          switch shape {
          case "left": column < 50
          case "below": row > 78
          case "patch": (60..<72).contains(column) && (50..<62).contains(row)
          default: x * x + y * y > 24 * 24
          }
        if isHidden { view.values[index] = 0 }
      }
      return view
    }
    let emptied = try Refinement().refined(scene.answer(size: 48), to: painted).emptied
    let lost = zip(truth.values, emptied?.values ?? []).count { $0 > -500 && $1 }
    #expect(lost == 0, "\(lost) voxels of the patient")
  }

  /// Where noise is larger than what voxels leave of edges, the X-rays are believed less.
  @Test func noiseIsNotFitted() throws {
    let truth = scene.truth(size: 32)
    let answer = scene.answer(size: 32)
    var random = SeededGenerator(seed: 5)
    let noisy = try scene.views([.pa, .left], of: truth).map { view in
      var view = view
      for index in view.values.indices where view.values[index] > 0.1 {
        view.values[index] += 0.6 * Float(random.normal())
      }
      return view
    }
    let refined = try Refinement().refined(answer, to: noisy).ct
    #expect(scene.error(refined, truth) <= 1.002 * scene.error(answer, truth))
  }

  /// An answer that is too thin contradicts true line integrals: where their file states them, they are believed; of
  /// another energy, or off by more than any answer, they are not.
  @Test func statedLineIntegralsAreBelieved() throws {
    let truth = scene.truth(size: 32)
    let dense = scene.answer(size: 32)
    let thin = dense.withValues(dense.values.map { 0.92 * ($0 + 1000) - 1000 })
    let stated = try scene.views([.pa, .left], of: truth)
    #expect(stated.allSatisfy { $0.photonEnergy == 70 })
    func refined(_ change: (inout Radiograph) -> Void) throws -> Refinement.Result {
      try Refinement().refined(
        thin,
        to: stated.map {
          var view = $0
          change(&view)
          return view
        })
    }
    let believed = try refined { _ in }
    #expect(believed.views.allSatisfy { $0.use == .lineIntegrals })
    #expect(scene.error(believed.ct, truth) < 0.9 * scene.error(thin, truth))
    for change: (inout Radiograph) -> Void in [
      { $0.photonEnergy = nil }, { $0.photonEnergy = 60 },
      { $0.values = $0.values.map { 1.5 * $0 } },
    ] {
      #expect(try refined(change).views.allSatisfy { $0.use == .contradicted })
    }
  }

  @Test(arguments: [
    [NamedView.pa], [.right], [.left, .pa], [.right, .ap], [.pa, .gantry(degrees: 30), .left],
  ])
  func viewsMayBeAnyInNumberSideAndOrder(_ names: [NamedView]) throws {
    let truth = scene.truth(size: 24)
    let answer = scene.answer(size: 24)
    let result = try Refinement().refined(answer, to: try scene.views(names, of: truth))
    #expect(result.views.count == names.count)
    for view in result.views {
      let (before, after) = (try #require(view.residualBefore), try #require(view.residualAfter))
      #expect(after < 0.7 * before, "\(before) to \(after)")
    }
    #expect(scene.error(result.ct, truth) < scene.error(answer, truth))
  }

  @Test func whatIsCertainKeepsItsBitsAndNothingIsEmptierThanAir() throws {
    let answer = scene.answer(size: 24)
    let views = try scene.views([.pa, .left], of: scene.truth(size: 24))
    let result = try Refinement(iterations: 12).refined(answer, to: views).ct
    for (old, new) in zip(answer.values, result.values) {
      #expect(new >= -1000)
      if old == -1000 { #expect(new == old) }
    }
    let none = try Refinement(iterations: 0).refined(answer, to: views)
    #expect(same(none.ct.values, answer.values))
    #expect(none.iterations == 0 && none.views[0].residualBefore == none.views[0].residualAfter)
  }

  /// A box within the patient: no ray has all its tissue in it.
  @Test func aVolumeOfWhichNoRayTellsStaysAsItIs() throws {
    let inside = Volume(grid: .canonical(size: 24, side: 60, center: .zero), repeating: 40)
    let views = try scene.views([.pa, .left], of: scene.truth(size: 32))
    let result = try Refinement().refined(inside, to: views)
    #expect(same(result.ct.values, inside.values))
    #expect(result.views.allSatisfy { $0.use == .unused && $0.residualAfter == nil })
  }

  @Test func theReferenceProjectorGivesTheSame() throws {
    let answer = scene.answer(size: 16)
    let views = try scene.views([.pa, .left], of: scene.truth(size: 16), pixels: 32)
    let fast = try Refinement().refined(answer, to: views).ct
    let plain = try Refinement(projector: JosephReference()).refined(answer, to: views).ct
    for (a, b) in zip(fast.values, plain.values) { #expect(abs(a - b) < 0.5) }
  }

  @Test func aCancelledTaskEndsIt() async throws {
    let answer = scene.answer(size: 16)
    let views = try scene.views([.pa, .left], of: scene.truth(size: 16), pixels: 32)
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return Result { try Refinement().refined(answer, to: views) }
    }
    task.cancel()
    let outcome = await task.value
    #expect(throws: CancellationError.self) { try outcome.get() }
  }
}

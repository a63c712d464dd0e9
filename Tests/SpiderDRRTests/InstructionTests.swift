import SpiderCore
import SpiderDRR
import SpiderSupport
import SpiderTestSupport
import Testing

/// Every variant of the kernels that this machine can run gives the images and adjoints of the plain loops.
@Suite struct InstructionTests {
  /// Level views are followed by lines, which have variants of their own. The pixels reach from rays much
  /// closer together than voxels to rays so far apart that the variants hand over to the plain loops; the
  /// odd number of rows makes the middle ray of every column run level, along a face in one of the
  /// volumes.
  @Test(arguments: InstructionSet.available, [0.2, 0.7, 1.1, 1.9, 4.5])
  func agreeWithPlainLoops(_ instructions: InstructionSet, pixel: Double) throws {
    var random = SeededGenerator(seed: 5)
    for (height, angle) in [(37, 0.0), (38, 0.6), (37, 1.5)] {
      let half = Vector3(26, 22, Double(height) / 2)
      let volume = Scenes.noise(
        on: VoxelGrid(nx: 52, ny: 44, nz: height, boxFrom: -half, to: half), &random)
      let turn = Affine.rotation(angle: angle, axis: Vector3(0, 0, 1))
      let column = turn.applyLinear(Vector3(1.7, 0, 0))
      let row = Vector3(0, 0, -1.5 * pixel)
      let geometry = try ProjectionGeometry(
        beam: .cone(source: turn.apply(Vector3(0, -200, 0))),
        pixelOrigin: turn.apply(Vector3(0, 100, 0)) - column * 22 - row * 26, columnStep: column,
        rowStep: row, columns: 45, rows: 53)
      let image = (0..<geometry.count).map { _ in Float(random.uniform()) }
      let pairs: [(any FastProjector, any FastProjector)] = [
        (JosephProjector(instructions: instructions), JosephProjector(instructions: .baseline)),
        (ExactProjector(instructions: instructions), ExactProjector(instructions: .baseline)),
      ]
      // Shares of the largest: sums in another order of rounding; where a ray crosses a face also positions over
      // slopes, as in MatchingTests.
      let tolerances = [(image: 2e-6, volume: 2e-5), (image: 2e-5, volume: 5e-4)]
      for ((fast, plain), limit) in zip(pairs, tolerances) {
        let expected = plain.forward(volume, geometry)
        let most = Double(expected.max() ?? 0)
        #expect(most > 0)
        expectClose(
          fast.forward(volume, geometry), expected, atol: limit.image * most, "\(type(of: fast))")
        let back = plain.adjoint(image, geometry, onto: volume.grid).values
        expectClose(
          fast.adjoint(image, geometry, onto: volume.grid).values, back,
          atol: limit.volume * Double(back.max() ?? 0), "adjoint of \(type(of: fast))")
      }
    }
  }
}

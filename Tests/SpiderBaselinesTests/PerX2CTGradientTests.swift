import SpiderBaselines
import SpiderCore
import SpiderTensor
import SpiderTestSupport
import Testing

/// The gradients of PerX2CT's training against differences of its loss. Batches of two patients, so
/// that batch statistics are of both.
@Suite struct PerX2CTGradientTests {
  let step: PerX2CTTrainingStep
  let parameters: ParameterArena
  let images: [Tensor]
  let truth: Tensor
  let planes = [SliceLattice(.axial, 60), SliceLattice(.sagittal, 20)]

  init() {
    var c = PerX2CTConfiguration()
    c.width = 32
    step = PerX2CTTrainingStep(PerX2CT(c))
    let layout = step.network.layout
    var arena = ParameterArena(layout, seed: 3)
    // Weights that keep the variance, so that no gradient drowns in rounding.
    for parameter in layout.parameters where parameter.shape.count == 4 {
      let inputs = Double(parameter.shape[1...].reduce(1, *))
      arena.set(
        parameter,
        randomValues(
          parameter.count, seed: UInt64(parameter.offset), scale: 1 / inputs.squareRoot()))
    }
    parameters = arena
    images = (0..<2).map {
      Tensor([2, 1, 128, 128], randomValues(2 * 128 * 128, seed: UInt64(30 + $0)))
    }
    truth = Tensor([2, 1, 128, 128], randomValues(2 * 128 * 128, seed: 32))
  }

  func loss(_ parameters: ParameterArena, _ pool: GradientPool) -> Double {
    step.gradient(
      pa: images[0], lateral: images[1], planes, truth: truth, parameters, pool
    ).loss.intensity
  }

  @Test(.slow) func agreesWithDifferences() throws {
    let layout = step.network.layout
    let pool = GradientPool(layout)
    _ = loss(parameters, pool)
    let sum = pool.sum()
    for name in [
      "decoder.up.2.attn.1.q.weight", "decoder.mid.attn_1.v.weight",
      "decoder.up.2.upsample.conv.weight", "decoder.up.0.block.0.norm1.weight",
      "encoder.network_fn.cond_encoder.model.layer1.0.bn3.weight",
      "encoder.network_fn.cond_encoder.model.conv1.weight",
    ] {
      let parameter = try #require(layout.parameters.first { $0.name == name })
      // Along the gradient itself, where the change is largest against the rounding of float32: any
      // error of its size or direction shows.
      let gradient = sum.part(parameter.offset, parameter.count).array
      let norm = innerProduct(gradient, gradient).squareRoot()
      func moved(_ distance: Double) -> Double {
        var there = parameters
        let values = zip(parameters[parameter].array, gradient)
        there.set(parameter, values.map { $0 + Float(distance * Double($1) / norm) })
        return loss(there, GradientPool(layout))
      }
      // Far enough for the rounding of the loss, near enough for its kinks.
      let step = min(2e-2, 5e-3 / norm)
      expectClose(
        (moved(step) - moved(-step)) / (2 * step), norm, rtol: 5e-2, atol: 0, name)
    }
  }
}

import SpiderCore

/// A small network with random numbers: it answers nonsense, but by the real code.
package func tinyModel(
  seed: UInt64 = 1, pooling: ViewPooling = .concatenate, anyViews: ViewCounts? = nil, size: Int = 32
) -> SpiderModel {
  let pixel = 128 / Double(size) * 3.6
  let description = ModelDescription(
    architecture: SpiderArchitecture(
      encoderWidths: [4, 6], featuresPerView: 5, viewCount: 2, pooling: pooling,
      anyViews: anyViews, code: .fourier(octaves: 2), hiddenWidths: [12, 12]),
    setup: ViewSetup(pixelSize: SIMD2(pixel, pixel), columns: size, rows: size))
  var model = SpiderModel(description, seed: seed)
  // Answers about the middle of the window, so that none is cut off at its ends.
  for parameter in model.network.layout.parameters where parameter.name == "decoder.intensity.bias"
  {
    model.parameters.set(parameter, [0.5])
  }
  for parameter in model.network.layout.parameters
  where parameter.name == "decoder.intensity.weight" {
    model.parameters.set(parameter, model.parameters[parameter].array.map { 0.1 * $0 })
  }
  return model
}

import SpiderCore
import SpiderIO

/// A checkpoint of the published code, told by the names of its tensors: published widths, window,
/// distances and views.
///
/// Intensities of both are (HU + 1024) / 2500. X2CT-GAN's volumes of 320 voxels of 1 mm are resampled
/// with the corners aligned, so that its 128 voxels are 319/127 mm apart, and its pixels likewise.
struct PublishedCheckpoint {
  let description: BaselineDescription
  let network: BaselineNetwork

  /// Nil when the names are of no network that is known.
  init?(_ file: SafetensorsFile) {
    let names = Set(file.tensors.map(\.name))
    let window = CTWindow(low: -1024, high: 1476)
    if names.contains("view1Model.encoder_layer.1.weight") {
      var architecture = X2CTArchitecture()
      architecture.encoderUsesInstances = !names.contains("view1Model.encoder_layer.2.weight")
      architecture.decoderUsesInstances = !names.contains(
        "view1Model.linker_layer0.0.conv_block.1.weight")
      let step = 319.0 / 127
      let pixel = step * 500 / 320
      description = BaselineDescription(
        architecture: .x2ctGAN(architecture), window: window, fieldOfView: 128 * step,
        views: [.pa, .right],
        setup: ViewSetup(
          sourceToAxis: 541, sourceToDetector: 949, pixelSize: SIMD2(pixel, pixel)),
        training: ["weights": "a published checkpoint"])
      network = .x2ctGAN(
        X2CTGenerator(architecture.generator, architecture.variant, published: names))
    } else if names.contains("\(PerX2CT.encoderName).conv1.weight"),
      names.contains("decoder.conv_in.weight")
    {
      var configuration = PerX2CTConfiguration()
      configuration.isGlobal = names.contains { $0.hasPrefix("\(PerX2CT.encoderName).layer3.") }
      let pixel = 500.0 / 128
      description = BaselineDescription(
        architecture: .perX2CT(configuration), window: window, fieldOfView: 320,
        views: [.pa, .right],
        setup: ViewSetup(
          sourceToAxis: 700, sourceToDetector: 949, pixelSize: SIMD2(pixel, pixel)),
        training: ["weights": "a published checkpoint"])
      network = .perX2CT(PerX2CT(configuration))
    } else {
      return nil
    }
  }
}

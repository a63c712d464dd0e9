import SpiderCore
import SpiderIO

extension Reconstructor {
  /// The reconstructor of heads with the weights that come with Spider, which looks at X-rays before it uses
  /// them.
  ///
  /// ```swift
  /// let result = try Reconstructor.pretrained().reconstruct([pa, left])
  /// ```
  ///
  /// - Parameter model: which of them.
  /// - Throws: ``PretrainedError`` when the weights are not where they can be, or ``/SpiderIO/FileError``.
  public static func pretrained(_ model: PretrainedModel = .head) throws -> Reconstructor {
    Reconstructor(
      model: try ModelFile.read(model.url), inspection: XrayInspection(try .pretrained()))
  }
}

extension XrayInspector {
  /// The inspector of head X-rays that comes with Spider.
  ///
  /// - Throws: ``PretrainedError`` when its weights are not where they can be, or ``/SpiderIO/FileError``.
  public static func pretrained() throws -> XrayInspector {
    try InspectorFile.read(Pretrained.locate("xray-inspector.safetensors"))
  }
}

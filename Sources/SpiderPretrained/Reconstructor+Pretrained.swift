import SpiderCore
import SpiderIO

extension Reconstructor {
  /// The reconstructor of heads with the weights that come with Spider.
  ///
  /// ```swift
  /// let result = try Reconstructor.pretrained().reconstruct([pa, left])
  /// ```
  ///
  /// - Throws: ``PretrainedError`` when the weights are not where they can be, or ``SpiderIO/FileError``.
  public static func pretrained() throws -> Reconstructor {
    Reconstructor(model: try ModelFile.read(Pretrained.head))
  }
}

import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderIO
import SpiderPretrained
import SpiderTraining

/// The model that a command uses: a file, or the one that comes with Spider.
struct ModelArgument {
  let url: URL
  let model: TrainedModel

  init(_ path: String?) throws {
    url = try path.map { URL(fileURLWithPath: $0) } ?? Pretrained.head
    model = try TrainedModel.read(url)
  }

  /// The model where only SPIDER will do.
  func spider(for command: String) throws -> SpiderModel {
    guard case .spider(let model) = model else {
      throw CommandFailure(
        "\(url.path): it is a published network; \(command) needs a model of SPIDER")
    }
    return model
  }
}

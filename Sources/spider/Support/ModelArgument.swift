import Foundation
import SpiderCore
import SpiderIO
import SpiderPretrained

/// The model that a command uses: a file, or the one that comes with Spider.
struct ModelArgument {
  let url: URL
  let model: SpiderModel

  init(_ path: String?) throws {
    url = try path.map { URL(fileURLWithPath: $0) } ?? Pretrained.head
    model = try ModelFile.read(url)
  }
}

import ArgumentParser
import SpiderCore

/// Views named on the command line for the patients of a data set: pa,left,45.
struct DataViews: ExpressibleByArgument, CustomStringConvertible {
  let views: [NamedView]

  init?(argument: String) {
    let names = argument.split(separator: ",", omittingEmptySubsequences: false)
    let found = names.compactMap { NamedView($0.trimmingCharacters(in: .whitespaces)) }
    guard found.count == names.count else { return nil }
    views = found
  }

  var description: String { views.map(\.description).joined(separator: ",") }

  /// The views, where a model reads them.
  ///
  /// - Throws: A failure that says which it reads.
  func checked(by traits: ModelTraits) throws -> [NamedView] {
    guard let counts = traits.anyViews else {
      throw CommandFailure(
        "--data-views is for models that read any views; this one reads "
          + traits.views.map(\.description).joined(separator: " and "))
    }
    guard (counts.least...counts.most).contains(views.count) else {
      throw CommandFailure(
        "--data-views names \(views.count) views; the model reads \(counts.least) to \(counts.most)"
      )
    }
    guard Set(views).count == views.count else {
      throw CommandFailure("--data-views names a view twice")
    }
    return views
  }
}

import ArgumentParser
import SpiderCore

/// Views named on the command line for the patients of a data set: pa,left,45.
struct DataViews: CustomStringConvertible {
  let views: [NamedView]

  static func read(_ text: String) throws -> DataViews {
    let views = try listed(text).map(NamedView.read)
    guard Set(views).count == views.count else {
      throw ValidationError("it names a view twice")
    }
    return DataViews(views: views)
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
    return views
  }
}

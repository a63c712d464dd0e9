/// All works by name. Each is prepared when it is first asked for and then kept.
final class WorkList {
  /// In the order in which they are listed.
  let works: [Work]
  private var ready: [String: () -> Void] = [:]

  init() throws {
    works =
      ProductWorks.all + ConvolutionWorks.all + MemoryWorks.all
      + (try ReconstructionWorks(head: BenchmarkHead()).all) + TrainingWorks.all
  }

  /// The work of a name, ready to run; nil where there is none.
  func run(named name: String) throws -> (() -> Void)? {
    if let body = ready[name] { return body }
    guard let work = works.first(where: { $0.name == name }) else { return nil }
    let body = try work.prepare()
    ready[name] = body
    return body
  }
}

/// What the values of a label map made by another program mean in a scheme of Spider.
///
/// Two tables: from the values in the file to that program's names, and from names to classes of the
/// scheme. A name with several classes is one that the other program does not divide as the scheme
/// does: there the automatic labels decide among them, and a voxel that they put elsewhere is unknown.
/// A name without a class says nothing about its voxels.
public struct LabelNames: Codable, Equatable, Sendable {
  /// The names of the values in the file, 0 (nothing said) left out.
  public let values: [String: String]
  /// The classes of each name. A key that ends in `*` stands for all names that begin like it.
  public let classes: [String: [String]]

  /// Builds the two tables.
  public init(values: [Int: String], classes: [String: [String]]) {
    self.values = Dictionary(uniqueKeysWithValues: values.map { (String($0.key), $0.value) })
    self.classes = classes
  }

  /// Why these names cannot be used with a scheme, or nil: for what comes from a file.
  public func fault(for scheme: LabelScheme) -> String? {
    for key in values.keys.sorted() where !(1...253).contains(Int(key) ?? 0) {
      return "'\(key)' under \"values\" is no label value from 1 to 253"
    }
    for (name, targets) in classes.sorted(by: { $0.key < $1.key }) {
      if let other = targets.first(where: { scheme.value(of: $0) == nil }) {
        return "'\(name)' under \"classes\" is mapped to '\(other)', no class of the scheme "
          + "'\(scheme.name)'"
      }
    }
    return nil
  }

  /// For each value of a file the scheme's values it can mean; nil where the value has no name.
  public func table(for scheme: LabelScheme) -> [Set<UInt8>?] {
    (0...255).map { value in
      if value == 0 { return [] }
      guard let name = values[String(value)] else { return nil }
      return Set(targets(of: name).compactMap { scheme.value(of: $0) })
    }
  }

  /// The classes of a name: its own entry, else that of the longest beginning.
  private func targets(of name: String) -> [String] {
    if let own = classes[name] { return own }
    let beginnings = classes.keys.filter { $0.hasSuffix("*") && name.hasPrefix($0.dropLast()) }
    return beginnings.max { $0.count < $1.count }.flatMap { classes[$0] } ?? []
  }
}

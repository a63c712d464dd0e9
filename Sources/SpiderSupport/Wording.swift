/// A number of things in words: "1 case", "3 cases".
///
/// - Parameter many: the word for none and for two and more, where it is not the other one with an "s".
package func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
  "\(count) \(worded(count, one, many))"
}

/// The word for a number of things, without the number: "is" of one, "are" of none and of more.
package func worded(_ count: Int, _ one: String, _ many: String? = nil) -> String {
  count == 1 ? one : many ?? one + "s"
}

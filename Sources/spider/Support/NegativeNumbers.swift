/// Numbers below zero as the values of options: `--threshold -300` is `--threshold=-300`.
///
/// The parser of arguments takes what begins with a dash for an option's name, unless the option's
/// declaration says otherwise. No option of Spider begins with a digit: so what looks like a number behind the name
/// of an option is its value, whatever the option.
enum NegativeNumbers {
  /// The arguments with such values joined to their options.
  static func joined(_ arguments: [String]) -> [String] {
    var joined: [String] = []
    var isLiteral = false
    for argument in arguments {
      if !isLiteral, isNegative(argument), let last = joined.last, isName(last) {
        joined[joined.count - 1] = "\(last)=\(argument)"
      } else {
        joined.append(argument)
      }
      // Behind "--" nothing is an option.
      if argument == "--" { isLiteral = true }
    }
    return joined
  }

  private static func isNegative(_ text: String) -> Bool {
    let rest = text.dropFirst()
    return text.first == "-" && (rest.first?.isNumber ?? false || rest.first == ".")
  }

  private static func isName(_ text: String) -> Bool {
    text.hasPrefix("--") && text.count > 2 && !text.contains("=")
  }
}

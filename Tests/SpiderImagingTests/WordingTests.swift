import SpiderSupport
import Testing

/// Numbers of things in words.
@Suite struct WordingTests {
  @Test func oneThingIsNotMany() {
    #expect(counted(1, "case") == "1 case" && counted(0, "case") == "0 cases")
    #expect(
      counted(2, "class", "classes") == "2 classes" && counted(1, "class", "classes") == "1 class")
    #expect(worded(1, "is", "are") == "is" && worded(7, "is", "are") == "are")
  }
}

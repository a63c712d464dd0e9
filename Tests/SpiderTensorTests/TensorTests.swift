import SpiderTensor
import SpiderTestSupport
import Testing

/// A tensor is a value, whichever way its numbers are read and written.
@Suite struct TensorTests {
  @Test func spansReadAndWriteTheNumbers() {
    var tensor = Tensor([2, 3], [0, 1, 2, 3, 4, 5])
    let copy = tensor
    var numbers = tensor.mutableSpan
    for index in numbers.indices { numbers[index] *= 2 }
    #expect(tensor.values == [0, 2, 4, 6, 8, 10])
    #expect(copy.values == [0, 1, 2, 3, 4, 5], "a copy changed")
    let span = copy.span
    #expect(span.count == 6 && span[4] == 4)
  }

  @Test func slicesWriteToTheTensorsOwnMemory() {
    var tensor = Tensor([4], repeating: 1)
    let copy = tensor
    let slice = tensor.mutableSlice()
    slice.part(1, 2).fill(7)
    #expect(tensor.values == [1, 7, 7, 1] && copy.values == [1, 1, 1, 1])
    #expect(tensor.entry(2)[0] == 7)
  }

  @Test func aSliceForReadingIsNotWritten() async {
    await #expect(processExitsWith: .failure) {
      Tensor([4], repeating: 1).slice[0] = 2
    }
    await #expect(processExitsWith: .failure) {
      ParameterArena.ofOneNumber.fill(2)
    }
    await #expect(processExitsWith: .failure) {
      let tensor = Tensor([4], repeating: 1)
      Elements.add(tensor.slice, to: tensor.slice.part(0, 4))
    }
  }
}

extension ParameterArena {
  /// The slice of a parameter of an arena.
  fileprivate static var ofOneNumber: FloatSlice {
    var layout = ParameterLayout()
    let parameter = layout.add("x", [1], .constant(0))
    return ParameterArena(layout)[parameter]
  }
}

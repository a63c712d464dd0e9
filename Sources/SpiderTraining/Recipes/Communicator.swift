import SpiderTensor

/// A communicator: the processes that make the steps of one training run together, each with a share of
/// every batch.
///
/// Each process makes the samples of its own slots, and all add up what the step needs of the whole batch:
/// the counts and sums by which the loss is normalised, then the gradient. The processes thus make the
/// very steps that one makes alone, up to rounding, however unequal their shares are. Every process calls
/// the same sums in the same order, and a sum is over when all have called it; all get the same bits.
///
/// Only what sums need is asked for, so any library of messages will do: `Examples/ManyMachines` has MPI's.
public protocol Communicator: Sendable {
  /// The number of this process, from 0. The first one writes the files of the run.
  var rank: Int { get }
  /// The number of processes.
  var size: Int { get }
  /// Puts the sums over all processes in the place of this one's numbers.
  func sum(_ numbers: inout MutableSpan<Double>)
  /// Puts the sums over all processes in the place of this one's numbers.
  func sum(_ numbers: inout MutableSpan<Float>)
}

extension Communicator {
  /// The slots of a step that this process makes, of `patients`: equally many in each process, or one
  /// more in some.
  func slots(of patients: Int) -> Range<Int> {
    patients * rank / size..<patients * (rank + 1) / size
  }

  /// The numbers of the first process, which all get.
  func first(_ numbers: [Double]) -> [Double] {
    var numbers = rank == 0 ? numbers : [Double](repeating: 0, count: numbers.count)
    sum(&numbers)
    return numbers
  }

  /// Whether any process says so.
  func isTrueAnywhere(_ flag: Bool) -> Bool {
    var count = [flag ? 1.0 : 0]
    sum(&count)
    return count[0] > 0
  }

  /// Sums an array.
  func sum(_ numbers: inout [Double]) {
    var span = numbers.mutableSpan
    sum(&span)
  }

  /// Sums numbers of the engine, where they are.
  func sum(_ numbers: FloatSlice) {
    var span = unsafe MutableSpan(
      _unsafeStart: numbers.mutableAddress(numbers.count), count: numbers.count)
    sum(&span)
    withExtendedLifetime(numbers) {}
  }

  /// Gives all processes the state of the first: its networks, moments and counters.
  ///
  /// They differ where only the first has read a checkpoint, and in their last bits where the machines'
  /// processors are of several kinds.
  func synchronize<State: RunState>(_ state: inout State) {
    let names = state.scalars.keys.sorted()
    let scalars = names.map { state.scalars[$0] ?? 0 }
    let counters = first([Double(state.step), Double(state.samples), state.seconds] + scalars)
    (state.step, state.samples) = (Int(counters[0]), Int(counters[1]))
    state.seconds = counters[2]
    state.spikes = SpikeGuard(numbers: first(state.spikes.numbers))
    state.scalars = Dictionary(uniqueKeysWithValues: zip(names, counters.dropFirst(3)))
    for part in State.parts {
      synchronize(&state[keyPath: part.parameters].storage)
      let adam = state[keyPath: part.adam]
      var (means, squares) = (adam.first, adam.second)
      synchronize(&means.storage)
      synchronize(&squares.storage)
      state[keyPath: part.adam].restore(
        first: means, second: squares, step: Int(first([Double(adam.step)])[0]))
    }
  }

  private func synchronize(_ tensor: inout Tensor) {
    let numbers = tensor.mutableSlice()
    if rank > 0 { numbers.fill(0) }
    sum(numbers)
  }
}

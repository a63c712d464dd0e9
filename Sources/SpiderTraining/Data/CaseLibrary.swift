import Foundation
import SpiderCore
import SpiderDataSet
import SpiderIO
import SpiderSupport
import Synchronization

/// Patients to learn from or to score: each is read when it is first needed, and kept as long as memory
/// allows; the one not used for longest goes first.
///
/// Which are in memory changes nothing but time: a patient read anew is the same patient. A run thus
/// starts at once however many there are, and reads them beside its steps (`BatchPrefetcher`).
public final class CaseLibrary: Sendable {
  /// The facts of a patient that are known without reading it.
  public struct Card: Sendable {
    /// The case's name.
    public let id: String
    /// Whether it is a real patient and not a phantom.
    public let isReal: Bool
    /// A text that changes with the case's name and content.
    let fingerprint: String
  }

  /// The patients, in the order in which they are numbered.
  public let cards: [Card]
  /// Bytes that patients may take; those of one batch are kept in any case.
  public let memoryLimit: Int

  private let read: @Sendable (_ number: Int) throws -> TrainingCase
  private let kept = Mutex(Kept())

  private struct Kept {
    var cases: [Int: TrainingCase] = [:]
    /// Least recently used first.
    var order: [Int] = []
    var bytes = 0
  }

  /// Patients that are in memory already, and stay there.
  public init(_ cases: [TrainingCase]) {
    cards = cases.map { Card(id: $0.id, isReal: $0.isReal, fingerprint: $0.fingerprint) }
    memoryLimit = .max
    read = { cases[$0] }
  }

  /// The patients of a split of a data set.
  ///
  /// - Parameter memoryLimit: bytes; by default a quarter of the machine's memory.
  public convenience init(
    _ dataSet: DataSet, _ split: DataSetIndex.Split, memoryLimit: Int = defaultMemoryLimit
  ) {
    let entries = dataSet.entries(split)
    self.init(
      entries.map { Card(id: $0.id, isReal: $0.isReal, fingerprint: $0.fingerprint) },
      memoryLimit: memoryLimit
    ) { number in
      do {
        return try dataSet.trainingCase(entries[number])
      } catch let fault as FileError {
        throw DataSetError.damagedCases(fault, case: entries[number].id, others: 0)
      }
    }
  }

  /// Patients that `read` can bring.
  package init(
    _ cards: [Card], memoryLimit: Int,
    read: @escaping @Sendable (_ number: Int) throws -> TrainingCase
  ) {
    self.cards = cards
    self.memoryLimit = memoryLimit
    self.read = read
  }

  /// A quarter of the machine's memory.
  public static var defaultMemoryLimit: Int { Int(ProcessInfo.processInfo.physicalMemory / 4) }

  /// The number of patients.
  public var count: Int { cards.count }

  /// Whether there are none.
  public var isEmpty: Bool { cards.isEmpty }

  /// Bytes that patients take at present.
  public var bytesKept: Int { kept.withLock(\.bytes) }

  /// A patient, from memory or read anew.
  ///
  /// - Throws: ``/SpiderDataSet/DataSetError/damagedCases(_:case:others:)`` naming the case's file when it is missing
  ///   or damaged.
  public func patient(_ number: Int) throws -> TrainingCase {
    let found = kept.withLock { kept -> TrainingCase? in
      guard let patient = kept.cases[number] else { return nil }
      kept.order.removeAll { $0 == number }
      kept.order.append(number)
      return patient
    }
    if let found { return found }
    let patient = try read(number)
    kept.withLock { kept in
      guard kept.cases[number] == nil else { return }
      kept.cases[number] = patient
      kept.order.append(number)
      kept.bytes += patient.bytes
      while kept.bytes > memoryLimit, kept.order.count > 1 {
        let oldest = kept.order.removeFirst()
        kept.bytes -= kept.cases.removeValue(forKey: oldest)?.bytes ?? 0
      }
    }
    return patient
  }

  /// Several patients, each read once, side by side.
  func patients(_ numbers: [Int]) throws -> [Int: TrainingCase] {
    let distinct = Set(numbers).sorted()
    let read = Parallel.map(distinct.count) { place in
      Result { try self.patient(distinct[place]) }
    }
    return Dictionary(uniqueKeysWithValues: zip(distinct, try read.map { try $0.get() }))
  }

  /// One text for all patients, whatever their order: what a checkpoint must agree with.
  var fingerprint: String {
    Checksum.of(Data(cards.map(\.fingerprint).sorted().joined(separator: "\n").utf8))
  }
}

extension DataSetIndex.Entry {
  /// A text that changes with the case's name and files.
  var fingerprint: String {
    let sums = [DataSet.ctName, DataSet.labelsName].compactMap { checksums[$0] }
    return ([id, "\(isReal)"] + sums).joined(separator: " ")
  }
}

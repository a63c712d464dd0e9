import SpiderCore

/// Works that read memory against its grain, beside the plain copy that is their floor.
enum MemoryWorks {
  private static let grid = VoxelGrid.canonical(size: 192)

  static let all: [Work] =
    [
      Work(name: "copy 192^3", operations: 0) {
        let volume = makeVolume()
        return {
          var copy = volume.values
          copy[0] += 1  // Arrays are copied when they are first written.
          consume(copy)
        }
      }
    ]
    + [Orientation(code: "LPS"), Orientation(code: "ARS"), Orientation(code: "SAR")]
    .compactMap { $0 }.map { orientation in
      Work(name: "reorient 192^3 RAS to \(orientation)", operations: 0) {
        let volume = makeVolume()
        return { consume(volume.reoriented(to: orientation)) }
      }
    }

  private static func makeVolume() -> Volume {
    Volume(grid: grid, values: (0..<grid.count).map { Float($0 % 4096) - 1024 })
  }
}

/// Takes a result, so that the optimiser cannot leave out the work that made it.
@inline(never) func consume<Result>(_ result: Result) {}

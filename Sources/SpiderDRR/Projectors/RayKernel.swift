import SpiderImaging
import SpiderSupport
internal import CSpiderKernels

/// The C loops that follow rays, behind checked counts. ``RayPlan`` chooses among them.
struct RayKernel {
  /// The weighting of voxels along a ray.
  enum Method: Sendable {
    case joseph, exact

    fileprivate var code: spider_method { self == .exact ? spider_exact : spider_joseph }
  }

  private var rays = spider_rays()
  private let method: spider_method
  private let byLines: Bool
  private let isParallel: Bool
  private let instructions: InstructionSet
  private let counts: [Int]

  /// The line integrals of a volume; nil when the counts do not fit the C loops' 32-bit indices.
  static func forward(
    _ method: Method, _ volume: Volume, _ geometry: ProjectionGeometry, isParallel: Bool,
    _ instructions: InstructionSet
  ) -> [Float]? {
    guard fits(volume.grid, geometry) else { return nil }
    let plan = RayPlan(geometry, in: volume.grid)
    let volume = volume.reordered(plan.order, isParallel: isParallel)
    return RayKernel(method, plan, geometry, in: volume.grid, isParallel, instructions).forward(
      volume.values)
  }

  /// Adds the adjoint of an image to a volume. Returns false, having done nothing, when the counts do not
  /// fit.
  static func addAdjoint(
    _ method: Method, _ image: [Float], _ geometry: ProjectionGeometry, to volume: inout Volume,
    isParallel: Bool, _ instructions: InstructionSet
  ) -> Bool {
    precondition(
      image.count == geometry.count, "\(image.count) values for \(geometry.count) pixels")
    guard fits(volume.grid, geometry) else { return false }
    let plan = RayPlan(geometry, in: volume.grid)
    let grid = volume.grid.reordered(plan.order)
    let kernel = RayKernel(method, plan, geometry, in: grid, isParallel, instructions)
    guard plan.order != .standard else {
      kernel.addAdjoint(image, to: &volume.values)
      return true
    }
    var share = Volume(grid: grid, repeating: 0)
    kernel.addAdjoint(image, to: &share.values)
    volume.add(share.reordered(plan.order.inverse, isParallel: isParallel))
    return true
  }

  private static func fits(_ grid: VoxelGrid, _ geometry: ProjectionGeometry) -> Bool {
    grid.count <= Int(Int32.max) && geometry.count <= Int(Int32.max)
  }

  private init(
    _ method: Method, _ plan: RayPlan, _ geometry: ProjectionGeometry, in grid: VoxelGrid,
    _ isParallel: Bool, _ instructions: InstructionSet
  ) {
    precondition(instructions <= .best, "\(instructions) is not supported by this processor")
    self.method = method.code
    self.isParallel = isParallel
    self.instructions = instructions
    byLines = plan.byLines
    counts = [grid.nx, grid.ny, grid.nz]
    let index = IndexRays(geometry, in: grid)
    let columns = grid.affine.columns
    rays.counts = (Int32(grid.nx), Int32(grid.ny), Int32(grid.nz))
    rays.linear = (
      columns.0.x, columns.0.y, columns.0.z, columns.1.x, columns.1.y, columns.1.z, columns.2.x,
      columns.2.y, columns.2.z
    )
    switch index.beam {
    case .cone(let source): rays.source = Self.triple(source)
    case .parallel(let direction):
      rays.direction = Self.triple(direction)
      rays.is_parallel = 1
    }
    rays.pixel = Self.triple(index.pixel)
    rays.preference = Self.triple(index.preference)
    let (rows, columnCount) = (Int32(geometry.rows), Int32(geometry.columns))
    switch plan.neighbours {
    case .downColumns:
      (rays.u_step, rays.v_step) = (Self.triple(index.rowStep), Self.triple(index.columnStep))
      (rays.u_count, rays.v_count) = (rows, columnCount)
      (rays.u_stride, rays.v_stride) = (columnCount, 1)
    case .alongRows:
      (rays.u_step, rays.v_step) = (Self.triple(index.columnStep), Self.triple(index.rowStep))
      (rays.u_count, rays.v_count) = (columnCount, rows)
      (rays.u_stride, rays.v_stride) = (1, columnCount)
    }
  }

  private static func triple(_ v: Vector3) -> (Double, Double, Double) { (v.x, v.y, v.z) }
}

// MARK: Forward

extension RayKernel {
  /// The line integrals of all pixels.
  private func forward(_ volume: [Float]) -> [Float] {
    precondition(volume.count == counts.reduce(1, *), "\(volume.count) values for \(counts)")
    let (us, vs) = (Int(rays.u_count), Int(rays.v_count))
    return unsafe [Float](unsafeUninitializedCapacity: us * vs) { image, count in
      unsafe volume.withUnsafeBufferPointer { volume in
        guard let read = volume.baseAddress, let write = image.baseAddress else { return }
        let memory = unsafe Memory(read: read, write: write)
        guard isParallel else { return unsafe project(0..<vs, memory) }
        // Small tiles: rays through the head take longer than those beside it. Their size changes
        // nothing in the result.
        let size = byLines ? min(32, max(8, vs / (4 * Parallel.workerCount))) : 4
        Parallel.forEach((vs + size - 1) / size) { tile in
          unsafe project(tile * size..<min((tile + 1) * size, vs), memory)
        }
      }
      count = us * vs
    }
  }

  private func project(_ range: Range<Int>, _ memory: Memory) {
    var rays = rays
    let (first, last) = (Int32(range.lowerBound), Int32(range.upperBound))
    guard byLines else {
      return unsafe spider_project_bundles(
        &rays, method, memory.read, -1, first, last, memory.write)
    }
    var scratch = scratch()
    unsafe spider_project_lines(
      &rays, method, memory.read, first, last, instructions.rawValue, &scratch, memory.write)
    unsafe spider_project_bundles(&rays, method, memory.read, 0, first, last, memory.write)
  }

  private func scratch() -> [Float] {
    var rays = rays
    return [Float](repeating: 0, count: Int(unsafe spider_lines_scratch(&rays)))
  }
}

// MARK: Adjoint

extension RayKernel {
  /// Adds the adjoint of an image to the voxels.
  ///
  /// The rays of each main axis are a pass of their own, in which every worker owns some planes of that
  /// axis: no two write to the same voxel, and no voxel's order of additions depends on the split.
  private func addAdjoint(_ image: [Float], to volume: inout [Float]) {
    precondition(volume.count == counts.reduce(1, *), "\(volume.count) values for \(counts)")
    unsafe image.withUnsafeBufferPointer { image in
      unsafe volume.withUnsafeMutableBufferPointer { volume in
        guard let read = image.baseAddress, let write = volume.baseAddress else { return }
        let memory = unsafe Memory(read: read, write: write)
        for axis in 0..<3 {
          if isParallel {
            Parallel.forEachWorker(splitting: counts[axis]) { _, planes in
              unsafe smear(axis, planes, memory)
            }
          } else {
            unsafe smear(axis, 0..<counts[axis], memory)
          }
        }
      }
    }
  }

  private func smear(_ axis: Int, _ planes: Range<Int>, _ memory: Memory) {
    var rays = rays
    let (first, last) = (Int32(planes.lowerBound), Int32(planes.upperBound))
    guard byLines && axis != 0 else {
      return unsafe spider_smear_bundles(
        &rays, method, memory.read, Int32(axis), first, last, memory.write)
    }
    var scratch = scratch()
    unsafe spider_smear_lines(
      &rays, method, memory.read, Int32(axis), first, last, instructions.rawValue, &scratch,
      memory.write)
  }
}

// MARK: Memory order

extension RayKernel {
  /// The values of a grid in another order of its axes.
  static func reordered(
    _ values: [Float], _ order: VoxelOrder, from grid: VoxelGrid, to target: VoxelGrid,
    isParallel: Bool
  ) -> [Float] {
    precondition(values.count == grid.count, "\(values.count) values for \(grid.count) voxels")
    let steps = [1, grid.nx, grid.nx * grid.ny]
    let strides = order.axes.map { Int64(steps[$0]) }
    let counts = [target.nx, target.ny, target.nz]
    return unsafe [Float](unsafeUninitializedCapacity: values.count) { result, count in
      unsafe values.withUnsafeBufferPointer { values in
        guard let read = values.baseAddress, let write = result.baseAddress else { return }
        unsafe spider_prefer_large_pages(write, Int64(values.count * MemoryLayout<Float>.stride))
        let memory = unsafe Memory(read: read, write: write)
        let outer = counts[Int(unsafe spider_reorder_axis(strides))]
        let size = isParallel ? max(1, outer / (8 * Parallel.workerCount)) : outer
        let limits = counts.map(Int32.init)
        @Sendable func copy(_ slab: Int) {
          unsafe spider_reorder(
            memory.read, strides, limits, Int32(slab * size),
            Int32(min((slab + 1) * size, outer)), memory.write)
        }
        let slabs = (outer + size - 1) / size
        if isParallel { Parallel.forEach(slabs, copy) } else { copy(0) }
      }
      count = values.count
    }
  }
}

/// The arrays of one call, which may cross threads because every worker writes to its own part.
@unsafe private struct Memory: @unchecked Sendable {
  let read: UnsafePointer<Float>
  let write: UnsafeMutablePointer<Float>
}

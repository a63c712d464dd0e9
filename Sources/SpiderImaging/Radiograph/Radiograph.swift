/// The meaning of a radiograph's numbers.
public enum RadiographIntensity: String, CaseIterable, Sendable, Codable {
  /// Line integrals of attenuation, -ln(I/I0), without unit.
  case absolute
  /// Open field 0, 99.5th percentile of the head 1; gain and tone curve unknown.
  case relative
}

/// An X-ray image with the geometry that made it.
///
/// Values are row by row from the top left as it hangs: index `row * columns + column`. Bone is
/// bright: a larger number means more attenuation.
public struct Radiograph: Equatable, Sendable {
  /// The projection geometry.
  public let geometry: ProjectionGeometry
  /// The pixels, `rows` x `columns`.
  public var values: [Float]
  /// The meaning of the numbers.
  public var intensity: RadiographIntensity
  /// keV, where the numbers are known to be line integrals of attenuation at one energy, without scatter, as a
  /// simulation gives them; nil where nobody says so.
  public var photonEnergy: Double?
  /// `false` where a pixel says nothing (collimated, or its ray leaves the scan); nil: all count.
  public var mask: [Bool]?

  /// Puts pixels on a detector; their count must be the geometry's.
  public init(
    geometry: ProjectionGeometry, values: [Float], intensity: RadiographIntensity = .absolute,
    mask: [Bool]? = nil, photonEnergy: Double? = nil
  ) {
    precondition(
      values.count == geometry.count, "\(values.count) values for \(geometry.count) pixels")
    precondition(mask.map { $0.count == values.count } ?? true, "the mask must cover the image")
    self.geometry = geometry
    self.values = values
    self.intensity = intensity
    self.mask = mask
    self.photonEnergy = photonEnergy
  }

  /// The pixel in a column and a row.
  @inlinable public subscript(column: Int, row: Int) -> Float {
    values[row * geometry.columns + column]
  }
}

extension Radiograph {
  /// The same image with its columns, its rows or both counted from the other end: values and geometry
  /// change together, so every pixel stays where it is in the world.
  public func flipped(
    columns flipColumns: Bool, rows flipRows: Bool
  ) throws(GeometryError) -> Radiograph {
    guard flipColumns || flipRows else { return self }
    let g = geometry
    func reordered<Value>(_ values: [Value]) -> [Value] {
      (0..<values.count).map { index in
        let (column, row) = (index % g.columns, index / g.columns)
        return values[
          (flipRows ? g.rows - 1 - row : row) * g.columns
            + (flipColumns ? g.columns - 1 - column : column)]
      }
    }
    return Radiograph(
      geometry: try g.flipped(columns: flipColumns, rows: flipRows), values: reordered(values),
      intensity: intensity,
      mask: mask.map(reordered), photonEnergy: photonEnergy)
  }
}

extension Radiograph {
  /// The same pixels in the mirror image of their place, about the plane x = `x`, mm.
  package func mirrored(atX x: Double) throws(GeometryError) -> Radiograph {
    Radiograph(
      geometry: try geometry.mirrored(atX: x), values: values, intensity: intensity, mask: mask,
      photonEnergy: photonEnergy)
  }
}

extension Radiograph {
  /// The radiograph as another detector would have recorded it from the same source.
  ///
  /// Each target pixel is averaged over `n` x `n` bilinear samples, n chosen so that they lie no
  /// further apart than the source's pixels. Pixels beyond the source's edge are 0 (open field) and
  /// masked.
  public func resampled(onto target: ProjectionGeometry) -> Radiograph {
    let matrix = geometry.matrix
    // Source pixels that a step of the target covers.
    let middle = target.detectorCenter
    let here = matrix.project(middle)
    let right = matrix.project(middle + target.columnStep) - here
    let down = matrix.project(middle + target.rowStep) - here
    let reach = max(abs(right.x), abs(right.y), abs(down.x), abs(down.y))
    let n = Int(min(16, max(1, (reach - 1e-6).rounded(.up))))
    var result = [Float](repeating: 0, count: target.count)
    var valid = [Bool](repeating: false, count: target.count)
    for row in 0..<target.rows {
      for column in 0..<target.columns {
        var (sum, weight) = (0.0, 0.0)
        for s in 0..<n {
          for t in 0..<n {
            let offset = SIMD2(Double(s), Double(t)) + 0.5
            let pixel = matrix.project(
              target.pixelCenter(
                column: Double(column) - 0.5 + offset.x / Double(n),
                row: Double(row) - 0.5 + offset.y / Double(n)))
            let (value, known) = sample(pixel)
            sum += value
            weight += known
          }
        }
        let index = row * target.columns + column
        if weight > 0 { result[index] = Float(sum / weight) }
        valid[index] = weight > 0.5 * Double(n * n)
      }
    }
    return Radiograph(
      geometry: target, values: result, intensity: intensity,
      mask: mask == nil && valid.allSatisfy { $0 } ? nil : valid, photonEnergy: photonEnergy)
  }

  /// The bilinear value at a pixel position, times the share of it that is known, and that share.
  private func sample(_ pixel: SIMD2<Double>) -> (value: Double, known: Double) {
    let (columns, rows) = (geometry.columns, geometry.rows)
    guard pixel.x > -0.5, pixel.y > -0.5, pixel.x < Double(columns) - 0.5,
      pixel.y < Double(rows) - 0.5
    else { return (0, 0) }
    let x = max(0, min(Double(columns - 1), pixel.x))
    let y = max(0, min(Double(rows - 1), pixel.y))
    let (c, r) = (Int(x), Int(y))
    var (sum, known) = (0.0, 0.0)
    for corner in 0..<4 {
      let (dc, dr) = (corner & 1, corner >> 1)
      let weight =
        (dc == 1 ? x - Double(c) : 1 - (x - Double(c)))
        * (dr == 1 ? y - Double(r) : 1 - (y - Double(r)))
      guard weight > 0 else { continue }
      let index = (r + dr) * columns + c + dc
      guard mask?[index] ?? true, values[index].isFinite else { continue }
      sum += weight * Double(values[index])
      known += weight
    }
    return (sum, known)
  }
}

extension Radiograph {
  /// The most pixels along a side that reading a picture pays for. Models read 128; a scan of a film has 6,000.
  package static let mostPixels = 2048

  /// The edge of the blocks, in pixels, by which a picture is made no larger than ``mostPixels``; 1 for most.
  package var reduction: Int {
    (max(geometry.columns, geometry.rows) + Self.mostPixels - 1) / Self.mostPixels
  }

  /// The picture with at most ``mostPixels`` along a side: itself, or the means of its blocks.
  package var reduced: Radiograph {
    let n = reduction
    guard n > 1, let coarse = try? binned(by: n) else { return self }
    return coarse
  }

  /// The radiograph of a detector whose pixels are blocks of `n` x `n` of this one: their means. A block
  /// with a pixel that does not count is masked; what is left over at the far edges is dropped.
  ///
  /// - Throws: ``GeometryError`` when not a single block fits.
  package func binned(by n: Int) throws -> Radiograph {
    precondition(n >= 1, "blocks of \(n) pixels")
    guard n > 1 else { return self }
    let g = geometry
    let offset = Double(n - 1) / 2
    let coarse = try ProjectionGeometry(
      beam: g.beam, pixelOrigin: g.pixelCenter(column: offset, row: offset),
      columnStep: g.columnStep * Double(n), rowStep: g.rowStep * Double(n),
      columns: g.columns / n, rows: g.rows / n, isocenter: g.isocenter)
    var means = [Float](repeating: 0, count: coarse.count)
    var valid = [Bool](repeating: true, count: coarse.count)
    for index in means.indices {
      let (column, row) = (index % coarse.columns * n, index / coarse.columns * n)
      var sum: Float = 0
      for r in row..<row + n {
        for c in column..<column + n {
          let pixel = r * g.columns + c
          if counts(pixel) { sum += values[pixel] } else { valid[index] = false }
        }
      }
      if valid[index] { means[index] = sum / Float(n * n) }
    }
    return Radiograph(
      geometry: coarse, values: means, intensity: intensity, mask: valid, photonEnergy: photonEnergy
    )
  }
}

extension ProjectionGeometry {
  /// The geometry of a picture whose blocks of `n` x `n` pixels are the pixels of this one: the opposite of binning.
  ///
  /// - Parameters:
  ///   - columns: that many pixels in a row, with those that no block holds.
  ///   - rows: that many rows.
  package func refined(by n: Int, columns: Int, rows: Int) throws -> ProjectionGeometry {
    let (column, row) = (columnStep / Double(n), rowStep / Double(n))
    return try ProjectionGeometry(
      beam: beam, pixelOrigin: pixelOrigin - (column + row) * (Double(n - 1) / 2),
      columnStep: column, rowStep: row, columns: columns, rows: rows, isocenter: isocenter)
  }
}

import SpiderCore

extension ViewerPayload {
  /// What the blocks of a page are, as its scripts read it.
  struct Manifest: Encodable {
    /// A block of numbers: their type, and the id of the element that holds them.
    struct Block: Encodable {
      let type: EncodedNumbers.Kind
      let data: String
    }

    /// Voxels: shape (nx, ny, nz), x fastest, and the rows of the affine to world RAS+ mm.
    struct Volume: Encodable {
      let type: EncodedNumbers.Kind
      let data: String
      let shape: [Int]
      let affine: [[Double]]
      var name: String?
      var role: String?
      /// The number of the volume that labels or uncertainty belong to.
      var of: Int?
      /// The uncertainty that is shown fully, HU.
      var most: Double?

      init(
        _ grid: VoxelGrid, _ block: Block, name: String? = nil, role: String? = nil, of: Int? = nil,
        most: Double? = nil
      ) {
        (type, data) = (block.type, block.data)
        shape = [grid.nx, grid.ny, grid.nz]
        affine = Array(grid.affine.rows.prefix(3))
        (self.name, self.role, self.of, self.most) = (name, role, of, most)
      }
    }

    /// Black and white.
    struct Window: Encodable {
      let low: Double
      let high: Double
    }

    /// An X-ray and the place of its detector.
    struct View: Encodable {
      let title: String
      let columns: Int
      let rows: Int
      let aspect: Double
      let letters: String
      let matrix: [[Double]]
      let source: [Double]?
      let direction: [Double]?
      let origin: [Double]
      let columnStep: [Double]
      let rowStep: [Double]
      let absolute: Bool
      let window: Window
      let start: Window
      let span: Double
      let offset: Float
      let slope: Float
      let words: String
      let measured: Block
      let reprojected: Block?
      let mask: Block?

      init(_ view: EncodedView, add: (EncodedNumbers) -> Block) {
        let geometry = view.geometry
        func numbers(_ v: Vector3) -> [Double] { [v.x, v.y, v.z] }
        title = view.title
        (columns, rows) = (geometry.columns, geometry.rows)
        let across = Double(geometry.columns) * length(geometry.columnStep)
        aspect = across / (Double(geometry.rows) * length(geometry.rowStep))
        let right = AnatomicalAxis(closestTo: geometry.columnStep)
        let down = AnatomicalAxis(closestTo: geometry.rowStep)
        letters = String([right.opposite, right, down.opposite, down].map(\.rawValue))
        matrix = geometry.matrix.rows
        switch geometry.beam {
        case .cone(let place): (source, direction) = (numbers(place), nil)
        case .parallel(let way): (source, direction) = (nil, numbers(way))
        }
        origin = numbers(geometry.pixelOrigin)
        columnStep = numbers(geometry.columnStep)
        rowStep = numbers(geometry.rowStep)
        absolute = view.isAbsolute
        window = Window(low: view.window.low, high: view.window.high)
        start = window
        span = view.window.high - view.window.low
        (offset, slope) = (view.offset, view.slope)
        words = view.words
        measured = add(view.measured)
        reprojected = view.reprojected.map(add)
        mask = view.mask.map(add)
      }
    }

    /// A patient.
    struct Case: Encodable {
      let name: String
      /// What is told of it beside its pictures: names and values.
      let figures: [[String]]
      let volumes: [Volume]
      let labels: [Volume]
      let uncertainty: Volume?
      let views: [View]
    }

    /// A label's name and colour; none for background.
    struct Label: Encodable {
      let value: Int
      let name: String
      let color: [Int]?
    }

    let cases: [Case]
    let labels: [Label]
    let window: Window
    let note: String?
    /// A still picture of the surface, for browsers without WebGL2.
    let still: String?

    /// The labels that occur, with those of the scheme.
    static func labels(of content: ViewerContent) -> [Label] {
      var isUsed = (0...255).map { $0 < content.scheme.count }
      for layer in content.cases.flatMap(\.layers) {
        for value in layer.labels?.values ?? [] { isUsed[Int(value)] = true }
      }
      return (0...255).filter { isUsed[$0] }.map { UInt8($0) }.map { value in
        Label(
          value: Int(value), name: LabelPalette.name(of: value, in: content.scheme),
          color: LabelPalette.color(of: value).map { [Int($0.red), Int($0.green), Int($0.blue)] })
      }
    }
  }
}

import SpiderSupport
import SpiderTensor

extension SpiderNetwork {
  /// Runs a batch forward; the answers are the pass's intensity and logits.
  package func forward(
    _ batch: TrainingBatch, _ workspace: StepWorkspace, _ parameters: ParameterArena
  ) {
    precondition(batch.shape == workspace.shape, "a batch of \(batch.shape) for \(workspace.shape)")
    encoder.forward(
      batch.images.images, workspace.encoder, workspace.memory, parameters, into: workspace.features
    )
    forEachChunk(of: batch, workspace) { _, patient, part in
      decode(
        part, features: (0..<batch.views).map { map(patient * batch.views + $0, workspace) },
        height: workspace.shape.height, width: workspace.shape.width, parameters)
    }
  }

  /// Adds the gradients of all parameters to the pool, from those of intensity and logits, which the
  /// loss has put in their places. The gradient of every activation takes its place, so each backward
  /// pass needs a forward pass before it.
  package func backward(
    _ batch: TrainingBatch, _ workspace: StepWorkspace, _ parameters: ParameterArena,
    _ pool: GradientPool
  ) {
    precondition(batch.shape == workspace.shape, "a batch of \(batch.shape) for \(workspace.shape)")
    forEachChunk(of: batch, workspace, limit: min(pool.workerCount, workspace.workers)) {
      worker, _, part in
      decoder.backward(
        part, parameters, pool, worker: worker, scratch: workspace.scratch(of: worker))
    }
    // From here on the gradient of the decoder's input stands in its place, and that of the features
    // in theirs. Each task writes a map, or a table of the code, of its own.
    let images = batch.patients * batch.views
    Parallel.forEach(images + code.tableCount) { task in
      guard task < images else {
        return codeBackward(workspace.block.input, table: task - images, of: batch, pool)
      }
      let (patient, view) = (task / batch.views, task % batch.views)
      let rows = batch.pointsPerPatient * decoderInputs
      let gradient = map(task, workspace)
      gradient.fill(0)
      sampleBackward(
        workspace.block.input.part(patient * rows, rows), view: view, of: batch.views,
        pixels: pixels(batch, patient, view), height: workspace.shape.height,
        width: workspace.shape.width,
        addingTo: gradient)
    }
    encoder.backward(
      workspace.features, batch.images.images, workspace.encoder, workspace.memory, parameters, pool
    )
  }

  private func map(_ image: Int, _ workspace: StepWorkspace) -> FloatSlice {
    let count = workspace.shape.height * workspace.shape.width * architecture.featuresPerView
    return workspace.features.part(image * count, count)
  }

  private func pixels(_ batch: TrainingBatch, _ patient: Int, _ view: Int) -> FloatSlice {
    let size = batch.pointsPerPatient * 2
    return batch.pixels.slice.part((patient * batch.views + view) * size, size)
  }

  /// Runs `body` for blocks of the points of each patient, with their places filled in.
  private func forEachChunk(
    of batch: TrainingBatch, _ workspace: StepWorkspace, limit: Int? = nil,
    _ body: @Sendable (_ worker: Int, _ patient: Int, _ part: PointBlock) -> Void
  ) {
    let points = batch.pointsPerPatient
    let chunks = (points + Self.chunk - 1) / Self.chunk
    var all = workspace.block
    all.points = batch.points.slice
    let block = all
    Parallel.forEachWorker(splitting: batch.patients * chunks, limit: limit) { worker, range in
      for item in range {
        let (patient, start) = (item / chunks, item % chunks * Self.chunk)
        let count = min(Self.chunk, points - start)
        var part = block.part(patient * points + start, count)
        part.pixels = (0..<batch.views).map {
          pixels(batch, patient, $0).part(start * 2, count * 2)
        }
        body(worker, patient, part)
      }
    }
  }
}

/// The memory of a training step of one network on batches of one shape: planned and allocated once,
/// used by every step.
///
/// It is a handle: copies share the memory, and what a forward pass left in it, the next one overwrites.
package struct StepWorkspace: Sendable {
  /// The batches it was planned for.
  package let shape: TrainingBatch.Shape
  let encoder: UNetEncoder.Plan
  let memory: ActivationArena
  /// The most workers that carry points through the decoder backward: there is scratch for so many.
  let workers: Int
  /// Numbers of scratch that each of them has to itself.
  let workerScratchCount: Int
  /// (B V, H, W, F), and then their gradient.
  let features: FloatSlice
  /// All points of the batch, patient by patient; their places are the batch's own.
  let block: PointBlock
  /// Window units, (B P), and then their gradient.
  package var intensity: FloatSlice { block.intensity }
  /// What the last hidden layer knows of every point, (B P, width), until the backward pass.
  package var lastHidden: FloatSlice { block.hidden.last ?? block.input }
  /// Class scores, (B P, K), and then their gradient.
  package var logits: FloatSlice { block.logits }

  /// What one worker writes to while it carries points backward, and no other worker does.
  func scratch(of worker: Int) -> FloatSlice {
    precondition(worker < workers, "worker \(worker) of \(workers)")
    return memory.scratch.part(worker * workerScratchCount, workerScratchCount)
  }
}

extension SpiderNetwork {
  /// Points that one worker carries through all layers of the decoder at once: what they are in each
  /// layer stays in the L2 cache.
  static let chunk = 512

  /// How many numbers the workspace of a shape has, without taking memory for them.
  package func stepNumbers(_ shape: TrainingBatch.Shape) -> Int {
    let layout = StepPlan(of: self, shape).layout
    return layout.count + layout.scratchCount
  }

  /// Plans training passes over batches of a shape, for the workers there are now.
  package func makeWorkspace(_ shape: TrainingBatch.Shape) -> StepWorkspace {
    makeWorkspaces([shape])[0]
  }

  /// The same of several shapes, which take turns: all share the memory of the largest.
  package func makeWorkspaces(_ shapes: [TrainingBatch.Shape]) -> [StepWorkspace] {
    let plans = shapes.map { StepPlan(of: self, $0) }
    let memory = FloatSlice.scratch(
      plans.map { $0.layout.count + $0.layout.scratchCount }.max() ?? 0)
    return plans.map { $0.workspace(in: memory) }
  }
}

/// Where a training step of one shape has its memory.
private struct StepPlan {
  let shape: TrainingBatch.Shape
  private(set) var layout = ActivationLayout()
  private let encoder: UNetEncoder.Plan
  private let features: NumbersPlace
  private let input: NumbersPlace
  private let hidden: [NumbersPlace]
  private let intensity: NumbersPlace
  private let logits: NumbersPlace
  private let workers = Parallel.workerCount
  private let workerScratch: Int

  init(of network: SpiderNetwork, _ shape: TrainingBatch.Shape) {
    let architecture = network.architecture
    self.shape = shape
    let images = shape.patients * shape.views
    encoder = network.encoder.plan(
      images: images, height: shape.height, width: shape.width, forTraining: true, &layout)
    let points = shape.patients * shape.pointsPerPatient
    features = layout.numbers(
      images * shape.height * shape.width * architecture.featuresPerView)
    input = layout.numbers(points * network.decoderInputs)
    var hidden: [NumbersPlace] = []
    for width in architecture.hiddenWidths { hidden.append(layout.numbers(points * width)) }
    self.hidden = hidden
    (intensity, logits) = (
      layout.numbers(points), layout.numbers(points * architecture.classes)
    )
    workerScratch = network.decoder.scratchCount(points: SpiderNetwork.chunk)
    layout.needScratch(workers * workerScratch)
  }

  func workspace(in storage: FloatSlice) -> StepWorkspace {
    let memory = ActivationArena(layout, in: storage)
    return StepWorkspace(
      shape: shape, encoder: encoder, memory: memory, workers: workers,
      workerScratchCount: workerScratch, features: memory[features],
      block: PointBlock(
        count: shape.patients * shape.pointsPerPatient, points: .scratch(0), pixels: [],
        input: memory[input], hidden: hidden.map { memory[$0] }, intensity: memory[intensity],
        logits: memory[logits]))
  }
}

/// What one training step is fed: X-rays and query points of a number of patients.
///
/// Shape letters: B patients, V views, C planes of an image, H rows, W columns, P points a patient, K classes.
public struct TrainingBatch: Sendable {
  /// X-rays (B V, C, H, W), patient by patient, as the network is fed them: C is 1, or 4 where it sees rays too.
  package var images: Tensor
  /// Places of the points in the canonical frame: (B, P, 3).
  package var points: Tensor
  /// Where each view sees them, (column, row): (B, V, P, 2).
  package var pixels: Tensor
  /// True intensity in window units: (B, P).
  package var intensity: Tensor
  /// True class, `LabelScheme.unknown` where the structure is not known: B P values.
  package var labels: [UInt8]
  /// How much each point counts in the loss: B P values, or none where all count alike.
  package var weights: [Float]
  /// What the patients are called, for those who must be told of one: B names.
  package var names: [String]

  /// Puts a batch together; patients without names have numbers.
  package init(
    images: Tensor, points: Tensor, pixels: Tensor, intensity: Tensor, labels: [UInt8],
    weights: [Float] = [], names: [String]? = nil
  ) {
    precondition(
      points.shape.count == 3 && pixels.shape.count == 4 && images.shape.count == 4
        && points.shape[0] == pixels.shape[0] && points.shape[1] == pixels.shape[2]
        && images.shape[0] == pixels.shape[0] * pixels.shape[1]
        && intensity.count == labels.count && labels.count * 3 == points.count
        && (weights.isEmpty || weights.count == labels.count),
      "the parts of a batch do not fit: images \(images.shape), points \(points.shape), pixels "
        + "\(pixels.shape), \(labels.count) labels")
    self.images = images
    self.points = points
    self.pixels = pixels
    self.intensity = intensity
    self.labels = labels
    self.weights = weights
    self.names = names ?? (0..<points.shape[0]).map { "\($0 + 1) of the batch" }
    precondition(self.names.count == points.shape[0], "\(self.names.count) names of patients")
  }

  /// B.
  package var patients: Int { points.shape[0] }
  /// V.
  package var views: Int { pixels.shape[1] }
  /// P.
  package var pointsPerPatient: Int { points.shape[1] }

  /// The sizes of a batch: what the memory of a step is planned from.
  package struct Shape: Equatable, Sendable {
    /// B.
    package var patients: Int
    /// V.
    package var views: Int
    /// P.
    package var pointsPerPatient: Int
    /// H.
    package var height: Int
    /// W.
    package var width: Int

    /// States all of them.
    package init(patients: Int, views: Int, pointsPerPatient: Int, height: Int, width: Int) {
      self.patients = patients
      self.views = views
      self.pointsPerPatient = pointsPerPatient
      self.height = height
      self.width = width
    }
  }

  /// Its sizes.
  package var shape: Shape {
    Shape(
      patients: patients, views: views, pointsPerPatient: pointsPerPatient,
      height: images.shape[2], width: images.shape[3])
  }
}

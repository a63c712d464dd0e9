import SpiderSupport
import SpiderTensor

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
    var layout = ActivationLayout()
    let images = shape.patients * shape.views
    _ = encoder.plan(
      images: images, height: shape.height, width: shape.width, forTraining: true, &layout)
    let points = shape.patients * shape.pointsPerPatient
    let perPoint =
      decoderInputs + architecture.hiddenWidths.reduce(0, +) + 1 + architecture.classes
    let scratch = Parallel.workerCount * decoder.scratchCount(points: Self.chunk)
    return layout.count + max(layout.scratchCount, scratch) + points * perPoint
      + images * shape.height * shape.width * architecture.featuresPerView
  }

  /// Plans training passes over batches of a shape, for the workers there are now.
  package func makeWorkspace(_ shape: TrainingBatch.Shape) -> StepWorkspace {
    var layout = ActivationLayout()
    let images = shape.patients * shape.views
    let encoderPlan = encoder.plan(
      images: images, height: shape.height, width: shape.width, forTraining: true, &layout)
    let points = shape.patients * shape.pointsPerPatient
    let features = layout.numbers(
      images * shape.height * shape.width * architecture.featuresPerView)
    let input = layout.numbers(points * decoderInputs)
    let hidden = architecture.hiddenWidths.map { layout.numbers(points * $0) }
    let answers = (layout.numbers(points), layout.numbers(points * architecture.classes))
    let workers = Parallel.workerCount
    let workerScratch = decoder.scratchCount(points: Self.chunk)
    layout.needScratch(workers * workerScratch)
    let memory = ActivationArena(layout)
    return StepWorkspace(
      shape: shape, encoder: encoderPlan, memory: memory, workers: workers,
      workerScratchCount: workerScratch, features: memory[features],
      block: PointBlock(
        count: points, points: .scratch(0), pixels: [], input: memory[input],
        hidden: hidden.map { memory[$0] }, intensity: memory[answers.0], logits: memory[answers.1]))
  }
}

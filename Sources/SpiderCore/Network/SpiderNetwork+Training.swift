extension SpiderNetwork {
  /// What the network answers to a batch, and what its backward pass needs.
  public struct Pass: Sendable {
    /// Window units: (B P).
    public var intensity: Tensor
    /// Class scores: (B P, K).
    public var logits: Tensor
    let encoder: UNetEncoder.Tape
    let features: Tensor
    let block: PointBlock
  }

  private static let chunk = 1024

  /// Runs a batch forward, keeping what the backward pass needs.
  public func forward(_ batch: TrainingBatch, _ parameters: ParameterArena) -> Pass {
    let (features, encoderTape) = encoder.forward(batch.images, parameters)
    let total = batch.patients * batch.pointsPerPatient
    var block = makeBlock(total, views: 0)
    var intensity = Tensor(uninitialized: [total])
    var logits = Tensor(uninitialized: [total, architecture.classes])
    block.intensity = intensity.mutableSlice()
    block.logits = logits.mutableSlice()
    block.points = batch.points.slice
    let (height, width) = (features.shape[1], features.shape[2])
    let all = block
    forEachChunk(of: batch) { _, patient, start, count in
      var part = all.part(patient * batch.pointsPerPatient + start, count)
      part.pixels = (0..<batch.views).map {
        pixels(batch, patient, $0).part(start * 2, count * 2)
      }
      decode(
        part, features: (0..<batch.views).map { features.entry(patient * batch.views + $0) },
        height: height, width: width, parameters)
    }
    return Pass(
      intensity: intensity, logits: logits, encoder: encoderTape, features: features, block: block)
  }

  /// Adds the gradients of all parameters to the pool, from those of intensity and logits, which are
  /// used as scratch.
  public func backward(
    intensityGradient: inout Tensor, logitsGradient: inout Tensor, _ pass: Pass,
    _ batch: TrainingBatch, _ parameters: ParameterArena, _ pool: GradientPool
  ) {
    let total = batch.patients * batch.pointsPerPatient
    var inputGradient = Tensor(uninitialized: [total, decoderInputs])
    let (dInput, dIntensity) = (inputGradient.mutableSlice(), intensityGradient.mutableSlice())
    let dLogits = logitsGradient.mutableSlice()
    let widest = architecture.hiddenWidths.max() ?? 0
    let scratch = (0..<pool.workerCount).map { _ in
      FloatSlice.scratch(2 * Self.chunk * widest)
    }
    forEachChunk(of: batch, workers: pool.workerCount) { worker, patient, start, count in
      let first = patient * batch.pointsPerPatient + start
      let part = pass.block.part(first, count)
      let gradient = dInput.part(first * decoderInputs, count * decoderInputs)
      decoder.backward(
        intensityGradient: dIntensity.part(first, count),
        logitsGradient: dLogits.part(first * architecture.classes, count * architecture.classes),
        part, parameters, pool, worker: worker, scratch: scratch[worker], into: gradient)
      codeBackward(gradient, points: part.points, pool, worker: worker)
    }

    var featureGradient = Tensor(pass.features.shape)
    let dFeatures = featureGradient.mutableSlice()
    let mapCount = featureGradient.count / pass.features.shape[0]
    let rows = batch.pointsPerPatient * decoderInputs
    Parallel.forEach(batch.patients * batch.views) { image in
      let (patient, view) = (image / batch.views, image % batch.views)
      sampleBackward(
        dInput.part(patient * rows, rows), view: view, of: batch.views,
        pixels: pixels(batch, patient, view), height: pass.features.shape[1],
        width: pass.features.shape[2], addingTo: dFeatures.part(image * mapCount, mapCount))
    }
    encoder.backward(featureGradient, pass.encoder, parameters, pool)
  }

  private func pixels(_ batch: TrainingBatch, _ patient: Int, _ view: Int) -> FloatSlice {
    let size = batch.pointsPerPatient * 2
    return batch.pixels.slice.part((patient * batch.views + view) * size, size)
  }

  private func forEachChunk(
    of batch: TrainingBatch, workers: Int? = nil,
    _ body: @Sendable (_ worker: Int, _ patient: Int, _ start: Int, _ count: Int) -> Void
  ) {
    let points = batch.pointsPerPatient
    let chunks = (points + Self.chunk - 1) / Self.chunk
    Parallel.forEachWorker(splitting: batch.patients * chunks, limit: workers) { worker, range in
      for item in range {
        let start = item % chunks * Self.chunk
        body(worker, item / chunks, start, min(Self.chunk, points - start))
      }
    }
  }
}

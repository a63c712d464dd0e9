internal import CSpiderKernels
import SpiderSupport
import SpiderTensor

/// The shared 2D U-Net that reads each X-ray (SPIDER: one four-level U-Net for all views).
///
/// Going down, each level is a block and a halving; going up, a doubling, the skipped features of that
/// level, and a block. A projection gives every pixel its features, channel-last, at full resolution. Planes beside
/// the X-ray, which say where it was taken, are read by the first block and once more by the projection: between them
/// normalisation may take from a plane that is nearly the same everywhere most of what it says.
package struct UNetEncoder: Sendable {
  /// Channels of each level, finest first.
  package let widths: [Int]
  /// Planes of an image beside the X-ray.
  private let planes: Int
  let down: [ConvolutionBlock]
  let up: [ConvolutionBlock]
  let projection: PixelProjection

  /// Where a pass keeps the activations of the encoder.
  package struct Plan: Sendable {
    /// What each level but the finest reads: the halved answer of the level above.
    let pooled: [ImagePlace]
    let down: [ConvolutionBlock.Plan]
    /// What each level reads going up: its own answer going down, then the doubled one from below.
    let joined: [ImagePlace]
    let up: [ConvolutionBlock.Plan]
    /// What the projection reads: the finest answer, and the planes beside the X-ray.
    let projected: ImagePlace
  }

  /// Builds the encoder of images of so many channels, with features of 0 and more where asked.
  package init(
    _ name: String, inputChannels: Int = 1, widths: [Int], features: Int, relu: Bool = false,
    layout: inout ParameterLayout
  ) {
    precondition(!widths.isEmpty, "a U-Net needs a level")
    self.widths = widths
    planes = inputChannels - 1
    var down: [ConvolutionBlock] = []
    for (level, width) in widths.enumerated() {
      down.append(
        ConvolutionBlock(
          "\(name).down.\(level)", inputChannels: level == 0 ? inputChannels : widths[level - 1],
          outputChannels: width, layout: &layout))
    }
    var up: [ConvolutionBlock] = []
    for level in 0..<(widths.count - 1) {
      up.append(
        ConvolutionBlock(
          "\(name).up.\(level)", inputChannels: widths[level] + widths[level + 1],
          outputChannels: widths[level], layout: &layout))
    }
    self.down = down
    self.up = up
    projection = PixelProjection(
      "\(name).projection", inputChannels: widths[0] + planes, outputChannels: features,
      relu: relu, layout: &layout)
  }

  /// Rows and columns of the images must be multiples of this.
  package var alignment: Int { 1 << (widths.count - 1) }

  /// Plans passes over N images of a height and a width. A pass that runs forward only keeps nothing
  /// that no later layer reads, and cannot run backward.
  package func plan(
    images: Int, height: Int, width: Int, forTraining: Bool, _ layout: inout ActivationLayout
  ) -> Plan {
    precondition(
      height % alignment == 0 && width % alignment == 0,
      "images of \(height) x \(width), not multiples of \(alignment)")
    // With planes beside, the finest answer is written next to them.
    let together =
      planes > 0 ? layout.images([images, widths[0] + planes, height, width]) : nil
    let finest = together?.channels(0..<widths[0])
    var pooled: [ImagePlace] = []
    var joined: [ImagePlace] = []
    var downPlans: [ConvolutionBlock.Plan] = []
    for (level, block) in down.enumerated() {
      let (h, w) = (height >> level, width >> level)
      if level > 0 { pooled.append(layout.images([images, widths[level - 1], h, w])) }
      // A level's answer is written where the way up reads it, beside room for what comes from below.
      if level < up.count {
        joined.append(layout.images([images, widths[level] + widths[level + 1], h, w]))
      }
      let skip = level < up.count ? joined[level].channels(0..<widths[level]) : nil
      downPlans.append(
        block.plan(
          images: images, height: h, width: w, output: up.isEmpty ? finest : skip,
          forTraining: forTraining, &layout))
      if level > 0 && !forTraining { layout.release(pooled[level - 1]) }
    }
    var upPlans: [ConvolutionBlock.Plan] = []
    var below = downPlans[widths.count - 1].output
    for level in up.indices.reversed() {
      // Doubled into its half of the joined images, the answer from below has been read.
      if !forTraining { layout.release(below) }
      let plan = up[level].plan(
        images: images, height: height >> level, width: width >> level,
        output: level == 0 ? finest : nil, forTraining: forTraining, &layout)
      if !forTraining { layout.release(joined[level]) }
      upPlans.insert(plan, at: 0)
      below = plan.output
    }
    if forTraining {
      layout.needScratch(projection.scratchCount(workers: Parallel.workerCount))
    }
    return Plan(
      pooled: pooled, down: downPlans, joined: joined, up: upPlans, projected: together ?? below)
  }

  /// Images (N, C, H, W) to features (N, H, W, F).
  package func forward(
    _ images: ImageSlice, _ plan: Plan, _ memory: ActivationArena, _ parameters: ParameterArena,
    into features: FloatSlice
  ) {
    for (level, block) in down.enumerated() {
      if level > 0 {
        AveragePool.forward(
          memory[plan.down[level - 1].output], into: memory[plan.pooled[level - 1]])
      }
      block.forward(input(level, images, plan, memory), plan.down[level], memory, parameters)
    }
    for level in up.indices.reversed() {
      Upsample.forward(memory[below(level, plan)], into: memory[doubled(level, plan)])
      up[level].forward(memory[plan.joined[level]], plan.up[level], memory, parameters)
    }
    if planes > 0 {
      let beside = memory[plan.projected.channels(widths[0]..<widths[0] + planes)]
      for image in 0..<images.count {
        beside.image(image).copy(
          from: images.image(image).part(images.plane, planes * images.plane))
      }
    }
    projection.forward(memory[plan.projected], parameters, into: features)
  }

  /// Adds the gradients of all parameters to the pool, from that of the features; images have none.
  /// The gradient of every activation takes its place, so a pass runs backward once.
  package func backward(
    _ gradient: FloatSlice, _ images: ImageSlice, _ plan: Plan, _ memory: ActivationArena,
    _ parameters: ParameterArena, _ pool: GradientPool
  ) {
    projection.backward(
      gradient, replacing: memory[plan.projected], parameters, pool,
      scratch: memory.scratch)
    for level in up.indices {
      let joined = memory[plan.joined[level]]
      up[level].backward(joined, plan.up[level], memory, parameters, pool, into: joined)
      Upsample.backward(memory[doubled(level, plan)], into: memory[below(level, plan)])
    }
    for level in down.indices.reversed() {
      let input = input(level, images, plan, memory)
      down[level].backward(
        input, plan.down[level], memory, parameters, pool, into: level > 0 ? input : nil)
      // The level above has the gradient from its way up already.
      if level > 0 { AveragePool.backward(input, addingTo: memory[plan.down[level - 1].output]) }
    }
  }

  /// Images (N, C, H, W) to features (N, H, W, F), in memory of their own.
  package func forward(_ images: Tensor, _ parameters: ParameterArena) -> Tensor {
    let input = images.images
    var layout = ActivationLayout()
    let plan = plan(
      images: input.count, height: input.height, width: input.width, forTraining: false, &layout)
    var features = Tensor(
      uninitialized: [input.count, input.height, input.width, projection.outputChannels])
    forward(input, plan, ActivationArena(layout), parameters, into: features.mutableSlice())
    return features
  }

  /// What a level reads going down.
  private func input(
    _ level: Int, _ images: ImageSlice, _ plan: Plan, _ memory: ActivationArena
  ) -> ImageSlice {
    level == 0 ? images : memory[plan.pooled[level - 1]]
  }

  /// What a level doubles going up: the answer of the level below.
  private func below(_ level: Int, _ plan: Plan) -> ImagePlace {
    level + 1 < up.count ? plan.up[level + 1].output : plan.down[level + 1].output
  }

  /// Where a level doubles it to.
  private func doubled(_ level: Int, _ plan: Plan) -> ImagePlace {
    plan.joined[level].channels(widths[level]..<widths[level] + widths[level + 1])
  }
}

/// The size of a channel-last map of features.
package struct FeatureMapShape: Sendable {
  /// Rows.
  package var height: Int
  /// Columns.
  package var width: Int
  /// Features of a pixel.
  package var channels: Int

  /// States all of them.
  package init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// Numbers of the map.
  package var count: Int { height * width * channels }
}

/// The pixel-aligned sampling of a map of features.
package enum PixelSampling {
  /// Bilinear samples of a channel-last map at pixel positions (column, row), zero outside; point p's
  /// channels, times `scale`, are set or added at `out[p * stride ...]`.
  package static func forward(
    _ map: FloatSlice, _ s: FeatureMapShape, at pixels: FloatSlice, scale: Float = 1,
    accumulate: Bool = false, into out: FloatSlice, stride: Int
  ) {
    let points = pixels.count / 2
    guard points > 0 else { return }
    unsafe spider_sample_pixels(
      map.address(s.count), Int32(s.height), Int32(s.width), Int32(s.channels),
      pixels.address(points * 2), Int64(points), scale, accumulate ? 1 : 0,
      out.mutableAddress((points - 1) * stride + s.channels), Int64(stride))
  }

  /// The adjoint of `forward`: adds onto the gradient of the map.
  package static func backward(
    _ gradient: FloatSlice, stride: Int, _ s: FeatureMapShape, at pixels: FloatSlice,
    scale: Float = 1, addingTo map: FloatSlice
  ) {
    let points = pixels.count / 2
    guard points > 0 else { return }
    unsafe spider_sample_pixels_backward(
      gradient.address((points - 1) * stride + s.channels), Int64(stride), Int32(s.height),
      Int32(s.width), Int32(s.channels), pixels.address(points * 2), Int64(points), scale,
      map.mutableAddress(s.count))
  }
}

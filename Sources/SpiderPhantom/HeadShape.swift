import SpiderImaging
import SpiderSupport

/// The variable traits of a head: sizes, proportions, asymmetry, jaw, neck, sinuses, teeth, pose. What its
/// bone is like is in ``BoneTraits``.
///
/// Anatomy is drawn in the frame of a nominal adult head, in mm: origin midway between the ear canals,
/// z = 0 the Frankfurt plane, axes as the world's (x right, y anterior, z superior). Nominal crown at
/// z = 128, chin at z = -88.
struct HeadShape: Sendable {
  /// Size of the braincase against the nominal one, along x, y, z.
  let cranialScale: Point
  /// Width and height of the face against the nominal one.
  let faceWidth: Float
  let faceHeight: Float
  /// The excess width of the right half over the left one, as a share of the width.
  let asymmetry: Float
  /// The protrusion of the lower face, mm.
  let prognathism: Float
  /// The outward displacement of the jaw's angles, mm.
  let gonialFlare: Float
  /// The protrusion of forehead, occiput and parietal eminences against the nominal head, mm.
  let forehead: Float
  let occiput: Float
  let eminence: Float
  let vault: VaultForm
  /// Years; drives bone, ventricles, teeth and sinuses.
  let age: Float
  let bone: BoneTraits
  let scalp: Float
  /// How far the skin of face and throat lies outside the nominal one, mm.
  let padding: Float
  let adiposity: Float
  let neckWidth: Float
  let neckDepth: Float
  /// Height at which the neck begins to widen towards the shoulders, mm.
  let shoulders: Float
  /// Slope of the neck, forwards and to the right, below the head.
  let neckForward: Float
  let neckSideways: Float
  /// Opening of the jaw about the condyles, radians.
  let jawOpening: Float
  /// Sizes of the sinuses, right and left.
  let frontalSinus: SIMD2<Float>
  let maxillarySinus: SIMD2<Float>
  let sphenoidSinus: SIMD2<Float>
  let mastoid: SIMD2<Float>
  /// The clearness of the sinuses' lining, and the sideways bend of the nasal septum, mm.
  let clearSinuses: Float
  let septum: Float
  /// How much the lining of the nose is swollen, mm.
  let swelling: Float
  let noseLength: Float
  let ventricles: Float
  /// The offset of the brain's CT numbers, HU.
  let brainShift: Float
  /// The depth of the sulci, mm.
  let sulci: Float
  /// CT number of the pineal gland, HU: calcified in most adults.
  let pinealValue: Float
  /// The offset of muscle's CT numbers, HU.
  let muscleShift: Float
  /// Height of the back of the tongue over its lowest place, mm.
  let tongueHeight: Float
  /// Size of the air between tongue and palate, as a share of the largest.
  let mouthAir: Float
  /// Height of the arch of the palate over its edges, mm.
  let palateArch: Float
  /// Size of the vertebrae below the axis against the nominal ones.
  let vertebrae: Float
  let dentition: Dentition
  /// Pose of the head about its middle: turns about x, y, z in radians.
  let turn: Vector3
  /// Place against the canonical one, left-right and front-back, mm.
  let shift: SIMD2<Double>

  init(seed: UInt64, options: HeadPhantom.Options) {
    let root = SeededGenerator(seed: seed)
    // One stream a group, so that a parameter added to one group does not change the others.
    var size = root.fork(1)
    func draw(_ generator: inout SeededGenerator, _ low: Double, _ high: Double) -> Float {
      Float(generator.uniform(in: low...high))
    }
    func draw(_ generator: inout SeededGenerator, _ range: ClosedRange<Double>) -> Float {
      Float(generator.uniform(in: range))
    }
    let population = options.population
    let overall = draw(&size, 0.95, 1.04)
    // Broad heads are short, so the braincase keeps its volume better than its form.
    let breadth = draw(&size, -1, 1)
    let low = draw(&size, 0.87, 1.07)
    cranialScale = Point(
      overall * (1.01 + 0.055 * breadth) * draw(&size, 0.98, 1.02),
      overall * (0.975 - 0.045 * breadth) * draw(&size, 0.97, 1.03),
      overall * low)
    faceWidth = overall * (1 + 0.03 * breadth) * draw(&size, 0.95, 1.05)
    faceHeight = overall * mix(1, low, 0.8) * draw(&size, 0.93, 1.06)
    asymmetry = draw(&size, -0.025, 0.025)
    noseLength = draw(&size, 0.85, 1.15)
    prognathism = draw(&size, -4, 7)
    gonialFlare = draw(&size, -3, 4)

    forehead = draw(&size, -4, 4)
    occiput = draw(&size, -4, 5)
    eminence = draw(&size, -5, 2)
    vault = VaultForm(&size)

    var years = root.fork(8)
    age = options.age.map { Float($0) } ?? draw(&years, population.age)
    var skeleton = root.fork(2)
    var build = root.fork(9)
    padding = draw(&build, population.padding)
    neckDepth = draw(&build, population.neckDepth)
    swelling = draw(&build, population.swelling)
    vertebrae = draw(&build, population.vertebrae)
    bone = BoneTraits(age: age, population, &skeleton, build: &build)
    let aged = (age - 20) / 70

    var soft = root.fork(3)
    scalp = draw(&soft, population.scalp)
    adiposity = draw(&soft, population.adiposity)
    neckWidth = draw(&soft, population.neckWidth)
    shoulders = draw(&soft, -155, -92)
    ventricles = draw(&soft, 0.65, 1.1) + 0.5 * aged
    brainShift = draw(&soft, population.brain)
    sulci = draw(&soft, 2.5, 4.5) + 2.5 * aged
    pinealValue = soft.uniform() < 0.3 + 0.4 * Double(aged) ? draw(&soft, 120, 420) : 40
    muscleShift = draw(&soft, population.muscle)
    tongueHeight = draw(&soft, 0, 9)
    mouthAir = draw(&soft, population.mouthAir)
    palateArch = draw(&soft, 3, 9)

    var posture = root.fork(4)
    neckSideways = draw(&posture, -0.05, 0.05)
    // Most people are scanned with the teeth together or nearly so.
    let opening = posture.uniform() * posture.uniform() * options.maximumJawOpeningDegrees
    jawOpening = Float(opening * .pi / 180)
    func angle(_ limit: Double) -> Double { posture.uniform(in: -1...1) * limit * .pi / 180 }
    turn = Vector3(
      angle(options.maximumNodDegrees), angle(options.maximumTurnDegrees),
      angle(options.maximumTurnDegrees))
    // The neck follows a nod in part.
    neckForward = draw(&posture, -0.3, 0.14) - 0.3 * Float(turn.x)
    shift =
      SIMD2(posture.uniform(in: -1...1), posture.uniform(in: -1...1)) * options.maximumShift

    var sinus = root.fork(5)
    func pair(_ low: Double, _ high: Double) -> SIMD2<Float> {
      let common = draw(&sinus, low, high)
      return SIMD2(common * draw(&sinus, 0.85, 1.1), common * draw(&sinus, 0.85, 1.1))
    }
    frontalSinus = pair(0.35, 1.15 + 0.15 * Double(aged))
    maxillarySinus = pair(0.55, 1.08)
    sphenoidSinus = pair(0.55, 1.2)
    mastoid = pair(0.5, 1.2)
    clearSinuses = draw(&sinus, 0, 2.5)
    septum = draw(&sinus, -3.5, 3.5)

    var dental = root.fork(6)
    dentition = Dentition(aged: aged, options: options, &dental)
  }
}

/// The bone of one head: its thickness, density and structure.
struct BoneTraits: Sendable {
  /// Mean thickness of the vault, mm.
  let vaultThickness: Float
  /// The variation of the vault's thickness from place to place, as a share of it.
  let unevenness: Float
  /// Thickness of a compact table, mm.
  let tableThickness: Float
  /// CT number of compact bone, HU.
  let cortical: Float
  /// CT number of the diploe between the tables, HU; near the compact bone's where it is sclerotic.
  let diploe: Float
  /// CT number of the spongy bone of face, jaw and spine, HU.
  let cancellous: Float
  /// The density of the petrous bone relative to compact bone.
  let petrous: Float
  /// How much thinner the bones of face and jaw are on each surface, mm.
  let thinning: Float
  /// The density of spongy bone of face, jaw and skull base against the usual one.
  let spongyShare: Float
  /// The depth of the impressions of vessels and gyri on the inner table, relative to the usual one.
  let impressions: Float
  /// The openness of the sutures: 1 a young adult's, 0 closed.
  let sutures: Float

  /// Draws the traits of a person of an age in years.
  ///
  /// Ranges: thickness and its spread as published for adult vaults (means of 6 to 8 mm, single
  /// places from 3 to 15), compact bone 1100 to 1900 HU, trabecular bone of jaws and neck 100 to
  /// 700 HU. Both lose about a tenth to a third over adult life.
  init(
    age: Float, _ population: HeadPopulation, _ generator: inout SeededGenerator,
    build: inout SeededGenerator
  ) {
    func draw(_ low: Double, _ high: Double) -> Float {
      Float(generator.uniform(in: low...high))
    }
    let aged = (age - 20) / 70
    vaultThickness = draw(5.0, 9.4)
    unevenness = draw(0.7, 1.8)
    tableThickness = draw(1.4, 2.5)
    thinning = Float(build.uniform(in: population.thinning))
    spongyShare = Float(build.uniform(in: population.spongyShare))
    cortical = Float(generator.uniform(in: population.compactBone)) * (1 - 0.12 * aged)
    diploe = min(cortical * draw(0.38, 0.92), 1400)
    cancellous = draw(220, 620) * (1 - 0.3 * aged)
    petrous = draw(0.72, 1.08)
    impressions = draw(0.4, 1.5)
    sutures = max(0, 1 - aged * draw(0.5, 1.4))
  }

  private static let condyle = Point(49, 13, -3.5)

  /// How much thinner a surface is at a place of the right half, mm: nothing about the joint, whose space is stated.
  @inline(__always) func thinning(at p: Point) -> Float {
    guard thinning > 0 else { return 0 }
    let away = p - Self.condyle
    return thinning * smoothStep(14, 26, (away * away).sum().squareRoot())
  }
}

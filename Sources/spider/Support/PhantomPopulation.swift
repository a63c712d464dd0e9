import ArgumentParser
import SpiderPhantom

/// What heads `spider phantom` makes: by default as training meets them, or with what is asked for.
struct PhantomPopulation: ParsableArguments {
  @Flag(
    help:
      "No metal, surgery or injury, all teeth but perhaps those of wisdom; other flags add to it.")
  var intact = false
  @Option(help: ArgumentHelp("Everybody's age, 20 to 90 (default: drawn).", valueName: "years"))
  var age: Double?
  @Flag(help: "No head has a tooth of its own.") var edentulous = false
  @Option(help: ArgumentHelp("Largest share of teeth that may be missing.", valueName: "share"))
  var missingTeeth: Double?
  @Flag(help: "Every head has metal crowns or fillings.") var dentalMetal = false
  @Flag(help: "Every head has implants where teeth are missing.") var implants = false
  @Flag(help: "Every head has a plate with screws on the lower jaw.") var plates = false
  @Flag(help: "Every head has a craniotomy.") var craniotomy = false
  @Flag(help: "Every head has a broken lower jaw.") var fracture = false

  /// Whether anything was asked for.
  var isStated: Bool {
    intact || age != nil || missingTeeth != nil || edentulous || dentalMetal || implants || plates
      || craniotomy || fracture
  }

  func validate() throws {
    if let age, !(20...90).contains(age) {
      throw ValidationError("--age is \(age); it must be 20 to 90 years")
    }
    if let missingTeeth, !(0...1).contains(missingTeeth) {
      throw ValidationError("--missing-teeth is \(missingTeeth); it must be a share from 0 to 1")
    }
  }

  /// As the phantom module has it.
  var options: HeadPhantom.Options {
    var options = intact ? HeadPhantom.Options.intact : HeadPhantom.Options()
    options.age = age
    if let missingTeeth { options.maximumMissingTeeth = missingTeeth }
    if edentulous { options.edentulousProbability = 1 }
    if dentalMetal { options.metalProbability = 1 }
    if implants { options.implantProbability = 1 }
    if plates { options.plateProbability = 1 }
    if craniotomy { options.craniotomyProbability = 1 }
    if fracture { options.fractureProbability = 1 }
    return options
  }
}

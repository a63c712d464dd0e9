import ArgumentParser

struct Evaluate: ParsableCommand {
  @OptionGroup var common: CommonOptions
}

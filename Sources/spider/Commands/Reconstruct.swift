import ArgumentParser

struct Reconstruct: ParsableCommand {
  @OptionGroup var common: CommonOptions
}

import ArgumentParser

struct Demo: ParsableCommand {
  @OptionGroup var common: CommonOptions
}

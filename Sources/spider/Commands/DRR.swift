import ArgumentParser

struct DRR: ParsableCommand {
  @OptionGroup var common: CommonOptions
}

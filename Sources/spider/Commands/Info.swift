import ArgumentParser

struct Info: ParsableCommand {
  @OptionGroup var common: CommonOptions
}

// swift-tools-version: 6.2
import PackageDescription

// A package of its own that uses Spider as a stranger's would. One folder a program.
let package = Package(
  name: "SpiderExamples",
  platforms: [.macOS(.v13)],
  dependencies: [.package(name: "Spider", path: "..")],
  targets: [
    .executableTarget(
      name: "LandmarkFromTwoViews",
      dependencies: [.product(name: "SpiderCore", package: "Spider")],
      path: "LandmarkFromTwoViews")
  ]
)

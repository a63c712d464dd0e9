// swift-tools-version: 6.2
import PackageDescription

// Unsafe code is fenced: every use is marked `unsafe`, and it lives only in storage and in the
// wrappers of BLAS, of the C kernels and of the C file libraries.
let fenced: [SwiftSetting] = [.strictMemorySafety()]

// Tensors lend their memory out as spans, whose lifetimes are still spelled with underscores.
let lending = fenced + [.enableExperimentalFeature("Lifetimes")]

let package = Package(
  name: "Spider",
  products: [
    .library(name: "SpiderCore", targets: ["SpiderCore"]),
    .library(name: "SpiderIO", targets: ["SpiderIO"]),
    .library(name: "SpiderDICOM", targets: ["SpiderDICOM"]),
    .library(name: "SpiderDRR", targets: ["SpiderDRR"]),
    .library(name: "SpiderPhantom", targets: ["SpiderPhantom"]),
    .library(name: "SpiderAnatomy", targets: ["SpiderAnatomy"]),
    .library(name: "SpiderDataSet", targets: ["SpiderDataSet"]),
    .library(name: "SpiderEvaluation", targets: ["SpiderEvaluation"]),
    .library(name: "SpiderTraining", targets: ["SpiderTraining"]),
    .library(name: "SpiderBaselines", targets: ["SpiderBaselines"]),
    .library(name: "SpiderPretrained", targets: ["SpiderPretrained"]),
    .library(name: "SpiderReport", targets: ["SpiderReport"]),
    .library(name: "SpiderEngineWorks", targets: ["SpiderEngineWorks"]),
    .executable(name: "spider", targets: ["spider"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // MARK: C libraries and kernels
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
    .target(
      name: "CNifti", linkerSettings: [.linkedLibrary("nifti2"), .linkedLibrary("znz")]),
    .target(
      name: "CGDCM",
      linkerSettings: [
        .linkedLibrary("gdcmMSFF"), .linkedLibrary("gdcmDSED"), .linkedLibrary("gdcmCommon"),
        .linkedLibrary("z"), .linkedLibrary("stdc++"),
      ]),
    .target(name: "CPNG", linkerSettings: [.linkedLibrary("png16")]),
    .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
    .target(name: "CTIFF", linkerSettings: [.linkedLibrary("tiff")]),
    .target(name: "CSpiderKernels", linkerSettings: [.linkedLibrary("m")]),

    // MARK: Floors below the products
    .target(name: "SpiderSupport", dependencies: ["CSpiderKernels"], swiftSettings: fenced),
    .target(
      name: "SpiderImaging", dependencies: ["SpiderSupport", "COpenBLAS", "CSpiderKernels"],
      swiftSettings: fenced),
    .target(
      name: "SpiderTensor", dependencies: ["SpiderSupport", "COpenBLAS", "CSpiderKernels"],
      swiftSettings: lending),
    .target(name: "SpiderAnatomy", dependencies: ["SpiderImaging"], swiftSettings: fenced),
    .target(
      name: "SpiderDataSet", dependencies: ["SpiderAnatomy", "SpiderIO"], swiftSettings: fenced),
    .target(
      name: "SpiderEvaluation",
      dependencies: ["SpiderBaselines", "SpiderAnatomy", "SpiderDataSet", "SpiderDRR", "SpiderIO"],
      swiftSettings: fenced),

    // MARK: Libraries
    .target(
      name: "SpiderCore", dependencies: ["SpiderImaging", "SpiderTensor", "CSpiderKernels"],
      swiftSettings: fenced),
    .target(
      name: "SpiderIO", dependencies: ["SpiderCore", "CNifti", "CPNG", "CJPEG", "CTIFF"],
      swiftSettings: fenced),
    .target(
      name: "SpiderDICOM", dependencies: ["SpiderCore", "SpiderIO", "CGDCM"],
      swiftSettings: fenced),
    .target(
      name: "SpiderDRR", dependencies: ["SpiderImaging", "CSpiderKernels"], swiftSettings: fenced),
    .target(name: "SpiderPhantom", dependencies: ["SpiderImaging"], swiftSettings: fenced),
    .target(
      name: "SpiderBaselines", dependencies: ["SpiderCore", "SpiderIO"], swiftSettings: fenced),
    .target(
      name: "SpiderTraining",
      dependencies: ["SpiderEvaluation", "SpiderPhantom", "CSpiderKernels", "Yams"],
      swiftSettings: fenced),
    .target(
      name: "SpiderPretrained", dependencies: ["SpiderCore", "SpiderDRR", "SpiderIO"],
      resources: [.copy("Resources")], swiftSettings: fenced),
    // The page's scripts and style become code: a program that is moved has them all the same.
    .target(
      name: "SpiderReport", dependencies: ["SpiderEvaluation"],
      resources: [.embedInCode("Resources")], swiftSettings: fenced),

    // MARK: Benchmarks
    // What the nested package Benchmarks times of the engine, which is not public.
    .target(
      name: "SpiderEngineWorks",
      dependencies: [
        "SpiderTraining", "SpiderCore", "SpiderDRR", "SpiderIO", "SpiderPhantom", "SpiderSupport",
        "SpiderTensor",
      ], path: "Benchmarks/EngineWorks"),

    // MARK: Command line
    .executableTarget(
      name: "spider",
      dependencies: [
        "SpiderCore", "SpiderIO", "SpiderDICOM", "SpiderDRR", "SpiderPhantom", "SpiderTraining",
        "SpiderBaselines", "SpiderPretrained", "SpiderReport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: fenced),

    // MARK: Tests
    .target(
      name: "SpiderTestSupport", dependencies: ["SpiderCore"], path: "Tests/SpiderTestSupport"),
    .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
    .testTarget(
      name: "SpiderImagingTests", dependencies: ["SpiderImaging", "SpiderTestSupport"]),
    .testTarget(name: "SpiderTensorTests", dependencies: ["SpiderTensor", "SpiderTestSupport"]),
    .testTarget(name: "SpiderCoreTests", dependencies: ["SpiderCore", "SpiderTestSupport"]),
    .testTarget(
      name: "SpiderAnatomyTests",
      dependencies: ["SpiderAnatomy", "SpiderEvaluation", "SpiderPhantom", "SpiderTestSupport"]),
    .testTarget(
      name: "SpiderEvaluationTests",
      dependencies: ["SpiderEvaluation", "SpiderPhantom", "SpiderTestSupport"]),
    .testTarget(
      name: "SpiderIOTests", dependencies: ["SpiderIO", "SpiderTestSupport"],
      resources: [.copy("Resources")]),
    .testTarget(
      name: "SpiderDICOMTests", dependencies: ["SpiderDICOM", "SpiderIO", "SpiderTestSupport"],
      resources: [.copy("Resources")]),
    .testTarget(
      name: "SpiderDRRTests", dependencies: ["SpiderDRR", "SpiderPhantom", "SpiderTestSupport"]),
    .testTarget(
      name: "SpiderPhantomTests",
      dependencies: ["SpiderAnatomy", "SpiderPhantom", "SpiderTestSupport"]),
    .testTarget(
      name: "SpiderBaselinesTests",
      dependencies: [
        "SpiderBaselines", "SpiderPhantom", "SpiderTraining", "SpiderIO", "SpiderTestSupport",
      ], resources: [.copy("Resources")]),
    .testTarget(
      name: "SpiderReportTests", dependencies: ["SpiderReport", "SpiderIO", "SpiderTestSupport"]),
    .testTarget(
      name: "SpiderPretrainedTests",
      dependencies: ["SpiderDRR", "SpiderPhantom", "SpiderPretrained", "SpiderTestSupport"],
      resources: [.copy("Resources")]),
    .testTarget(
      name: "SpiderTrainingTests",
      dependencies: [
        "SpiderTraining", "SpiderPhantom", "SpiderDRR", "SpiderIO", "SpiderTestSupport",
        "CAllocationCounter",
      ], resources: [.copy("Resources")]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "SpiderBaselines", "SpiderDRR", "SpiderEvaluation", "SpiderIO", "SpiderPhantom",
        "SpiderPretrained", "SpiderTestSupport",
      ]),
  ]
)

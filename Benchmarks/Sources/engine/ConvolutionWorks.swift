import SpiderCore
enum ConvolutionWorks { static let all: [Work] = [] }

import NIOCore
import NIOHTTP1
import NIOPosix

/// What all connections share.
struct Office: Sendable {
  let settings: Settings
  let places: Places
  let worker: NIOThreadPool
  let reconstruction: HeadReconstruction
}

/// Listens, and gives each connection a ``Conversation``.
struct HTTPServer {
  private let network: MultiThreadedEventLoopGroup
  private let office: Office

  init(_ network: MultiThreadedEventLoopGroup, _ office: Office) {
    self.network = network
    self.office = office
  }

  /// Opens the port.
  func start() throws -> any Channel {
    let office = office
    let open = Places(office.settings.connections)
    return try ServerBootstrap(group: network)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          guard open.take() else { throw ChannelError.ioOnClosedChannel }
          channel.closeFuture.whenComplete { _ in open.giveBack() }
          // Without help for pipelines: one request a connection, and what comes behind it is only read to
          // notice that the client has gone.
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: true)
          try channel.pipeline.syncOperations.addHandler(Conversation(office))
        }
      }
      .bind(host: office.settings.host, port: office.settings.port).wait()
  }
}

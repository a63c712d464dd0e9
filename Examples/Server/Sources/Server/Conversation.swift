import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// One request on one connection, and its answer; then the connection ends. All of it happens on the
/// connection's event loop, but for the reconstruction.
final class Conversation: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private enum State {
    /// For the first line and the headers.
    case waiting
    /// Its body is read.
    case reading(body: ByteBuffer, boundary: String)
    /// An answer that needs no body is given when the request has ended.
    case greeting(HTTPResponseStatus, String)
    /// A reconstruction waits or is at work.
    case working
    /// The answer is on its way; what the client still sends is thrown away.
    case answered
  }

  private static let numbers = Atomic(1)

  private let office: Office
  private let number = Conversation.numbers.wrappingAdd(1, ordering: .relaxed).oldValue
  private let started = NIODeadline.now()
  private let interest = Interest()
  private var state = State.waiting
  private var hasPlace = false
  private var deadline: Scheduled<Void>?
  private var received = 0

  init(_ office: Office) { self.office = office }

  private var limit: Int { office.settings.megabytes << 20 }

  // MARK: What the network tells

  func channelActive(context: ChannelHandlerContext) {
    expect(within: office.settings.patience, context) { conversation, context in
      conversation.refuse(.init(.requestTimeout, "the request took too long to come"), context)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch (unwrapInboundIn(data), state) {
    case (.head(let head), .waiting): begin(head, context)
    case (.body(let bytes), .reading(var body, let boundary)):
      state = .waiting  // So that the body has one owner and grows in place.
      received += bytes.readableBytes
      guard received <= limit else { return refuse(tooLarge, context) }
      body.writeImmutableBuffer(bytes)
      state = .reading(body: body, boundary: boundary)
    case (.end, .reading(let body, let boundary)):
      deadline?.cancel()
      state = .working
      work(on: body, boundary, context)
    case (.end, .greeting(let status, let text)):
      answer(status, "text/plain; charset=utf-8", ByteBuffer(string: text + "\n"), context)
    default: break
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    // A reconstruction that nobody waits for ends at its next slab, and gives its place back then.
    interest.lose()
    if case .working = state { return log("left") }
    leavePlace()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if error is HTTPParserError { log("400 not HTTP") }
    context.close(promise: nil)
  }

  // MARK: From request to answer

  private var tooLarge: Refusal {
    Refusal(
      .payloadTooLarge, "a request has at most \(office.settings.megabytes) megabytes (2^20 bytes)")
  }

  /// Decides by the headers alone whether the body is worth reading.
  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let path = head.uri.prefix { $0 != "?" }
    switch (head.method, path) {
    case (.GET, "/"): state = .greeting(.ok, Self.usage)
    case (.GET, "/health"): state = .greeting(.ok, "ok")
    case (.POST, "/reconstruct"):
      guard let boundary = Form.boundary(of: head.headers.first(name: "content-type") ?? "") else {
        return refuse(.init(.unsupportedMediaType, "send a form as multipart/form-data"), context)
      }
      if let length = head.headers.first(name: "content-length").flatMap(Int.init), length > limit {
        return refuse(tooLarge, context)
      }
      guard office.places.take() else {
        return refuse(.init(.serviceUnavailable, "busy; come again in a few seconds"), context)
      }
      hasPlace = true
      state = .reading(body: ByteBuffer(), boundary: boundary)
      if head.headers["expect"].contains(where: { $0.lowercased() == "100-continue" }) {
        let go = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(go)), promise: nil)
      }
    case (_, "/reconstruct"): refuse(.init(.methodNotAllowed, "POST a form here"), context)
    case (_, "/"), (_, "/health"): refuse(.init(.methodNotAllowed, "GET this"), context)
    default: refuse(.init(.notFound, "there is only /reconstruct"), context)
    }
  }

  private func work(on body: ByteBuffer, _ boundary: String, _ context: ChannelHandlerContext) {
    let (office, interest) = (office, interest)
    office.worker.runIfActive(eventLoop: context.eventLoop) {
      try interest.check()
      let form = try Form(Array(body.readableBytesView), boundary: boundary)
      return ByteBuffer(bytes: try office.reconstruction.answer(form, interest))
    }.assumeIsolated().whenComplete { result in
      guard context.channel.isActive else { return self.leavePlace() }
      switch result {
      case .success(let archive): self.answer(.ok, "application/x-tar", archive, context)
      case .failure(let refusal as Refusal): self.refuse(refusal, context)
      case .failure(let error):
        // Its text may name files; the client learns that it is not to blame.
        self.log("fault: \(type(of: error))")
        self.refuse(.init(.internalServerError, "something went wrong here"), context)
      }
    }
  }

  private func refuse(_ refusal: Refusal, _ context: ChannelHandlerContext) {
    let text = ByteBuffer(string: refusal.text + "\n")
    answer(refusal.status, "text/plain; charset=utf-8", text, context)
  }

  private func answer(
    _ status: HTTPResponseStatus, _ type: String, _ body: ByteBuffer,
    _ context: ChannelHandlerContext
  ) {
    state = .answered
    log("\(status.code) \(received) bytes in, \(body.readableBytes) out")
    var headers: HTTPHeaders = [
      "content-type": type, "content-length": "\(body.readableBytes)", "connection": "close",
      "cache-control": "no-store", "x-content-type-options": "nosniff",
    ]
    if status == .serviceUnavailable { headers.add(name: "retry-after", value: "5") }
    let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    let sent = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
    expect(within: office.settings.patience, context) { $1.close(promise: nil) }
    sent.futureResult.assumeIsolated().whenComplete { _ in
      self.leavePlace()
      guard context.channel.isActive else { return }
      // The client learns that this was all. Closing at once, while it is still sending, would take the
      // answer away from it.
      context.close(mode: .output, promise: nil)
      self.expect(within: 2, context) { $1.close(promise: nil) }
    }
  }

  // MARK: Small things

  private func expect(
    within seconds: Int, _ context: ChannelHandlerContext,
    else action: @escaping (Conversation, ChannelHandlerContext) -> Void
  ) {
    deadline?.cancel()
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(Int64(seconds))) {
      action(self, context)
    }
  }

  private func leavePlace() {
    if hasPlace { office.places.giveBack() }
    hasPlace = false
  }

  /// A line that names nobody: no address, no path, no file.
  private func log(_ text: String) {
    let seconds = Double((NIODeadline.now() - started).nanoseconds) / 1e9
    say(String(format: "#%d %.2f s ", number, seconds) + text)
  }

  private static let usage = """
    Spider server. Not for diagnosis. Two X-rays in, a tar archive out:
      curl -f -F pa=@pa.nii.gz -F pa.json=@pa.json -F left=@left.nii.gz -F left.json=@left.json \\
        http://HOST:PORT/reconstruct | tar x
    """
}

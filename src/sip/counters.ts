/** Everything the engine drops, refuses or repairs is counted here; of 503s alone more is said (`refusal-notices.ts`). */
export type Counters = {
  /** Datagrams received, keep-alives included. */
  received: number;
  /** Messages handed to the transport, retransmissions included. */
  sent: number;
  /** Requests sent again by Timers A and E, responses by Timer G, 2xx by their dialog. */
  retransmitted: number;
  /** CRLF, NUL or empty datagrams (RFC 5626 §3.5.1). */
  keepAlives: number;
  /** Messages that could not be read; requests among them got a 400, 414, 505 or 513 when they could be answered. */
  malformed: number;
  /** Messages over `MESSAGE_OCTETS_MAX`. */
  oversize: number;
  /** Messages over `HEADERS_MAX`; these and the four below are among the malformed. */
  headersLimit: number;
  /** Messages with a header line over `HEADER_OCTETS_MAX`. */
  headerLengthLimit: number;
  /** Requests whose URI is over `URI_OCTETS_MAX`. */
  uriLimit: number;
  /** Messages over `VIAS_MAX`, `ROUTES_MAX` or `LIST_VALUES_MAX`. */
  listLimit: number;
  /** Messages over `PARAMETERS_MAX`. */
  parameterLimit: number;
  /** Messages from a source that is not allowed; responses to our own requests are not among them. */
  unlistedSource: number;
  /** Responses that match no transaction and no 2xx of ours. */
  unmatchedResponses: number;
  /** ACKs that match no dialog waiting for one. */
  unmatchedAcks: number;
  /** 2xx to an INVITE of an earlier life of this engine, answered with ACK and BYE. */
  strayAnswers: number;
  /** 2xx of further forks of one INVITE, answered with ACK and BYE (RFC 3261 §13.2.2.4). */
  forkedAnswers: number;
  /** Requests that came again over another path, answered 482 (RFC 3261 §8.2.2.2). */
  merged: number;
  /** Requests refused because `transactionsMax` was reached. */
  transactionLimit: number;
  /** INVITEs refused because `dialogsMax` was reached. */
  dialogLimit: number;
  /** INVITEs refused because no application was connected that takes them. */
  noApplication: number;
  /** Messages dropped before the application was there, because `HELD_OCTETS_MAX` were kept for it. */
  heldLimit: number;
  /** Early dialogs not made because one INVITE had `FORKS_MAX` of them, or `dialogsMax` was reached. */
  forkLimit: number;
  /** Reliable provisional responses refused because `RELIABLE_WAITING_MAX` waited already. */
  reliableLimit: number;
  /** Reliable provisional responses of peers that were repeated, or had overtaken another (RFC 3262 §4). */
  repeatedProvisionals: number;
  /** Control connections closed because they read too slowly. */
  controlLimit: number;
  /** Sends that the operating system refused. */
  sendErrors: number;
  /** Requests that the application never answered, answered 500 by the watchdog. */
  unanswered: number;
  /** Connections that peers opened, and those that we opened (TCP and TLS). */
  connectionsAccepted: number;
  connectionsOpened: number;
  /** Connections from a source that is not allowed, closed before a word was said. */
  connectionsUnlisted: number;
  /** Connections that we could not open: refused, timed out, or no room. */
  connectFailures: number;
  /** Connections refused, ours or theirs, because `connectionsMax` was reached and none was idle. */
  connectionLimit: number;
  /** Idle connections closed: after `idleMs`, or to make room for another. */
  connectionsIdle: number;
  /** Connections closed because what came over them was no SIP, or too large (RFC 3261 §18.3). */
  framingFaults: number;
  /** Connections closed because a message had begun and did not end, or nothing at all came, in time. */
  slowMessages: number;
  /** Connections closed because their peer did not read what we sent it. */
  slowReaders: number;
  /** TLS handshakes that failed: no common version, a certificate that is missing or of somebody else. */
  tlsFailures: number;
  /** Messages copied to a Homer server, counted by the engine's thread. */
  captured: number;
  /** Copies for it that could not be sent. */
  captureLost: number;
  /** Bugs of ours, each contained to the message that met it. */
  contained: number;
};

/** All at zero. */
export function newCounters(): Counters {
  return {
    received: 0,
    sent: 0,
    retransmitted: 0,
    keepAlives: 0,
    malformed: 0,
    oversize: 0,
    headersLimit: 0,
    headerLengthLimit: 0,
    uriLimit: 0,
    listLimit: 0,
    parameterLimit: 0,
    unlistedSource: 0,
    unmatchedResponses: 0,
    unmatchedAcks: 0,
    strayAnswers: 0,
    forkedAnswers: 0,
    merged: 0,
    transactionLimit: 0,
    dialogLimit: 0,
    noApplication: 0,
    heldLimit: 0,
    forkLimit: 0,
    reliableLimit: 0,
    repeatedProvisionals: 0,
    controlLimit: 0,
    sendErrors: 0,
    unanswered: 0,
    connectionsAccepted: 0,
    connectionsOpened: 0,
    connectionsUnlisted: 0,
    connectFailures: 0,
    connectionLimit: 0,
    connectionsIdle: 0,
    framingFaults: 0,
    slowMessages: 0,
    slowReaders: 0,
    tlsFailures: 0,
    captured: 0,
    captureLost: 0,
    contained: 0,
  };
}

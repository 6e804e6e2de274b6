/**
 * A dialer or a carrier written as a function: for behaviour that is awkward in SIPp, such as a registrar, a challenge
 * in SHA-256, or a carrier that is silent until it is not. Over UDP, without retransmissions: loopback loses nothing.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Endpoint, TARGET } from './engine-under-test.ts';
import { SipSocket } from './sip-socket.ts';
import { header, parseMessage, type SipMessage } from './sip-trace.ts';

/** What a peer does with a request; what it does not answer is answered for it: BYE, CANCEL and OPTIONS with 200. */
export type PeerBehaviour = (request: SipMessage, peer: SipPeer) => void;

/** What an INVITE of ours says. */
export type PeerInvite = {
  readonly number: string;
  readonly requestUri?: string;
  readonly to?: string;
  readonly from?: string;
  readonly headers?: readonly string[];
  readonly callId?: string;
  readonly cseq?: number;
  readonly fromTag?: string;
  /** Where our RTP is; without it a port that nobody listens on. */
  readonly rtp?: Endpoint;
  /** What it wants of its stream (RFC 8866 §6.7); default: both ways. */
  readonly direction?: 'sendonly' | 'recvonly' | 'inactive';
};

/** A response's parts that differ from the ordinary. */
export type PeerReply = { readonly headers?: readonly string[]; readonly rtp?: Endpoint };

/** How long a message is waited for. */
const WITHIN_MS = 10_000;

/** One socket. */
export class SipPeer {
  /** Everything received, in order, retransmissions left out. */
  readonly messages: SipMessage[] = [];
  readonly #socket: SipSocket;
  readonly #tag = randomUUID().slice(0, 8);
  readonly #seen = new Set<string>();

  private constructor(socket: SipSocket) {
    this.#socket = socket;
  }

  static async open(at: Endpoint, behaviour: PeerBehaviour = () => undefined): Promise<SipPeer> {
    const socket = await SipSocket.open(at.address, at.port);
    const peer = new SipPeer(socket);
    socket.onDatagram((text) => peer.#take(text, behaviour));
    return peer;
  }

  get local(): Endpoint {
    return this.#socket.local;
  }

  /** The received requests of a method. */
  requests(method: string): readonly SipMessage[] {
    return this.messages.filter((one) => one.method === method);
  }

  /** The first message that fits, as soon as it is there. */
  async message(what: string, fits: (message: SipMessage) => boolean, withinMs = WITHIN_MS): Promise<SipMessage> {
    const until = Date.now() + withinMs;
    for (;;) {
      const found = this.messages.find(fits);
      if (found !== undefined) return found;
      if (Date.now() > until) {
        const had = this.messages.map(({ startLine }) => startLine).join('\n  ');
        throw new Error(`no ${what} within ${withinMs} ms; had\n  ${had}`);
      }
      await sleep(10);
    }
  }

  /** A response to a request. */
  reply(request: SipMessage, status: number, phrase: string, options: PeerReply = {}): void {
    const sdp = options.rtp === undefined ? '' : sdpOf(options.rtp);
    const to = header(request, 'To') ?? '';
    const hasTag = /;\s*tag=/i.test(to);
    this.#send(
      [
        `SIP/2.0 ${status} ${phrase}`,
        ...allOf(request, 'Via'),
        ...allOf(request, 'Record-Route'),
        `From: ${header(request, 'From')}`,
        `To: ${to}${hasTag || status === 100 ? '' : `;tag=${this.#tag}`}`,
        `Call-ID: ${header(request, 'Call-ID')}`,
        `CSeq: ${header(request, 'CSeq')}`,
        ...(status > 100 && status < 300 && request.method === 'INVITE' ? [`Contact: ${this.#contact()}`] : []),
        ...(options.headers ?? []),
        ...bodyLines(sdp),
      ].join('\r\n'),
      sourceOf(request),
    );
  }

  /** Rings and answers with our audio. */
  answer(request: SipMessage, rtp: Endpoint = deadEnd(this.local)): void {
    this.reply(request, 180, 'Ringing');
    this.reply(request, 200, 'OK', { rtp });
  }

  /** Ends a call that we answered: a BYE inside the dialog of that INVITE. */
  bye(invite: SipMessage, headers: readonly string[] = []): void {
    const target = /<([^>]+)>/.exec(header(invite, 'Contact') ?? '')?.[1] ?? '';
    this.#send(
      [
        `BYE ${target} SIP/2.0`,
        `Via: SIP/2.0/UDP ${this.local.address}:${this.local.port};branch=z9hG4bK-${randomUUID()};rport`,
        'Max-Forwards: 70',
        `From: ${header(invite, 'To')};tag=${this.#tag}`,
        `To: ${header(invite, 'From')}`,
        `Call-ID: ${header(invite, 'Call-ID')}`,
        'CSeq: 1 BYE',
        ...headers,
        ...bodyLines(''),
      ].join('\r\n'),
      sourceOf(invite),
    );
  }

  /** Places a call at Brusio; every final is ACKed. */
  invite(invite: PeerInvite): PeerCall {
    const call = new PeerCall(this, invite);
    this.#send(call.text(), TARGET);
    return call;
  }

  /** Sends a text as it is. */
  send(text: string): void {
    this.#send(text, TARGET);
  }

  contactUri(): string {
    return `sip:peer@${this.local.address}:${this.local.port}`;
  }

  async close(): Promise<void> {
    await this.#socket.close();
  }

  #contact(): string {
    return `<${this.contactUri()}>`;
  }

  #send(text: string, to: Endpoint): void {
    void this.#socket.send(to, Buffer.from(text));
  }

  #take(text: string, behaviour: PeerBehaviour): void {
    const message = parseMessage(text, Date.now(), 'received');
    const isNew = !this.#seen.has(text);
    this.#seen.add(text);
    if (message.status !== null && message.status >= 300 && (header(message, 'CSeq') ?? '').endsWith('INVITE'))
      this.#send(ackOf(message, this.local), TARGET);
    if (!isNew) return;
    this.messages.push(message);
    if (message.status !== null) return;
    behaviour(message, this);
    if (message.method === 'BYE' || message.method === 'CANCEL' || message.method === 'OPTIONS')
      this.reply(message, 200, 'OK');
  }
}

/** A call a peer placed. */
export class PeerCall {
  readonly callId: string;
  readonly #peer: SipPeer;
  readonly #invite: PeerInvite;
  readonly #branch = `z9hG4bK-${randomUUID()}`;
  readonly #tag: string;
  readonly #cseq: number;
  /** Requests sent in the dialog. */
  #asked = 0;

  constructor(peer: SipPeer, invite: PeerInvite) {
    this.#peer = peer;
    this.#invite = invite;
    this.callId = invite.callId ?? randomUUID();
    this.#tag = invite.fromTag ?? randomUUID().slice(0, 8);
    this.#cseq = invite.cseq ?? 1;
  }

  /** The INVITE. */
  text(): string {
    const { headers = [], rtp = deadEnd(this.#peer.local), direction } = this.#invite;
    return [
      `INVITE ${this.requestUri()} SIP/2.0`,
      ...this.#identity('INVITE', this.#cseq, this.#to(), this.#branch),
      ...headers,
      ...bodyLines(sdpOf(rtp) + (direction === undefined ? '' : `a=${direction}\r\n`)),
    ].join('\r\n');
  }

  /** The same INVITE again with credentials: the next CSeq. */
  again(headers: readonly string[]): PeerCall {
    return this.#peer.invite({
      ...this.#invite,
      headers,
      callId: this.callId,
      cseq: this.#cseq + 1,
      fromTag: this.#tag,
    });
  }

  /** The final response; a 2xx is ACKed. */
  async final(withinMs?: number): Promise<SipMessage> {
    const final = await this.#response('final response', (status) => status >= 200, withinMs);
    if (final.status !== null && final.status < 300) this.#inDialog('ACK', final, this.#cseq);
    return final;
  }

  provisional(status: number): Promise<SipMessage> {
    return this.#response(`${status}`, (seen) => seen === status);
  }

  cancel(headers: readonly string[] = []): void {
    this.#peer.send(
      [
        `CANCEL ${this.requestUri()} SIP/2.0`,
        ...this.#identity('CANCEL', this.#cseq, this.#to(), this.#branch),
        ...headers,
        ...bodyLines(''),
      ].join('\r\n'),
    );
  }

  /** Ends the answered call; resolves with the final response to the BYE. */
  bye(answer: SipMessage, headers: readonly string[] = []): Promise<SipMessage> {
    return this.request('BYE', answer, headers);
  }

  /** Asks something in the answered call; resolves with the final response. */
  request(method: string, answer: SipMessage, headers: readonly string[] = []): Promise<SipMessage> {
    this.#asked += 1;
    const cseq = this.#cseq + this.#asked;
    this.#inDialog(method, answer, cseq, headers);
    return this.#peer.message(
      `final response to the ${method}`,
      (one) =>
        (one.status ?? 0) >= 200 &&
        header(one, 'Call-ID') === this.callId &&
        header(one, 'CSeq') === `${cseq} ${method}`,
    );
  }

  requestUri(): string {
    return this.#invite.requestUri ?? `sip:${this.#invite.number}@${TARGET.address}:${TARGET.port}`;
  }

  #inDialog(method: string, answer: SipMessage, cseq: number, headers: readonly string[] = []): void {
    const target = /<([^>]+)>/.exec(header(answer, 'Contact') ?? '')?.[1] ?? this.requestUri();
    this.#peer.send(
      [
        `${method} ${target} SIP/2.0`,
        ...this.#identity(method, cseq, header(answer, 'To') ?? '', `z9hG4bK-${randomUUID()}`),
        ...headers,
        ...bodyLines(''),
      ].join('\r\n'),
    );
  }

  #response(what: string, fits: (status: number) => boolean, withinMs?: number): Promise<SipMessage> {
    return this.#peer.message(
      `${what} of ${this.callId}`,
      (one) =>
        one.status !== null &&
        fits(one.status) &&
        header(one, 'Call-ID') === this.callId &&
        header(one, 'CSeq') === `${this.#cseq} INVITE`,
      withinMs,
    );
  }

  #to(): string {
    return this.#invite.to ?? `<sip:${this.#invite.number}@${TARGET.address}>`;
  }

  #identity(method: string, cseq: number, to: string, branch: string): string[] {
    const { address, port } = this.#peer.local;
    return [
      `Via: SIP/2.0/UDP ${address}:${port};branch=${branch};rport`,
      'Max-Forwards: 70',
      `From: ${this.#invite.from ?? `<sip:+390212345678@${address}>`};tag=${this.#tag}`,
      `To: ${to}`,
      `Call-ID: ${this.callId}`,
      `CSeq: ${cseq} ${method}`,
      `Contact: <${this.#peer.contactUri()}>`,
    ];
  }
}

/** RFC 3261 §17.1.1.3: the ACK of a failure, from its response alone. */
function ackOf(final: SipMessage, local: Endpoint): string {
  const cseq = (header(final, 'CSeq') ?? '').replace('INVITE', 'ACK');
  const to = header(final, 'To') ?? '';
  const uri = /<?(sips?:[^>;]+)/.exec(to)?.[1] ?? `sip:${local.address}`;
  return [
    `ACK ${uri} SIP/2.0`,
    ...allOf(final, 'Via').slice(0, 1),
    'Max-Forwards: 70',
    `From: ${header(final, 'From')}`,
    `To: ${to}`,
    `Call-ID: ${header(final, 'Call-ID')}`,
    `CSeq: ${cseq}`,
    ...bodyLines(''),
  ].join('\r\n');
}

function allOf(message: SipMessage, name: string): string[] {
  return message.headers
    .filter(([one]) => one.toLowerCase() === name.toLowerCase())
    .map(([, value]) => `${name}: ${value}`);
}

/** Where the response goes: the topmost Via. */
function sourceOf(request: SipMessage): Endpoint {
  const via = /SIP\/2\.0\/\w+\s+([^;:\s]+)(?::(\d+))?/.exec(header(request, 'Via') ?? '');
  return { address: via?.[1] ?? '', port: Number(via?.[2] ?? 5060) };
}

/** An RTP address at which nobody listens, and which nothing is sent from. */
function deadEnd(local: Endpoint): Endpoint {
  return { address: local.address, port: 49_170 };
}

function sdpOf(rtp: Endpoint): string {
  return [
    'v=0',
    `o=- 1 1 IN IP4 ${rtp.address}`,
    's=-',
    `c=IN IP4 ${rtp.address}`,
    't=0 0',
    `m=audio ${rtp.port} RTP/AVP 8`,
    'a=rtpmap:8 PCMA/8000',
    '',
  ].join('\r\n');
}

function bodyLines(sdp: string): string[] {
  return [
    ...(sdp === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${Buffer.byteLength(sdp)}`,
    '',
    sdp,
  ];
}

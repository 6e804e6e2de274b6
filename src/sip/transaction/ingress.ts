import type { Counters } from '../counters.ts';
import { isAnswerable, responseTo } from '../message/build-response.ts';
import { readEssentials } from '../message/essentials.ts';
import { MESSAGE_OCTETS_MAX, type MessageLimit, overLimit, TOO_LARGE } from '../message/message-limits.ts';
import { parseMessage } from '../message/parse-message.ts';
import { headerValue, listValues, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import { MAGIC_COOKIE, stampReceived } from '../message/via.ts';
import type { TokenSource } from '../token-source.ts';
import type { Hop } from './hop.ts';
import type { TransactionLayer } from './transaction-layer.ts';

/** What happens to a request from a source that is not allowed; it is counted in any case. */
export type UnlistedSource = 'silent' | 'forbidden';

/** What the door needs to know. */
export type IngressOptions = {
  readonly layer: TransactionLayer;
  readonly counters: Counters;
  readonly newToken: TokenSource;
  readonly isAllowed: (address: string) => boolean;
  readonly unlistedSource: UnlistedSource;
  /** A bug of ours that one message met: it ends there. */
  readonly onContained: (thrown: unknown) => void;
};

/** Takes one datagram; never throws. */
export type Ingress = (octets: Buffer, source: Hop) => void;

/** Where the branch of the topmost Via of an honest response is found; further on nobody looks. */
const BRANCH_WITHIN_OCTETS = 512;

/**
 * The door between transport and transactions: sources checked before anything else, keep-alives ignored, messages read,
 * malformed ones answered 400, 414, 505 or 513 when that is possible (RFC 3261 §8.2, §16.3) and counted.
 *
 * A source that is not allowed costs one look-up of its address. It may still answer a request of ours: carriers reply
 * from addresses they never told. Such a response is known by its branch, which nobody else can know, before it is read.
 */
export function createIngress(options: IngressOptions): Ingress {
  const { layer, counters, newToken } = options;

  const answer = (request: SipRequest, status: number, sentence: string | undefined, source: Hop) => {
    if (!isAnswerable(request)) return;
    const stamped = stampReceived(request, source.address, source.port);
    const parts = { toTag: newToken(), headers: [] };
    layer.sendStateless(
      responseTo(stamped, status, sentence === undefined ? parts : { ...parts, reason: sentence }),
      source,
    );
  };

  const refuse = (
    request: SipRequest | null,
    problem: { readonly status: number; readonly sentence: string; readonly limit?: MessageLimit },
    source: Hop,
  ) => {
    const { status, sentence, limit } = problem;
    counters.malformed++;
    if (limit !== undefined) counters[limit]++;
    if (request !== null) answer(request, status, status === 400 ? `Bad Request (${sentence})` : undefined, source);
  };

  const receiveResponse = (response: SipResponse, source: Hop) => {
    const limit = overLimit(response);
    const essentials = readEssentials(response);
    // More than one Via: meant for somebody else (RFC 3261 §8.1.3.3).
    if (limit !== null) refuse(null, limit, source);
    else if (!essentials.ok || listValues(response, 'via').length !== 1) counters.malformed++;
    else layer.receiveResponse(response, essentials.value, source);
  };

  const receiveRequest = (request: SipRequest, source: Hop) => {
    const limit = overLimit(request);
    const essentials = readEssentials(request);
    if (limit !== null) refuse(request, limit, source);
    else if (!essentials.ok) refuse(request, { status: 400, sentence: essentials.problem }, source);
    else layer.receiveRequest(stampReceived(request, source.address, source.port), essentials.value, source);
  };

  /** Refuses a stranger, unless what it says answers us. */
  const receiveUnlisted = (octets: Buffer, source: Hop) => {
    if (octets.length <= MESSAGE_OCTETS_MAX && layer.isAwaited(branchOfResponse(octets))) {
      const parsed = parseMessage(octets);
      if (parsed.ok && parsed.value.kind === 'response') receiveResponse(parsed.value, source);
      else counters.malformed++;
      return;
    }
    counters.unlistedSource++;
    if (options.unlistedSource === 'silent') return;
    const parsed = parseMessage(octets);
    if (parsed.ok && parsed.value.kind === 'request') answer(parsed.value, 403, undefined, source);
  };

  const receive = (octets: Buffer, source: Hop) => {
    counters.received++;
    if (!options.isAllowed(source.address)) {
      receiveUnlisted(octets, source);
      return;
    }
    if (isKeepAlive(octets)) {
      counters.keepAlives++;
      return;
    }
    if (octets.length > MESSAGE_OCTETS_MAX) {
      counters.oversize++;
      // Of the head as much as one line may have: enough to say why.
      const head = parseMessage(octets.subarray(0, MESSAGE_OCTETS_MAX));
      const request = head.ok ? head.value : head.problem.request;
      if (request?.kind === 'request') answer(request, TOO_LARGE, undefined, source);
      return;
    }
    const parsed = parseMessage(octets);
    if (!parsed.ok) refuse(parsed.problem.request, parsed.problem, source);
    else if (parsed.value.kind === 'response') receiveResponse(parsed.value, source);
    else receiveRequest(parsed.value, source);
  };

  return (octets, source) => {
    try {
      receive(octets, source);
    } catch (thrown) {
      counters.contained++;
      options.onContained(thrown);
    }
  };
}

/** The branch of what looks like a response to a request of ours; '' for everything else. Reads a few octets. */
function branchOfResponse(octets: Buffer): string {
  if (octets[0] !== 0x53 || octets[3] !== 0x2f) return '';
  const head = octets.toString('latin1', 0, BRANCH_WITHIN_OCTETS);
  const at = head.indexOf(MAGIC_COOKIE);
  return at < 0 ? '' : (/^[^;,\s]*/.exec(head.slice(at))?.[0] ?? '');
}

/** Empty, or nothing but CR, LF and NUL in the first octets (RFC 5626 §3.5.1, and what NAT pingers send). */
function isKeepAlive(octets: Buffer): boolean {
  if (octets.length > 8) return false;
  return octets.every((octet) => octet === 0 || octet === 13 || octet === 10);
}

/** Whether a request requires that extension (RFC 3261 §20.32). */
export function requires(request: SipRequest, optionTag: string): boolean {
  if (headerValue(request, 'require') === undefined) return false;
  return listValues(request, 'require').some((tag) => tag.trim().toLowerCase() === optionTag);
}

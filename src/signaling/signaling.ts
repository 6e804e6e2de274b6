/**
 * The SIP edge: connects to a drachtio-server (or the embedded engine, which it cannot tell apart), hands INVITEs to
 * the guard, and survives the loss of the control connection.
 */
import { addMs, type Clock } from '../base/clock.ts';
import { AppError, describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { type Random, randomOctets, randomToken } from '../base/random.ts';
import { maskUris } from '../base/redact.ts';
import { uuidV7 } from '../base/uuid.ts';
import { INBOUND, type MediaNetwork, OUTBOUND } from '../call/media-network.ts';
import type { DialogRecord } from '../guard/journal.ts';
import type { CallLegs, CallSink, CarrierReports, IncomingInvite, Signaling } from '../guard/signaling-port.ts';
import { SERVED_ALGORITHMS } from '../policy/dialer-algorithms.ts';
import type { NumberPlan } from '../policy/telephone-number.ts';
import { type B2bua, type B2buaContext, createB2bua } from './b2bua.ts';
import type { HeaderNames } from './brusio-headers.ts';
import type { SendBye } from './carrier-leg.ts';
import type { CarrierProfile } from './carrier-profile.ts';
import { createCarrierUpkeep } from './carrier-upkeep.ts';
import { requestWithDigest } from './challenged-request.ts';
import { takeReplaces } from './dialer-replacement.ts';
import { createDigestClient, type DigestClient } from './digest-client.ts';
import { createDigestServer } from './digest-server.ts';
import { displayUpdates, NO_DISPLAY_UPDATES } from './display-update.ts';
import {
  DIALOG_TARGET,
  disconnectForGood,
  isDialogGone,
  type ServerResponse,
  type SipRequest,
  type Srf,
} from './drachtio-srf.ts';
import { endDialog } from './end-dialog.ts';
import { sendFinal } from './final-response.ts';
import { ACCEPT, allowed, SUPPORTED, SUPPORTED_OF_DIALERS } from './in-dialog.ts';
import { describedOffer, type InviteSender, readInvite, unreadable, unreadableNumber } from './incoming-invite.ts';
import type { LegDialog } from './leg-dialog.ts';
import { ALL_SERVED, type SdpRules } from './peer-description.ts';
import type { SrtpMode } from './sdes.ts';
import { answerInterval, type SessionIntervals } from './session-interval.ts';
import { userOf } from './sip-uri.ts';
import type { SourceList } from './source-list.ts';

/** What the edge is made with. */
export type SignalingOptions = {
  readonly srf: Srf;
  /** Where to connect; null when the application that owns `srf` has connected it. */
  readonly control: { readonly host: string; readonly port: number; readonly secret: string } | null;
  readonly connectTimeoutMs: number;
  readonly headerNames: HeaderNames;
  readonly carriers: readonly CarrierProfile[];
  readonly sourceList: SourceList;
  /** Of our challenges to dialers. */
  readonly realm: string;
  readonly numberPlan: NumberPlan;
  /** Of the addresses at which we take RTP in each network. */
  readonly mediaFamilies: Readonly<Record<MediaNetwork, SdpRules['family']>>;
  /** Who hears what is found out about carriers between calls. */
  readonly carrierReports: CarrierReports;
  readonly intervals: SessionIntervals;
  /** Whether a REFER passes to the other peer, or is declined. */
  readonly transfersPass: boolean;
  readonly userAgent: string;
  readonly clock: Clock;
  /** Chance of the waits after a glare. */
  readonly random: Random;
  readonly log: Logger;
};

type WaitingBye = {
  readonly dialog: LegDialog;
  readonly record: DialogRecord;
  readonly headers: Record<string, string>;
};

/** BYEs that wait for a lost connection to return. */
const UNSENT_BYES_MAX = 10_000;

/** Seals nonces. */
const NONCE_SECRET_OCTETS = 32;

/** Of a client nonce. */
const CNONCE_OCTETS = 8;

/** The edge, not connected yet. */
export function createSignaling(options: SignalingOptions): Signaling {
  const { srf, clock, log } = options;
  const live = new Set<B2bua>();
  const unsentByes: WaitingBye[] = [];
  /** Written to the control connection and not confirmed by it. */
  const byesInFlight = new Set<WaitingBye>();
  let connected = options.control === null;
  /** The server may have been restarted, too, and know none of our dialogs. */
  let reconnected = false;
  let stopped = false;

  const sendBye: SendBye = (dialog, record, headers) => {
    dialog.leave();
    bye({ dialog, record, headers });
  };
  const allow = allowed(options.transfersPass);

  const digests = new Map<string, DigestClient>();
  for (const { name, credentials } of options.carriers) {
    if (credentials !== null)
      digests.set(
        name,
        createDigestClient(credentials, () => randomToken(CNONCE_OCTETS)),
      );
  }
  const digestFor = (carrier: string): DigestClient | null => digests.get(carrier) ?? null;

  const digestServer = createDigestServer(options.realm, randomOctets(NONCE_SECRET_OCTETS), () => clock.now().wallMs);
  const authentications = { accepted: 0, absent: 0, stale: 0, wrong: 0 };
  const upkeep = createCarrierUpkeep({ ...options, digestFor, isConnected: () => connected });

  const { mediaFamilies } = options;

  const context: B2buaContext = {
    srf,
    clock,
    random: options.random,
    log,
    intervals: options.intervals,
    transfersPass: options.transfersPass,
    headerNames: options.headerNames,
    carriers: new Map(options.carriers.map((carrier) => [carrier.name, carrier])),
    numberPlan: options.numberPlan,
    digestFor,
    userAgent: options.userAgent,
    sendBye,
    allow,
    newCallId: () => uuidV7(clock.now().wallMs),
    newSessionId: () => String(randomOctets(6).readUIntBE(0, 6)),
  };

  return {
    async start(onInvite) {
      srf.invite((request, response) => take(request, response, onInvite));
      srf.use((request, response, next) => {
        // A BYE that crossed ours: drachtio-srf no longer knows the dialog, and would answer 404.
        if (request.method === 'BYE') response.send(200, undefined, {});
        else next();
      });
      srf.options((request, response) => {
        const origin = options.sourceList(request.source_address, request.source_port);
        const supported = origin?.type === 'dialers' ? SUPPORTED_OF_DIALERS : SUPPORTED;
        response.send(200, undefined, { headers: { Allow: allow, Accept: ACCEPT, Supported: supported } });
      });
      srf.on('error', (error) => log.warn({ problem: describeError(error) }, 'control connection error'));
      srf.on('reconnecting', onLost);
      srf.on('close', onLost);
      if (options.control !== null) await connect(options.control);
      srf.on('connect', (error?: unknown) => {
        if (!error) onReturned();
      });
      upkeep.start();
    },
    endDialog: (dialog, reason, carrier) =>
      endDialog(srf, clock, dialog, reason, carrier === null ? null : digestFor(carrier)),
    authentications: () => ({ ...authentications }),
    problem: () => (connected ? null : 'no connection to the SIP engine'),
    async stop() {
      await upkeep.stop();
      stopped = true;
      if (options.control !== null) disconnectForGood(srf);
    },
  };

  function connect(control: NonNullable<SignalingOptions['control']>): Promise<void> {
    return new Promise((resolve, reject) => {
      const where = `${control.host}:${control.port}`;
      const timer = clock.setTimer(addMs(clock.monotonicMs(), options.connectTimeoutMs), () => {
        disconnectForGood(srf);
        reject(
          new AppError(
            'signaling.cannot-connect',
            `no drachtio-server at ${where} within ${options.connectTimeoutMs} ms`,
          ),
        );
      });
      srf.once('connect', (error: unknown, hostPorts?: string) => {
        timer.cancel();
        if (error) {
          disconnectForGood(srf);
          reject(new AppError('signaling.refused', `drachtio-server at ${where}: ${describeError(error)}`));
          return;
        }
        connected = true;
        log.info({ control: where, listening: hostPorts }, 'connected to the SIP engine');
        resolve();
      });
      srf.connect(control);
    });
  }

  function take(
    request: SipRequest,
    response: ServerResponse,
    onInvite: (invite: IncomingInvite, legs: CallLegs) => CallSink | null,
  ): void {
    try {
      const problem = unreadable(request, options.headerNames);
      if (problem !== null) {
        sendFinal(response, problem.sipStatus, problem.phrase, { ...problem.headers });
        return;
      }
      const interval = answerInterval(request, options.intervals, true);
      if (interval.kind === 'too-small') {
        sendFinal(response, 422, undefined, interval.headers);
        return;
      }
      const sender = senderOf(request, response);
      if (sender === 'challenged') return;
      if (sender !== null && request.has('replaces')) {
        takeReplaces(request, response, sender.type === 'dialer' ? sender.profile.name : null, live);
        return;
      }
      const incomplete = unreadableNumber(request, sender);
      if (incomplete !== null) {
        sendFinal(response, incomplete.sipStatus, incomplete.phrase, {});
        return;
      }
      const networks = sender?.type === 'carrier' ? INBOUND : OUTBOUND;
      const dialerRules = { ...ALL_SERVED, family: mediaFamilies[networks.dialer], srtp: srtpOf(sender) };
      const described = describedOffer(request, dialerRules);
      const invite = readInvite(request, options.headerNames, clock.now(), sender, options.numberPlan, described);
      const offer = described?.ok === true ? described.value : null;
      const carrierRules = { ...ALL_SERVED, family: mediaFamilies[networks.carrier] };
      const rules = { dialer: dialerRules, carrier: carrierRules };
      const display =
        sender?.type === 'dialer' && sender.profile.agentFromDisplay
          ? displayUpdates(request, [invite.number, invite.dialledNumber, userOf(request.uri)], invite.callerId)
          : NO_DISPLAY_UPDATES;
      const b2bua = createB2bua(request, response, invite, offer, rules, display, context, () => live.delete(b2bua));
      const sink = onInvite(invite, b2bua);
      b2bua.attach(sink);
      if (sink !== null) live.add(b2bua);
    } catch (thrown) {
      log.error({ problem: maskUris(describeError(thrown)) }, 'INVITE failed: refusing it');
      sendFinal(response, 500, 'Server Internal Error', {});
    }
  }

  function srtpOf(sender: InviteSender): SrtpMode {
    if (sender?.type === 'dialer') return sender.profile.srtp;
    return (sender === null ? undefined : context.carriers.get(sender.name)?.srtp) ?? 'accept';
  }

  /** Who it is; `challenged` when that must be proven first, and the dialer was told so. */
  function senderOf(request: SipRequest, response: ServerResponse): InviteSender | 'challenged' {
    const origin = options.sourceList(request.source_address, request.source_port);
    if (origin === null || origin.type === 'carrier') return origin;
    const [first] = origin.dialers;
    // Dialers that need no user stand first, and whoever is there is the first of them.
    if (first !== undefined && first.users.length === 0) return { type: 'dialer', profile: first };
    const { method, uri, source_address: address } = request;
    const verdict = digestServer.verify(
      { method, uri, authorization: request.get('authorization'), address },
      origin.dialers.flatMap(({ users, algorithms }) => users.map((user) => ({ ...user, algorithms }))),
    );
    authentications[verdict.result]++;
    if (verdict.result === 'accepted') {
      const profile = origin.dialers.find(({ users }) => users.some((one) => one.username === verdict.username));
      if (profile !== undefined) return { type: 'dialer', profile };
    }
    const algorithms = SERVED_ALGORITHMS.filter((one) =>
      origin.dialers.some((dialer) => dialer.algorithms.includes(one)),
    );
    const challenges = digestServer.challenge(address, verdict.result === 'stale', algorithms);
    // Two headers of one name must not be joined here (RFC 3261 §7.3.1), and drachtio-srf knows one value a name.
    const value = challenges.join('\r\nWWW-Authenticate: ');
    sendFinal(response, 401, 'Unauthorized', { 'WWW-Authenticate': value });
    return 'challenged';
  }

  function bye(waiting: WaitingBye): void {
    const { dialog, record, headers } = waiting;
    if (!connected) {
      dialog.close();
      if (unsentByes.length < UNSENT_BYES_MAX) unsentByes.push(waiting);
      return;
    }
    byesInFlight.add(waiting);
    const options = { method: 'BYE', stackDialogId: record.drachtioDialogId, headers };
    requestWithDigest(srf, DIALOG_TARGET, options, dialog.digest, {
      sent(error, sent) {
        byesInFlight.delete(waiting);
        if (sent !== undefined) return;
        dialog.close();
        // A dialog that is gone: usually the peer's own BYE was quicker.
        if (isDialogGone(error) && !reconnected) return;
        if (isDialogGone(error)) byeFromRecord(record, headers.Reason ?? '', dialog.digest);
        else if (connected || stopped) log.warn({ problem: maskUris(describeError(error)) }, 'BYE not sent');
        else unsentByes.push(waiting);
      },
      response(response) {
        if (response.status >= 200) dialog.close();
      },
    });
  }

  function byeFromRecord(record: DialogRecord, reason: string, digest: DigestClient | null): void {
    endDialog(srf, clock, record, reason, digest).catch((thrown) => {
      log.warn({ problem: maskUris(describeError(thrown)) }, 'leg did not confirm its BYE');
    });
  }

  function onLost(): void {
    if (!connected || stopped) return;
    connected = false;
    log.error({ calls: live.size }, 'control connection lost: ending its calls when it returns');
    for (const { dialog } of byesInFlight) dialog.close();
    unsentByes.push(...byesInFlight);
    byesInFlight.clear();
  }

  /** The server attaches no dialog to a new connection, but still takes a BYE under its id. */
  function onReturned(): void {
    if (connected) return;
    connected = true;
    reconnected = true;
    log.info({ calls: live.size, byes: unsentByes.length }, 'control connection returned');
    for (const waiting of unsentByes.splice(0)) bye(waiting);
    for (const b2bua of [...live]) b2bua.connectionReturned();
    live.clear();
    upkeep.connectionReturned();
  }
}

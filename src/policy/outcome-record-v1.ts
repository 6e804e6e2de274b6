/**
 * The outcome as ledger entries of version 1 have it. Calls were written down like this: it is never changed. What is told
 * today is `outcome-record.ts`, which says more.
 */
import { z } from 'zod';
import { CODEC_NAMES } from '../audio/codec.ts';

const isoTime = z.iso.datetime().describe('UTC, ISO 8601 with milliseconds');
const durationMs = z.number().min(0).describe('milliseconds');

/** One call's outcome, version 1. */
export const outcomeRecordV1Schema = z.strictObject({
  callId: z.uuid().describe("Brusio's id of the call"),
  sequence: z.int().min(1).describe('position among the events of this call, from 1'),
  kind: z
    .enum(['guarded', 'inbound', 'manual', 'callback', 'transfer'])
    .describe('guarded: a predictive call; all others are relayed whole and have no class'),
  kindSource: z
    .enum(['default', 'header', 'dialer', 'caller-range', 'carrier'])
    .describe(
      'how the kind is known: nothing said otherwise, the INVITE, the trunk, the caller id, or where it came from',
    ),
  dialer: z.string().nullable().describe("the dialer's name in the settings; null for an inbound call"),
  campaign: z.string(),
  dialerReference: z.string().nullable().describe('what the dialer calls this call, as it gave it'),
  number: z.string().describe('the called number, masked'),
  callerId: z.string().describe('the number shown to the called person'),
  network: z.enum([
    'answered',
    'busy',
    'no-answer',
    'rejected',
    'invalid-number',
    'unreachable',
    'congestion',
    'network-failure',
    'cancelled',
    'blocked',
    'unknown',
  ]),
  answeredBy: z.enum(['human', 'machine', 'fax', 'not-classified']),
  answeredByMethod: z.string().nullable().describe("the dialer's word for how it knows what answered"),
  handling: z.enum(['agent', 'silent', 'machine-dropped', 'message', 'relayed', 'none']),
  class: z.enum(['A', 'B']).nullable().describe('decision 83/2014 point 1; null when not answered, or not guarded'),
  endedBy: z.enum(['guard', 'callee', 'dialer', 'network']),
  endCause: z.string().describe('why the call ended, such as deadline, callee-hung-up, guard-restarted'),
  teardown: z
    .strictObject({
      mode: z
        .enum(['enforce', 'observe'])
        .describe('enforce: both legs got a BYE; observe: only noted, the call went on (`dialers.….teardown`)'),
      dueAt: isoTime.describe('when the wait ended'),
    })
    .nullable()
    .describe('null: an agent came within the wait, or the call ended before its end'),
  agent: z
    .strictObject({
      id: z.string(),
      source: z.string().describe('how Brusio learned of it, such as sip-info, http, freeswitch'),
      name: z.string().nullable(),
      extension: z.string().nullable(),
      server: z.string().nullable().describe("the agent source's name in the settings"),
      bridgedAt: isoTime.nullable().describe("when they were bridged by the PBX's own clock"),
    })
    .nullable(),
  sip: z.strictObject({
    dialerCallId: z.string(),
    carrierCallId: z.string().nullable(),
    carrier: z
      .string()
      .nullable()
      .describe('name of the carrier that carried the call, or else of the last one tried; null when none was'),
    attempts: z
      .array(z.strictObject({ carrier: z.string(), status: z.int().min(200).max(699).nullable() }))
      .describe('every INVITE to a carrier in its order, with its final status; null: none came'),
    status: z.int().min(200).max(699).nullable().describe('final status of the INVITE'),
    reason: z.string().nullable().describe('Reason header as received or sent (RFC 3326)'),
    q850: z.int().min(1).max(127).nullable().describe('Q.850 cause in that Reason'),
  }),
  times: z.strictObject({
    invited: isoTime,
    ringing: isoTime.nullable(),
    answered: isoTime.nullable(),
    bridged: isoTime.nullable(),
    ended: isoTime,
  }),
  ringMs: durationMs.describe('first 18x to answer or end, in ms'),
  waitMs: durationMs.describe('answer to bridge or end, in ms'),
  talkMs: durationMs.describe('bridge to end, in ms'),
  comfortNoise: z
    .strictObject({
      startedAfterMs: z.number().min(0).describe('2xx received to first ambience packet sent, in ms'),
      packets: z.int().min(0),
      codec: z.enum(CODEC_NAMES).describe('SDP encoding name'),
      clip: z.string(),
      clipSha256: z.string().describe('of the file, whatever its level was set to'),
      levelDbm0: z.number().describe('level it was played at, dBm0'),
      calleeReport: z
        .strictObject({
          lost: z.int().describe('packets of ours in all; negative when more came twice than were lost'),
          jitterMs: durationMs,
          roundTripMs: durationMs.nullable().describe('null when the callee had had no sender report'),
        })
        .nullable()
        .describe("the callee's side's last RTCP report on the call's stream (RFC 3550 §6.4); null: none came"),
    })
    .nullable(),
  media: z
    .strictObject({
      packetsToCallee: z.int().min(0),
      packetsFromCallee: z.int().min(0),
      packetsToDialer: z.int().min(0),
      packetsFromDialer: z.int().min(0),
      packetsRejected: z.int().min(0).describe('from a source that is not the peer, or not RTP'),
      firstFromCallee: isoTime.nullable().describe('first RTP packet of the callee: its path was open'),
      firstFromDialer: isoTime.nullable(),
    })
    .nullable()
    .describe('null when no media was opened, or what it did was lost in a crash'),
  // biome-ignore lint/suspicious/noThenProperty: the field's name in the public contract (DESIGN §5); a string, never called.
  recallLock: z.strictObject({ until: isoTime, then: z.literal('guaranteed-agent') }).nullable(),
  policy: z.string().describe('name and version of the rules that gave the class'),
  ledger: z.strictObject({ chain: z.string(), seq: z.int(), hash: z.string() }).nullable(),
});

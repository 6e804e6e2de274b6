/**
 * The outcome as the world receives it: the `data` of the `call.outcome` webhook, the body of `GET /v1/calls/{id}`, the
 * row in the store. The schema is the contract; the type is read from it. Version 2: what version 1 says, and more evidence.
 * Whatever is not known, of a call that a crash cut short above all, is null and never made up.
 */
import { z } from 'zod';
import { outcomeRecordV1Schema } from './outcome-record-v1.ts';

const isoTime = z.iso.datetime().describe('UTC, ISO 8601 with milliseconds');
const sinceInvite = z.number().min(0);
const sinceAnswer = z.number().min(0).describe('ms after the answer');
const word32 = z.int().min(0);

const { comfortNoise, media, sip } = outcomeRecordV1Schema.shape;

/** Messages of SIP that are kept of one call: the first, and the last. */
export const EXCHANGE_FIRST_MAX = 24;
/** See {@link EXCHANGE_FIRST_MAX}. */
export const EXCHANGE_LAST_MAX = 16;

/**
 * One message: ms since the INVITE, the leg (`carrier/2`: the second INVITE to a carrier), `<` received or `>` sent, its method
 * or status, and the cause of its `Reason`.
 */
const exchanged = z
  .string()
  .regex(/^\d+(?:\.\d)? (?:dialer|carrier\/\d+) [<>] (?:[A-Z]+|[1-6]\d\d)(?: (?:Q\.850|[A-Z]+);cause=\d+)?$/);

/** One call's outcome (DESIGN §5). */
export const outcomeRecordSchema = outcomeRecordV1Schema.extend({
  recallLock: z
    .strictObject({
      until: isoTime,
      // biome-ignore lint/suspicious/noThenProperty: the field's name in the public contract (DESIGN §5); a string, never called.
      then: z
        .enum(['guaranteed-agent', 'free'])
        .describe('guaranteed-agent: nobody calls until then, after it with an agent; free: until then with an agent'),
    })
    .nullable(),
  sip: sip.extend({
    exchange: z
      .strictObject({
        messages: z
          .array(exchanged)
          .describe(
            `requests and responses of both legs as "8200.1 carrier/1 < 200": the first ${EXCHANGE_FIRST_MAX} and the last ${EXCHANGE_LAST_MAX}`,
          ),
        leftOut: z.int().min(0).describe('how many there were between these two parts'),
      })
      .nullable()
      .describe('null: lost in a crash'),
  }),
  sinceInviteMs: z
    .strictObject({
      ringing: sinceInvite.nullable(),
      answered: sinceInvite.nullable(),
      ambience: sinceInvite.nullable().describe('first packet of ambience'),
      bridged: sinceInvite.nullable(),
      agentMedia: sinceInvite.nullable().describe("first packet of the dialer's side that went to the callee"),
      ended: sinceInvite,
    })
    .nullable()
    .describe(
      'ms from the INVITE to each step by a clock that never steps; null: the process was restarted in between',
    ),
  comfortNoise: comfortNoise
    .unwrap()
    .extend({
      startedAt: isoTime.nullable().describe('when the first packet was handed to the kernel'),
      stream: z
        .strictObject({
          ssrc: word32.describe('of the first packet'),
          firstSequence: z.int().min(0),
          lastSequence: z.int().min(0).describe('of the last packet, also where ambience came back later in the call'),
          firstTimestamp: word32,
          lastTimestamp: word32,
        })
        .nullable()
        .describe('RTP headers of the ambience as they were sent (RFC 3550 §5.1)'),
    })
    .nullable(),
  greeting: z
    .strictObject({
      startedMs: sinceAnswer,
      endedMs: sinceAnswer.nullable().describe('null: it was not over when nobody waited for that any more'),
    })
    .nullable()
    .describe('what the callee said first, found by its energy; null: nothing was heard, or the rules ask for none'),
  waitFrom: z
    .enum(['answer', 'speech-start', 'speech-end'])
    .nullable()
    .describe('what the wait counted from; null: not answered, or not guarded'),
  waitFallback: z
    .enum(['no-speech', 'no-decoder', 'no-audio', 'greeting-unending', 'unknown'])
    .nullable()
    .describe('why it did not count from the moment that the rules name; unknown: lost in a crash. Null: it did'),
  announcement: z
    .strictObject({
      name: z.string(),
      text: z.string().describe('what it says, as the settings have it'),
      sha256: z.string().describe('of the recording: the WAV file that the settings name, or the master of the clip'),
      startedMs: sinceAnswer.describe('answer to its first packet, ms'),
      playedMs: z.number().min(0).nullable().describe('how much of it was played, ms; null: lost in a crash'),
      complete: z.boolean().describe('it was played to its end'),
      optOut: z
        .strictObject({ digit: z.string(), atMs: sinceAnswer })
        .nullable()
        .describe('the callee pressed the key that says never again: the number is not to be called any more'),
    })
    .nullable()
    .describe('the message that told the callee who called, since nobody came; null: none was begun'),
  media: media
    .unwrap()
    .extend({
      firstToCallee: isoTime.nullable().describe("first RTP packet of the dialer's side that went to the callee"),
    })
    .nullable()
    .describe('null when no media was opened, or what it did was lost in a crash'),
  clock: z
    .strictObject({
      synchronised: z.boolean().nullable().describe('null: nothing on the machine tells'),
      source: z.string().nullable().describe('what told it, such as chronyc, timedatectl, ntpq'),
      offsetMs: z
        .number()
        .nullable()
        .describe("the system clock's distance from its reference, where that is told; ms"),
      checkedAt: isoTime,
    })
    .nullable()
    .describe(
      "state of the machine's clock when it was last looked at; null: not yet, or the process was restarted in between",
    ),
});

/** One call's outcome (DESIGN §5). */
export type OutcomeRecord = z.infer<typeof outcomeRecordSchema>;

/** What was said on a call's two legs. */
export type SipExchange = NonNullable<OutcomeRecord['sip']['exchange']>;

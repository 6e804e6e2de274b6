/** The settings of the PBXs that are watched for agents. */
import { z } from 'zod';
import { name } from './setting-values.ts';

/** A host and a port. */
export type HostPort = { readonly host: string; readonly port: number };

/** Reads `pbx.example:8021`, `127.0.0.1:8021` or `[::1]:8021`; null for anything else. */
export function readHostPort(text: string): HostPort | null {
  const match =
    /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<host>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)):(?<port>\d{1,5})$/.exec(text);
  const host = match?.groups?.v6 ?? match?.groups?.host;
  const port = Number(match?.groups?.port);
  return host === undefined || port === 0 || port > 65_535 ? null : { host, port };
}

const hostPort = z
  .string()
  .refine((text) => readHostPort(text) !== null, { error: 'expected host:port, such as 127.0.0.1:8021' });

const channelVariable = z.string().regex(/^[\w.-]{1,64}$/, { error: 'expected the name of a channel variable' });

/** What a channel variable says of who answered, where the PBX finds out (answering-machine detection). */
const dispositionVariable = z
  .strictObject({
    variable: channelVariable.describe('the channel variable'),
    human: z.array(z.string().min(1).max(64)).default([]).describe('its values that mean a person'),
    machine: z.array(z.string().min(1).max(64)).default([]).describe('its values that mean an answering machine'),
    fax: z.array(z.string().min(1).max(64)).default([]).describe('its values that mean a fax machine'),
  })
  .nullable()
  .default(null)
  .describe('a channel variable that says who answered; null: none');

const common = {
  name: name
    .refine((text) => text !== 'http', { error: 'http is what counts over HTTP are kept under: choose another name' })
    .describe('shown in outcomes, metrics and the log'),
  dialers: z.array(name).default([]).describe('the dialers whose calls it places; none: all'),
  queues: z
    .record(z.string().regex(/^\S{1,128}$/, { error: 'expected a queue name without spaces' }), name)
    .default({})
    .describe('its queues with the campaigns their free agents are counted for'),
  disposition: dispositionVariable,
};

const freeswitch = z.strictObject({
  type: z.literal('freeswitch'),
  ...common,
  address: hostPort.describe('host:port of its event socket (mod_event_socket)'),
  user: z
    .string()
    .regex(/^[^\s:@]{1,128}@[^\s:@]{1,128}$/, { error: 'expected user@domain' })
    .nullable()
    .default(null)
    .describe(
      "user@domain of the server's directory with an esl-password of its own; null: the event socket's password",
    ),
  password: z
    .string()
    .regex(/^[^\p{Cc}]{1,256}$/u, { error: 'expected 1–256 characters and no control characters' })
    .describe('of its event socket, or of that user; sent in clear'),
});

// ARI tells nothing of queues.
const { queues: _, ...commonOfAri } = common;

const asteriskAri = z.strictObject({
  type: z.literal('asterisk-ari'),
  ...commonOfAri,
  url: z.url({ protocol: /^https?$/ }).describe('of its HTTP server, such as http://127.0.0.1:8088'),
  username: z.string().min(1).max(128).describe('of ari.conf'),
  password: z.string().min(1).max(256).describe('of ari.conf'),
  application: z
    .string()
    .regex(/^[\w-]{1,64}$/, { error: 'expected 1–64 letters, digits, "_" or "-"' })
    .default('brusio')
    .describe('name of the Stasis application that Brusio subscribes as; no channel need enter it'),
});

const asteriskAmi = z.strictObject({
  type: z.literal('asterisk-ami'),
  ...common,
  address: hostPort.describe('host:port of its manager interface'),
  username: z.string().min(1).max(128).describe('of manager.conf'),
  password: z.string().min(1).max(256).describe('its secret; never sent, the login answers a challenge'),
  callIdVariable: channelVariable
    .nullable()
    .default('BRUSIO_CALL_ID')
    .describe(
      "channel variable with the Call-ID of the INVITE, from a pre-dial handler; in manager.conf's channelvars",
    ),
  referenceVariable: channelVariable
    .nullable()
    .default(null)
    .describe("channel variable with the reference that the INVITE carries in a header; in manager.conf's channelvars"),
  uniqueidIsReference: z
    .boolean()
    .default(false)
    .describe('the ChannelId that the dialer gives at Originate is the reference that the INVITE carries'),
  vicidial: z
    .boolean()
    .default(false)
    .describe("VICIdial's call codes name the calls, its conferences hold the agents"),
});

const sourceSchema = z.discriminatedUnion('type', [freeswitch, asteriskAri, asteriskAmi]);

/** One watched PBX as the settings name it. */
export type AgentSourceSettings = z.output<typeof sourceSchema>;

/** `agents`. */
export const agentsSection = z
  .strictObject({
    sources: z
      .array(sourceSchema)
      .max(64)
      .refine((all) => new Set(all.map((one) => one.name)).size === all.length, { error: 'source names must differ' })
      .default([])
      .describe('PBXs that are watched for agents'),
    whenDown: z
      .enum(['count', 'refuse'])
      .default('count')
      .describe(
        'while no source of a dialer is up: its calls are placed, and end silent where no agent is told otherwise; or those that name no agent are refused with 480',
      ),
    freeAgentsMaxAgeMs: z
      .int()
      .min(1_000)
      .max(3_600_000)
      .default(60_000)
      .describe('how long a count of free agents that came over HTTP holds, ms'),
  })
  .prefault({});

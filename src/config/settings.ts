/**
 * Every setting: name with unit, meaning, default and range, in one schema. `brusio.example.yaml` and docs/settings.md's
 * table are checked against it.
 */
import { isIP } from 'node:net';
import { z } from 'zod';
import { assert } from '../base/assert.ts';
import { agentsSection } from './agent-settings.ts';
import { ambienceSection } from './ambience-settings.ts';
import { campaignsSection } from './campaign-settings.ts';
import { carriersSection, numbersSection } from './carrier-settings.ts';
import { databaseSection } from './database-settings.ts';
import { dialersSection, exemptSection, inboundSection } from './dialer-settings.ts';
import { mediaSection } from './media-settings.ts';
import { policySection } from './policy-settings.ts';
import { privacySection, retentionSection } from './privacy-settings.ts';
import { reportsSection } from './report-settings.ts';
import { rtpSection } from './rtp-settings.ts';
import { ruleProblems } from './rule-problems.ts';
import { headerName, ipLiteral, name } from './setting-values.ts';
import {
  HOST_PLACE_SYNTAX,
  isHostPlace,
  LISTEN_SYNTAX,
  listenProblems,
  readListener,
  sipListeners,
} from './sip-listeners.ts';

/** `address:port`, IPv6 in brackets. */
const socketAddress = z
  .string()
  .refine((text) => readSocketAddress(text) !== null, { error: 'expected address:port, such as 127.0.0.1:5060' })
  .describe('address:port; IPv6 as [::1]:5060');

/** An IP literal and a port (0–65535; 0 lets the system choose). */
export type SocketAddress = { readonly address: string; readonly port: number };

/** Reads `127.0.0.1:5060` or `[::1]:5060`; null for anything else. */
export function readSocketAddress(text: string): SocketAddress | null {
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[^:]+)):(?<port>\d{1,5})$/.exec(text);
  const address = match?.groups?.v6 ?? match?.groups?.v4;
  const port = Number(match?.groups?.port);
  return address === undefined || isIP(address) === 0 || port > 65_535 ? null : { address, port };
}

/** The same of one that the schema has let through. */
export function socketAddressOf(text: string): SocketAddress {
  const address = readSocketAddress(text);
  assert(address !== null, `the settings let "${text}" through as an address`);
  return address;
}

const listenText = z.string().refine((text) => readListener(text) !== null, { error: LISTEN_SYNTAX });

const listenEntry = z.union(
  [listenText, z.strictObject({ address: listenText, externalAddress: ipLiteral.nullable().default(null) })],
  { error: LISTEN_SYNTAX },
);

const hostName = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, { error: 'expected a host name' });

const hostPlace = z.string().refine(isHostPlace, { error: HOST_PLACE_SYNTAX });

const filePath = z.string().min(1).nullable().default(null);

const sipSection = z
  .strictObject({
    listen: z
      .union([listenText, z.array(listenEntry).min(1)], { error: `${LISTEN_SYNTAX}, or a list of them` })
      .default('127.0.0.1:5060')
      .describe(
        'where the embedded engine takes SIP: address:port (UDP and TCP), udp/…, tcp/… or tls/address:port, or a list; ' +
          'an entry may be { address, externalAddress }',
      ),
    externalAddress: ipLiteral
      .nullable()
      .default(null)
      .describe('address written into Via and Contact; null: that of listen'),
    udpRequestOctetsMax: z
      .int()
      .min(500)
      .max(65_535)
      .default(1_300)
      .describe('larger requests go over TCP where the target has it (RFC 3261 §18.1.1), octets'),
    connectionsMax: z
      .int()
      .min(1)
      .max(50_000)
      .default(1_000)
      .describe('TCP and TLS connections; at it the one idle longest makes room, or the next is refused'),
    connectionIdleMs: z
      .int()
      .min(32_000)
      .max(86_400_000)
      .default(3_600_000)
      .describe('a connection over which nothing went for so long is closed, ms'),
    connectTimeoutMs: z
      .int()
      .min(100)
      .max(32_000)
      .default(4_000)
      .describe('how long opening a connection may take, TLS handshake included, ms'),
    hosts: z
      .record(hostName, z.union([hostPlace, z.array(hostPlace).min(1)], { error: HOST_PLACE_SYNTAX }))
      .default({})
      .describe('names with their addresses, looked at before DNS; a list is tried in its order'),
    nameServers: z
      .array(
        z.string().refine((text) => isIP(text) !== 0 || (readSocketAddress(text)?.port ?? 0) > 0, {
          error: 'expected an address or address:port',
        }),
      )
      .default([])
      .describe('DNS servers for NAPTR, SRV, A and AAAA (RFC 3263); none: those of the system'),
    tls: z
      .strictObject({
        certificate: filePath.describe('PEM file: our certificate and those up to the root; for tls/ listeners'),
        key: filePath.describe('PEM file: its private key'),
        ca: filePath.describe("PEM file: roots of peers' certificates; null: those Node comes with"),
        peerCertificate: z
          .enum(['none', 'request', 'require'])
          .default('none')
          .describe('whether peers that connect must show a certificate (mutual TLS)'),
        verifyServer: z
          .boolean()
          .default(true)
          .describe('a server we connect to must have a trusted certificate for the name called (RFC 5922)'),
      })
      .prefault({}),
  })
  .check(({ value, issues }) => {
    const { tls, listen, externalAddress } = value;
    for (const message of listenProblems(listen))
      issues.push({ code: 'custom', input: listen, path: ['listen'], message });
    const needed = sipListeners(listen, externalAddress).some(({ protocols }) => protocols.includes('tls'));
    for (const file of ['certificate', 'key'] as const) {
      const other = tls[file === 'key' ? 'certificate' : 'key'];
      if (tls[file] !== null || (!needed && other === null)) continue;
      issues.push({
        code: 'custom',
        input: tls[file],
        path: ['tls', file],
        message: needed ? 'a tls/ listener needs it' : 'certificate and key go together',
      });
    }
  })
  .prefault({});

const controlSection = z
  .strictObject({
    drachtio: socketAddress
      .nullable()
      .default(null)
      .describe('control port of a real drachtio-server; null: the embedded engine'),
    secret: z.string().min(1).default('cymru').describe("the drachtio-server's shared secret"),
    connectTimeoutMs: z
      .int()
      .min(100)
      .max(60_000)
      .default(5_000)
      .describe('how long to wait for the first connection, ms'),
  })
  .prefault({});

const waitSection = z
  .strictObject({
    limitMs: z
      .int()
      .min(500)
      .max(3_000)
      .default(3_000)
      .describe('answer to teardown without an agent, ms; decision 83/2014 point 1 allows at most 3000'),
    greetingLimitMs: z
      .int()
      .min(1_000)
      .max(15_000)
      .default(6_000)
      .describe(
        'where the wait counts from the end of the greeting: one that goes on for longer, a machine as a rule, counts as over, ms',
      ),
  })
  .prefault({});

const headersSection = z
  .strictObject({
    campaign: headerName.default('X-Brusio-Campaign').describe("names the call's campaign"),
    agent: headerName.default('X-Brusio-Agent').describe('<id>;state=connected or <id>;state=reserved'),
    disposition: headerName.default('X-Brusio-Disposition').describe('machine, fax or human, with ;method=…'),
    reference: headerName
      .default('X-Brusio-Reference')
      .describe("the dialer's own id of the call, echoed in the outcome"),
    callType: headerName.default('X-Brusio-Call-Type').describe('guarded, manual, callback or transfer'),
    consent: headerName
      .default('X-Brusio-Consent')
      .describe(
        'consent;ref=… or contract;ref=…: why the number may be called without being cleared; with ;since=… also after an opt-out before',
      ),
  })
  .prefault({});

const httpSection = z
  .strictObject({
    listen: socketAddress.default('127.0.0.1:8080').describe('address and port of the HTTP API'),
    apiKeys: z
      .array(z.string().min(16, { error: 'an API key has at least 16 characters' }))
      .default([])
      .describe('accepted API keys; none: one is made in the data folder at first start'),
  })
  .prefault({});

const webhookSchema = z.strictObject({
  name: name.default('default').describe('endpoint name in logs and in the outbox'),
  url: z.url({ protocol: /^https?$/ }).describe('where outcomes are POSTed'),
  secrets: z
    .array(
      z
        .string()
        .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, { error: 'expected whsec_ and at least 24 octets in base64' }),
    )
    .min(1)
    .describe('signing secrets, newest first; two while rotating'),
});

const sessionTimersSection = z
  .strictObject({
    expiresS: z
      .int()
      .min(90)
      .max(86_400)
      .nullable()
      .default(1_800)
      .describe('Session-Expires asked of both legs, s (RFC 4028); null: no session timers'),
    minS: z.int().min(90).max(86_400).default(90).describe('least Session-Expires accepted, s; below it 422'),
    checkS: z
      .int()
      .min(2)
      .max(86_400)
      .nullable()
      .default(900)
      .describe('how often a peer without session timers is asked whether it is still there, s; null: never'),
  })
  .refine((timers) => timers.expiresS === null || timers.expiresS >= timers.minS, {
    error: 'expiresS must be at least minS',
    path: ['expiresS'],
  })
  .prefault({});

const limitsSection = z
  .strictObject({
    callsMax: z.int().min(1).max(20_000).default(2_000).describe('live calls; one more is refused with 503'),
    drainMs: z.int().min(0).max(3_600_000).default(30_000).describe('how long live calls may go on after SIGTERM, ms'),
  })
  .prefault({});

const homerSection = z
  .strictObject({
    address: socketAddress.describe('address:port of the Homer server (HEP3 over UDP)'),
    captureId: z
      .int()
      .min(1)
      .max(4_294_967_295)
      .default(2001)
      .describe('capture agent id that names this Brusio there'),
    password: z.string().min(1).max(256).nullable().default(null).describe('its authentication key; sent in clear'),
  })
  .nullable()
  .default(null)
  .describe(
    'copies of all SIP for a Homer server (embedded engine only; drachtio-server has an option of its own); null: none',
  );

/** The whole settings file. Every section and every field is optional except what a carrier or a webhook needs. */
export const settingsSchema = z
  .strictObject({
    sip: sipSection,
    control: controlSection,
    carriers: carriersSection,
    dialers: dialersSection,
    exempt: exemptSection,
    inbound: inboundSection,
    agents: agentsSection,
    rtp: rtpSection,
    media: mediaSection,
    wait: waitSection,
    ambience: ambienceSection,
    numbers: numbersSection,
    headers: headersSection,
    policy: policySection,
    campaigns: campaignsSection,
    http: httpSection,
    webhooks: z
      .array(webhookSchema)
      .refine((all) => new Set(all.map((one) => one.name)).size === all.length, { error: 'endpoint names must differ' })
      .default([]),
    homer: homerSection,
    sessionTimers: sessionTimersSection,
    transfer: z
      .enum(['refuse', 'pass'])
      .default('refuse')
      .describe('REFER in a call: declined with 603, or passed to the other peer, which may then call whom it names'),
    limits: limitsSection,
    data: z
      .strictObject({ dir: z.string().min(1).default('./data').describe('folder of the database and keys') })
      .prefault({}),
    privacy: privacySection,
    retention: retentionSection,
    reports: reportsSection,
    database: databaseSection,
    log: z
      .strictObject({
        level: z
          .enum(['debug', 'info', 'warn', 'error', 'silent'])
          .default('info')
          .describe('least severity that is logged'),
      })
      .prefault({}),
  })
  .check(({ value, issues }) => {
    const known = ['default', ...value.dialers.named.map((one) => one.name)];
    const named = [
      ...value.campaigns.rules.map(({ dialer }, index) => ({ dialer, path: ['campaigns', 'rules', index, 'dialer'] })),
      ...value.agents.sources.flatMap(({ dialers }, index) =>
        dialers.map((dialer, place) => ({ dialer, path: ['agents', 'sources', index, 'dialers', place] })),
      ),
    ];
    for (const { path, message } of ruleProblems(value))
      issues.push({ code: 'custom', input: value.policy, path: path.split('.'), message });
    for (const { dialer, path } of named) {
      if (dialer === null || known.includes(dialer)) continue;
      issues.push({ code: 'custom', input: dialer, path, message: `no dialer has this name: ${known.join(', ')}` });
    }
  });

/** Settings as the program uses them: complete, checked. */
export type Settings = z.output<typeof settingsSchema>;

/** Settings as a person writes them: everything optional. */
export type SettingsInput = z.input<typeof settingsSchema>;

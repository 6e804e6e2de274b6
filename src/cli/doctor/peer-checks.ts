/**
 * Whether carriers, PBXs and rtpengines answer: a Brusio of the same settings is started beside the running one, on ports
 * that nobody knows, asks them all, and tells by its own health what it found. It takes no calls and registers nowhere.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { createGuard } from '../../app.ts';
import { describeError } from '../../base/errors.ts';
import type { AgentSourceSettings } from '../../config/agent-settings.ts';
import { readSocketAddress, type Settings } from '../../config/settings.ts';
import { sipListeners } from '../../config/sip-listeners.ts';
import { type Finding, good, problem, warning } from './finding.ts';
import { quietLog } from './quiet-log.ts';

/** What of `GET /healthz` is looked at. */
const healthSchema = z.object({
  carriers: z.array(z.object({ name: z.string(), reachable: z.boolean() })).default([]),
  agentSources: z
    .array(z.object({ name: z.string(), kind: z.string(), up: z.boolean(), problem: z.string().nullable() }))
    .default([]),
});

type Health = z.infer<typeof healthSchema>;

/** How long an answer of a Brusio's own API may take. */
const HEALTH_MS_MAX = 2_000;

/** Beyond what carriers and PBXs are given to answer: starting, and a connection's second attempt. */
const SLACK_MS = 1_500;

/** Longest that a PBX may take to let us in (its source gives up then, and begins anew). */
const PBX_MS_MAX = 5_000;

/** The health of the Brusio that runs with these settings; null when none does. */
export async function runningHealth({ http }: Settings): Promise<object | null> {
  const place = readSocketAddress(http.listen);
  if (place === null || place.port === 0) return null;
  const host = place.address.includes(':') ? `[${place.address}]` : place.address;
  return fetchHealth(`http://${host}:${place.port}`).catch(() => null);
}

async function fetchHealth(base: string): Promise<Health> {
  const response = await fetch(`${base}/healthz`, { signal: AbortSignal.timeout(HEALTH_MS_MAX) });
  return healthSchema.parse(await response.json());
}

/** One finding for each carrier and PBX, and for the drachtio-server. */
export async function peerFindings(settings: Settings): Promise<readonly Finding[]> {
  const dir = await mkdtemp(join(tmpdir(), 'brusio-doctor-'));
  const { log, last } = quietLog();
  const guard = createGuard({ settings: aside(settings, dir), log });
  try {
    await guard.start();
    const { address, port } = guard.addresses().http;
    const waitMs = Math.max(0, ...settings.carriers.map((one) => one.optionsTimeoutMs)) + SLACK_MS;
    const untilMs = settings.agents.sources.length === 0 ? waitMs : Math.max(waitMs, PBX_MS_MAX + SLACK_MS);
    let health = await fetchHealth(`http://${address}:${port}`);
    for (let waited = 0; waited < untilMs; waited += 250) {
      // A carrier counts as reachable until it is not: only time tells.
      if (waited >= waitMs && health.agentSources.every(({ up }) => up)) break;
      await sleep(250);
      health = await fetchHealth(`http://${address}:${port}`);
    }
    return [
      ...(await drachtioFindings(settings)),
      ...(settings.carriers.length === 0 ? [NO_CARRIER] : []),
      ...health.carriers.map((one) => carrierFinding(settings, one)),
      ...(settings.agents.sources.length === 0 ? [NO_SOURCE] : []),
      ...health.agentSources.map(sourceFinding),
      ...rtpengineFindings(await fetchText(`http://${address}:${port}/metrics`)),
    ];
  } catch (thrown) {
    return [problem('start', describeError(thrown), last() ?? 'mend what the other lines say, and look again')];
  } finally {
    await guard.stop(0).catch(() => undefined);
    await rm(dir, { recursive: true, force: true });
  }
}

const NO_CARRIER = problem('carriers', 'none is named', 'name the trunk that calls go to, in carriers');

const NO_SOURCE = warning(
  'agent sources',
  'none: Brusio learns of agents by SIP and HTTP alone, if the dialer tells it',
  'see "How Brusio learns of the agent" in the README; a stock dialer needs a source in agents.sources',
);

function carrierFinding({ carriers }: Settings, { name, reachable }: Health['carriers'][number]): Finding {
  const { uri = '', optionsIntervalMs = null } = carriers.find((one) => one.name === name) ?? {};
  if (reachable) return good(`carrier ${name}`, `${uri} answers OPTIONS`);
  const found = `${uri} does not answer OPTIONS`;
  const remedy = 'check address, port and transport, the firewall, and that the carrier knows this address';
  // Many carriers never do; only one that is asked regularly has its calls kept away from it.
  return optionsIntervalMs === null
    ? warning(`carrier ${name}`, found, `${remedy}; some never answer OPTIONS and take calls all the same`)
    : problem(`carrier ${name}`, found, `${remedy}; where it never answers OPTIONS, leave out its optionsIntervalMs`);
}

function sourceFinding({ name, kind, up, problem: why }: Health['agentSources'][number]): Finding {
  if (up) return good(`agent source ${name}`, `${kind}: connected and logged in`);
  return problem(
    `agent source ${name}`,
    `${kind}: ${why ?? 'not connected'}`,
    `check its address, user and password in agents.sources, and there ${LET_IN[kind] ?? 'what it lets in'}`,
  );
}

/** What of a PBX's own configuration lets Brusio in, by kind. */
const LET_IN: Readonly<Record<string, string>> = {
  'asterisk-ami': 'the user and its permit in manager.conf (permit: the address that this machine connects from)',
  vicidial: 'the user and its permit in manager.conf (permit: the address that this machine connects from)',
  'asterisk-ari': 'enabled in http.conf and ari.conf, and the user in ari.conf',
  freeswitch: 'listen-ip, password and apply-inbound-acl in event_socket.conf.xml',
};

/** The metrics tell of each rtpengine whether it answers. */
function rtpengineFindings(metrics: string): readonly Finding[] {
  return [...metrics.matchAll(/^brusio_rtpengine_up\{instance="([^"]*)"\} ([01])$/gm)].map(([, name = '', up]) =>
    up === '1'
      ? good(`rtpengine ${name}`, 'answers')
      : problem(`rtpengine ${name}`, 'does not answer', 'start it, or check media.rtpengine and its listen-ng'),
  );
}

async function fetchText(url: string): Promise<string> {
  return (await fetch(url, { signal: AbortSignal.timeout(HEALTH_MS_MAX) })).text();
}

/** A second application at a drachtio-server would be given calls: it is only knocked at. */
async function drachtioFindings({ control }: Settings): Promise<readonly Finding[]> {
  const place = control.drachtio === null ? null : readSocketAddress(control.drachtio);
  if (place === null) return [];
  const what = `drachtio ${control.drachtio}`;
  const why = await new Promise<string | null>((done) => {
    const socket = connect({ host: place.address, port: place.port, timeout: control.connectTimeoutMs });
    const end = (told: string | null) => {
      socket.destroy();
      done(told);
    };
    socket.once('connect', () => end(null));
    socket.once('timeout', () => end('no answer'));
    socket.once('error', (error) => end(describeError(error)));
  });
  return [
    why === null
      ? good(what, 'takes connections')
      : problem(what, why, 'start drachtio-server, or check control.drachtio'),
  ];
}

/** The same settings, where they are in nobody's way. */
function aside(settings: Settings, dataDir: string): Settings {
  // The same protocols and families: a carrier that is reached over TLS or IPv6 needs a listener of that kind.
  const listen = sipListeners(settings.sip.listen, null).map(({ address, protocols }) => {
    const place = `${address.includes(':') ? `[${address}]` : address}:0`;
    return protocols.length === 1 ? `${protocols[0]}/${place}` : place;
  });
  return {
    ...settings,
    sip: { ...settings.sip, listen: [...new Set(listen)] },
    control: { ...settings.control, drachtio: null },
    carriers: settings.carriers.map((carrier) => ({
      ...carrier,
      optionsIntervalMs: 60_000,
      optionsFailMax: 1,
      registrar: null,
    })),
    agents: { ...settings.agents, sources: settings.agents.sources.map(besideTheRunning) },
    http: { listen: '127.0.0.1:0', apiKeys: [] },
    webhooks: [],
    homer: null,
    data: { dir: dataDir },
    database: { ...settings.database, url: null },
  };
}

/** Of two ARI applications with one name Asterisk gives the later one the events: it must not be the running Brusio's. */
function besideTheRunning(source: AgentSourceSettings): AgentSourceSettings {
  if (source.type !== 'asterisk-ari') return source;
  return { ...source, application: `${source.application.slice(0, 57)}-doctor` };
}

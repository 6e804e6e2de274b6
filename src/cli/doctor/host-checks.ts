/** What of this machine decides whether calls can be guarded: clock, ports, room. Nothing is changed by looking. */
import { createSocket } from 'node:dgram';
import { access, constants, readFile, stat, statfs } from 'node:fs/promises';
import { createServer, isIPv6 } from 'node:net';
import { dirname, resolve } from 'node:path';
import { lookAtClock } from '../../app-clock.ts';
import { describeError } from '../../base/errors.ts';
import { callsOfPorts, mediaAddresses } from '../../config/rtp-settings.ts';
import { readSocketAddress, type Settings } from '../../config/settings.ts';
import { sipListeners } from '../../config/sip-listeners.ts';
import { type Finding, good, problem, warning } from './finding.ts';

/**
 * Whether the clock is set by others: outcomes, reports and PBX events are compared with it.
 *
 * @param ask runs a program and gives its output; rejects when there is none
 */
export async function clockFinding(ask?: Parameters<typeof lookAtClock>[0]): Promise<Finding> {
  const remedy =
    'run chrony or systemd-timesyncd: outcomes and reports carry this clock, and delays of agents are measured by it';
  const { synchronised, source, offsetMs } = await lookAtClock(ask);
  if (synchronised === null)
    return warning('clock', 'nothing here tells whether it is synchronised (no timedatectl, chronyc or ntpq)', remedy);
  const off = offsetMs === null ? '' : `, ${offsetMs} ms off`;
  return synchronised
    ? good('clock', `synchronised (${source}${off})`)
    : problem('clock', `not synchronised (${source})`, remedy);
}

/** Free octets below which outcomes of a day may not fit: about a kilobyte a call. */
const DISK_OCTETS_MIN = 1_073_741_824;

/** Whether outcomes can be written. */
export async function dataFinding({ data }: Settings): Promise<Finding> {
  const what = 'data folder';
  const folder = resolve(data.dir);
  const there = await nearest(folder);
  try {
    if (!(await stat(there)).isDirectory()) throw new Error(`${there} is no folder`);
    await access(there, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(there);
    const free = bavail * bsize;
    const gigabytes = `${(free / 2 ** 30).toFixed(1)} GiB free`;
    return free < DISK_OCTETS_MIN
      ? warning(what, `${folder}: ${gigabytes}`, 'make room: without a disk to write to every call is refused')
      : good(what, `${folder}: writable, ${gigabytes}`);
  } catch (thrown) {
    return problem(
      what,
      `${folder}: ${describeError(thrown)}`,
      'give the user that runs Brusio a folder of its own, by data.dir',
    );
  }
}

/** The folder, or the closest above it that exists. */
async function nearest(folder: string): Promise<string> {
  const exists = await access(folder).then(
    () => true,
    () => false,
  );
  return exists || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

/** Ports of the range that are tried: enough to see a second program in it. */
const RTP_PORTS_TRIED = 500;

/** Whether RTP has its ports to itself. */
export async function rtpFindings({ rtp, limits }: Settings): Promise<readonly Finding[]> {
  const range = `${rtp.portMin}–${rtp.portMax}`;
  const addresses = [...new Set(Object.values(mediaAddresses(rtp)).map(({ bind }) => bind))];
  const step = Math.max(1, Math.ceil((rtp.portMax - rtp.portMin + 1) / RTP_PORTS_TRIED));
  const ports = Array.from({ length: RTP_PORTS_TRIED }, (_, index) => rtp.portMin + index * step).filter(
    (port) => port <= rtp.portMax,
  );
  const findings: Finding[] = [];
  for (const address of addresses) {
    const taken = (
      await Promise.all(ports.map(async (port) => ((await isUdpFree(port, address)) ? [] : [port])))
    ).flat();
    findings.push(
      taken.length === 0
        ? good(`RTP ${address}`, `ports ${range}: free (${ports.length} tried)`)
        : warning(
            `RTP ${address}`,
            `of ${ports.length} ports tried in ${range} ${taken.length} are taken, such as ${taken[0]}`,
            'they are Brusio’s own if it runs with calls; else choose rtp.portMin and rtp.portMax where nothing else is',
          ),
    );
  }
  const calls = callsOfPorts(rtp);
  if (calls < limits.callsMax) {
    findings.push(
      warning(
        'RTP ports',
        `${range} are ${calls} calls at once, limits.callsMax is ${limits.callsMax}`,
        'widen the range or lower the limit',
      ),
    );
  }
  const ephemeral = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => null);
  const [low = Number.POSITIVE_INFINITY, high = 0] = (ephemeral ?? '').trim().split(/\s+/).filter(Boolean).map(Number);
  if (low <= rtp.portMax && high >= rtp.portMin) {
    findings.push(
      warning(
        'RTP ports',
        `${range} overlap those that the system gives away (${low}–${high})`,
        `choose others, or: sysctl -w net.ipv4.ip_local_reserved_ports=${rtp.portMin}-${rtp.portMax}`,
      ),
    );
  }
  return findings;
}

function isUdpFree(port: number, address: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', ipv6Only: isIPv6(address) });
    socket.once('error', () => {
      socket.close();
      done(false);
    });
    socket.bind({ port, address, exclusive: true }, () => socket.close(() => done(true)));
  });
}

/**
 * Whether SIP and HTTP can be listened for.
 *
 * @param isRunning a Brusio with these settings answers already: what is taken is its own
 */
export async function listenerFindings(
  { sip, control, http }: Settings,
  isRunning: boolean,
): Promise<readonly Finding[]> {
  const places: { what: string; setting: string; address: string; port: number; protocols: readonly string[] }[] = [];
  if (control.drachtio === null) {
    for (const { address, port, protocols } of sipListeners(sip.listen, null)) {
      places.push({ what: 'SIP', setting: 'sip.listen', address, port, protocols });
    }
  }
  const api = readSocketAddress(http.listen);
  if (api !== null) places.push({ what: 'HTTP', setting: 'http.listen', ...api, protocols: ['tcp'] });
  return Promise.all(
    places.map(async ({ what, setting, address, port, protocols }) => {
      const place = `${what} ${address}:${port}`;
      const kinds = new Set(protocols.map((protocol) => (protocol === 'udp' ? 'udp' : 'tcp')));
      const free = await Promise.all(
        [...kinds].map((kind) => (kind === 'udp' ? isUdpFree(port, address) : isTcpFree(port, address))),
      );
      if (free.every(Boolean)) return good(place, `free (${[...protocols].join(', ')})`);
      if (isRunning) return good(place, 'taken, by the Brusio that runs here');
      return problem(
        place,
        'taken by another program, or not to be had',
        `see "ss -lnptu | grep ${port}", or change ${setting}`,
      );
    }),
  );
}

function isTcpFree(port: number, address: string): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen({ port, host: address, exclusive: true }, () => server.close(() => done(true)));
  });
}

import type { Random } from '../../base/random.ts';
import { defaultPort, type Hop, type TransportProtocol } from '../transaction/hop.ts';
import type { NameServer, NaptrRecord, SrvRecord } from './name-server.ts';
import { inSrvOrder } from './srv-order.ts';

/** The part of a URI that says where it leads, its host a name. */
export type TargetQuery = {
  readonly host: string;
  readonly port: number | null;
  readonly isSips: boolean;
  /** What its `transport` parameter demands; null where it has none. */
  readonly protocol: TransportProtocol | null;
};

/** What finding targets stands on. */
export type TargetContext = {
  readonly names: NameServer;
  readonly random: Random;
  /** Whether a listener of ours speaks this to addresses of that family. */
  readonly canSpeak: (protocol: TransportProtocol, family: 4 | 6) => boolean;
};

/** Hops tried for one request: more servers than that never answered a caller who still waited. */
export const TARGETS_MAX = 16;

/** The services of RFC 3263 §4.1 by what NAPTR calls them. */
const SERVICES: Readonly<Record<string, TransportProtocol>> = { 'SIP+D2U': 'udp', 'SIP+D2T': 'tcp', 'SIPS+D2T': 'tls' };

/** The SRV name of each (§4.1). */
const SRV_PREFIX: Readonly<Record<TransportProtocol, string>> = {
  udp: '_sip._udp.',
  tcp: '_sip._tcp.',
  tls: '_sips._tcp.',
};

/** The order in which SRV is asked where NAPTR says nothing; TLS last, since nobody demanded it. */
const PREFERENCE: readonly TransportProtocol[] = ['udp', 'tcp', 'tls'];

/**
 * Where a request to a name goes, in the order in which it is to be tried (RFC 3263 §4.1, §4.2): what NAPTR says where the
 * URI leaves the transport open, then SRV where it leaves the port open, then A and AAAA. None when the name leads nowhere.
 */
export async function findTargets(query: TargetQuery, context: TargetContext): Promise<readonly Hop[]> {
  const spoken = PREFERENCE.filter((one) => context.canSpeak(one, 4) || context.canSpeak(one, 6)).filter(
    (one) => !query.isSips || one === 'tls',
  );
  const demanded = query.isSips ? 'tls' : query.protocol;
  const wanted = demanded === null ? spoken : spoken.filter((one) => one === demanded);
  const [first] = wanted;
  if (first === undefined) return [];
  if (query.port !== null) return atName(query.host, query.host, first, query.port, context);

  const services = demanded === null ? await byNaptr(query, wanted, context) : [];
  const asked =
    services.length > 0 ? services : wanted.map((protocol) => ({ protocol, name: SRV_PREFIX[protocol] + query.host }));
  const answers = await Promise.all(
    asked.map(async ({ protocol, name }) => ({ protocol, records: (await context.names.srv(name)).records })),
  );
  const known = answers.filter(({ records }) => records.length > 0);
  if (known.length === 0) return atName(query.host, query.host, first, defaultPort(first), context);
  const hops: Hop[] = [];
  for (const { protocol, records } of known) {
    for (const server of inSrvOrder(records.filter(isThere), context.random)) {
      if (hops.length >= TARGETS_MAX) return hops;
      hops.push(...(await atName(query.host, server.name, protocol, server.port, context)));
    }
  }
  return hops.slice(0, TARGETS_MAX);
}

/** What NAPTR says of the transports that we speak, in its order (§4.1). */
async function byNaptr(
  query: TargetQuery,
  wanted: readonly TransportProtocol[],
  { names }: TargetContext,
): Promise<readonly { readonly protocol: TransportProtocol; readonly name: string }[]> {
  const { records } = await names.naptr(query.host);
  return records
    .toSorted(inNaptrOrder)
    .map((one) => ({ protocol: SERVICES[one.service.toUpperCase()], one }))
    .filter(({ one }) => one.flags.toLowerCase() === 's' && one.replacement !== '')
    .flatMap(({ protocol, one }) =>
      protocol !== undefined && wanted.includes(protocol) ? [{ protocol, name: one.replacement }] : [],
    );
}

/** The addresses of one server, of the families that we have; `called` is what its certificate has to show. */
async function atName(
  called: string,
  server: string,
  protocol: TransportProtocol,
  port: number,
  { names, canSpeak }: TargetContext,
): Promise<readonly Hop[]> {
  const families = ([4, 6] as const).filter((family) => canSpeak(protocol, family));
  const answers = await Promise.all(families.map((family) => names.addresses(server, family)));
  return answers.flatMap(({ records }) => records.map((address) => ({ protocol, address, port, name: called })));
}

function inNaptrOrder(a: NaptrRecord, b: NaptrRecord): number {
  return a.order - b.order || a.preference - b.preference;
}

/** A target of `.` says that the service is decidedly not there (RFC 2782). */
function isThere({ name }: SrvRecord): boolean {
  return name !== '' && name !== '.';
}

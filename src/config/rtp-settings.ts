/** The settings of where RTP is sent and received. */
import { isIP, isIPv6 } from 'node:net';
import { z } from 'zod';
import type { MediaAddress, MediaNetwork } from '../call/media-network.ts';
import { bindProblem, ipLiteral } from './setting-values.ts';

const externalAddress = ipLiteral.nullable().default(null);

type Issue = { readonly setting: 'address' | 'externalAddress'; readonly message: string };

/** Everything that is wrong with a media address and the one that it is advertised by. */
function issuesOf(address: string, external: string | null): readonly Issue[] {
  const issues: Issue[] = [];
  const problem = bindProblem(address);
  if (problem !== null) issues.push({ setting: 'address', message: problem });
  if (external === null) {
    if (address === '0.0.0.0' || /^[0:]+$/.test(address))
      issues.push({ setting: 'address', message: 'no peer can send to it: externalAddress must say where they can' });
    return issues;
  }
  if (isIP(external) !== isIP(address))
    issues.push({ setting: 'externalAddress', message: `IPv${isIP(address)} like the address itself is needed` });
  if (external.includes('%')) issues.push({ setting: 'externalAddress', message: 'a zone means nothing to others' });
  return issues;
}

const networkSection = z
  .strictObject({
    address: ipLiteral.describe('address its RTP sockets bind to'),
    externalAddress: externalAddress.describe('address written into its SDP (1:1 NAT); null: that of address'),
  })
  .nullable()
  .default(null);

/** `rtp`. */
export const rtpSection = z
  .strictObject({
    address: ipLiteral.default('127.0.0.1').describe('address RTP sockets bind to'),
    externalAddress: externalAddress.describe('address written into SDP (1:1 NAT); null: that of address'),
    dialers: networkSection.describe('the two of the legs towards dialers, where they differ; null: those above'),
    carriers: networkSection.describe('the same towards carriers'),
    portMin: z.int().min(1_024).max(65_534).default(20_000).describe('first UDP port'),
    portMax: z.int().min(1_025).max(65_535).default(29_999).describe('last UDP port; four ports a call'),
  })
  .refine((rtp) => rtp.portMax - rtp.portMin >= 3, { error: 'portMax must be at least portMin + 3', path: ['portMax'] })
  .check(({ value: rtp, issues }) => {
    const places = [
      { path: [], at: rtp },
      { path: ['dialers'], at: rtp.dialers },
      { path: ['carriers'], at: rtp.carriers },
    ];
    for (const { path, at } of places) {
      if (at === null || (at === rtp && rtp.dialers !== null && rtp.carriers !== null)) continue;
      for (const { setting, message } of issuesOf(at.address, at.externalAddress)) {
        issues.push({ code: 'custom', input: at[setting], path: [...path, setting], message });
      }
    }
  })
  .prefault({});

/** Checked settings of RTP. */
type RtpSettings = z.output<typeof rtpSection>;

/** Calls that the range has ports for: RTP and RTCP on either side of each. */
export function callsOfPorts({ portMin, portMax }: RtpSettings): number {
  return Math.floor((portMax - portMin + 1) / 4);
}

/** The IP family that each network's media addresses are of. */
export function mediaFamilies(rtp: RtpSettings): Readonly<Record<MediaNetwork, 4 | 6>> {
  const { dialers, carriers } = mediaAddresses(rtp);
  const of = (address: string) => (isIPv6(address) ? 6 : 4);
  return { dialers: of(dialers.advertised), carriers: of(carriers.advertised) };
}

/** The media addresses of both networks. */
export function mediaAddresses(rtp: RtpSettings): Readonly<Record<MediaNetwork, MediaAddress>> {
  const of = ({ address, externalAddress: external }: { address: string; externalAddress: string | null }) => ({
    bind: address,
    // A zone is a name of this machine's own (RFC 4007 §11.2).
    advertised: external ?? address.replace(/%.*$/, ''),
  });
  return { dialers: of(rtp.dialers ?? rtp), carriers: of(rtp.carriers ?? rtp) };
}

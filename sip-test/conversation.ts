/** Two people who talk over a call, and what of it was heard when. */
import { CARRIER } from './engine-under-test.ts';
import type { RtpArrival, RtpEndpoint } from './rtp-endpoint.ts';
import { between } from './rtp-stream.ts';
import { audioAddress, type SipMessage } from './sip-trace.ts';
import type { LiveCall } from './test-bed.ts';
import { AGENT_FRAME, CALLEE_FRAME } from './tone.ts';

const PCMA = 8;

/** A stretch of wall-clock time. */
export type Stretch = { readonly fromMs: number; readonly toMs: number };

/** The agent and the callee talk, in A-law, from the dialer's 200 on. */
export async function bothTalk(call: LiveCall): Promise<void> {
  const answer = await call.dialer.message(
    '200',
    ({ status, direction }) => status === 200 && direction === 'received',
  );
  call.dialerRtp.talk(addressIn(answer), AGENT_FRAME, PCMA);
  await calleeTalks(call, call.calleeRtp);
}

/** The callee, or a telephone that rings, talks in A-law at once. */
export async function calleeTalks(call: LiveCall, from: RtpEndpoint): Promise<void> {
  const invite = await call.carrier.message('INVITE', ({ method }) => method === 'INVITE');
  from.talk(addressIn(invite), CALLEE_FRAME, PCMA);
}

/** What an end heard in a stretch of time. */
export function rtpBetween(end: RtpEndpoint, { fromMs, toMs }: Stretch): readonly RtpArrival[] {
  return between(end.packets, fromMs, toMs);
}

/** The direction of a message's audio; null without SDP. */
export function sdpDirection(message: SipMessage | undefined): string | null {
  return /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/m.exec(message?.body ?? '')?.[1] ?? null;
}

/** The version in a message's `o=` line. */
export function sdpVersion(message: SipMessage | undefined): number {
  return Number(/^o=\S+ \S+ (\d+)/m.exec(message?.body ?? '')?.[1]);
}

/** A second telephone of the carrier's. */
export const CALLEE_ADDRESS = CARRIER.address;

function addressIn(message: SipMessage): { readonly address: string; readonly port: number } {
  const address = audioAddress(message);
  if (address === null) throw new Error('Brusio sent no SDP');
  return address;
}

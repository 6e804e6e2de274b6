/**
 * How a channel of AMI is tied to a call of Brusio's: no event carries the Call-ID of its INVITE, so the dialplan or the
 * dialer must say (docs/deploy-asterisk.md shows each way).
 */
import type { WatchedCall } from '../../guard/agent-source.ts';
import { readCallCode } from '../../policy/call-code.ts';

/** The ways that are in use, each independent of the others. */
export type AmiCallNaming = {
  /** A channel variable with the Call-ID of the INVITE, set before dialling; null: none. */
  readonly callIdVariable: string | null;
  /** A channel variable with the reference that the INVITE carries in a header; null: none. */
  readonly referenceVariable: string | null;
  /** The channel's Uniqueid (given by the dialer as ChannelId) is the reference that the INVITE carries. */
  readonly isUniqueidReference: boolean;
  /** VICIdial's call code in the names of caller and connected line is the reference. */
  readonly isVicidial: boolean;
};

/** What an event says of one channel. */
export type NamedChannel = {
  readonly uniqueid: string;
  readonly callerName: string;
  readonly connectedName: string;
  /** A channel variable's value; empty or null when it is not set or not told. */
  variable(name: string): string | null;
};

/** The call's name, or null while the channel does not tell. */
export function amiCallName(naming: AmiCallNaming, channel: NamedChannel): WatchedCall | null {
  const callId = naming.callIdVariable === null ? null : channel.variable(naming.callIdVariable);
  if (callId) return { by: 'call-id', value: callId };
  const reference = naming.referenceVariable === null ? null : channel.variable(naming.referenceVariable);
  if (reference) return { by: 'reference', value: reference };
  const code = naming.isVicidial ? (readCallCode(channel.callerName) ?? readCallCode(channel.connectedName)) : null;
  if (code !== null) return { by: 'reference', value: code };
  return naming.isUniqueidReference ? { by: 'reference', value: channel.uniqueid } : null;
}

/**
 * What an event or a `uuid_dump` says of one channel. Both carry the same headers: `switch_channel_event_set_data` in
 * src/switch_channel.c, with the channel's variables as `variable_…`.
 */
import { headerValue, type RawHeaders } from './event-headers.ts';
import { eventStampMs } from './message.ts';

/** How an agent is known to the PBX. */
export type AgentName = {
  readonly id: string;
  readonly name: string | null;
  readonly extension: string | null;
};

/** One channel as it was last described. */
export type ChannelFacts = {
  readonly uuid: string;
  /** The Call-ID of its INVITE, if it is a SIP channel. */
  readonly callId: string;
  /** When the far end answered, by the PBX's clock, in ms; null while it has not. */
  readonly answeredAtMs: number | null;
  readonly isLoopback: boolean;
  /** The other half of a loopback channel. */
  readonly otherHalf: string | null;
  /** The name it has if it is an agent's. */
  readonly agent: AgentName;
};

/** Of what may stand in a command to the server; `origination_uuid` may give a channel a name that is no UUID. */
const CHANNEL_ID = /^[\w.:@+-]{1,128}$/;

/** A channel's identifier, if it is one. */
export function asChannelId(value: unknown): string | null {
  return typeof value === 'string' && CHANNEL_ID.test(value) ? value : null;
}

/** The channel that a header names; null for none. */
export function channelId(headers: RawHeaders, name = 'Unique-ID'): string | null {
  return asChannelId(headerValue(headers, name));
}

/** FreeSWITCH's own placeholder for a name that nobody gave. */
const NO_NAME = 'Outbound Call';

/** Reads the facts; null when the headers are of no channel. */
export function readChannelFacts(headers: RawHeaders): ChannelFacts | null {
  const uuid = channelId(headers);
  if (uuid === null) return null;
  const channelName = headerValue(headers, 'Channel-Name') ?? '';
  return {
    uuid,
    callId: callId(headers, uuid),
    answeredAtMs: answeredAtMs(headers),
    isLoopback: channelName.startsWith('loopback/'),
    otherHalf: channelId(headers, 'variable_other_loopback_leg_uuid'),
    agent: agentName(headers, uuid, channelName),
  };
}

/** The channel it is bridged to at the moment; null for none. */
export function bridgePartner(headers: RawHeaders): string | null {
  return channelId(headers, 'variable_bridge_to');
}

/**
 * `sip_call_id` is there from CHANNEL_PROGRESS on. Before it, `sip_invite_call_id` is the Call-ID where somebody set
 * it, and the channel's own identifier with the profile's `outbound-use-uuid-as-callid`.
 */
function callId(headers: RawHeaders, uuid: string): string {
  const told = headerValue(headers, 'variable_sip_call_id') ?? headerValue(headers, 'variable_sip_invite_call_id');
  return told ?? uuid;
}

function answeredAtMs(headers: RawHeaders): number | null {
  if (headerValue(headers, 'Answer-State') !== 'answered') return null;
  return eventStampMs(headers, 'Caller-Channel-Answered-Time') ?? eventStampMs(headers) ?? 0;
}

/**
 * mod_callcenter names its agents. Any other is whom the PBX called (an outbound leg: a bridge swaps the caller's and
 * the callee's number of its profile, but not the destination), or who called it.
 */
function agentName(headers: RawHeaders, uuid: string, channelName: string): AgentName {
  const outbound = headerValue(headers, 'Call-Direction') === 'outbound';
  const bridged = bridgePartner(headers) !== null || headers.has('Bridge-A-Unique-ID');
  const extension = outbound
    ? (headerValue(headers, 'variable_dialed_user') ?? headerValue(headers, 'Caller-Destination-Number'))
    : (headerValue(headers, 'variable_user_name') ?? headerValue(headers, 'Caller-Caller-ID-Number'));
  const called = bridged ? null : headerValue(headers, 'Caller-Callee-ID-Name');
  const name = outbound ? called : headerValue(headers, 'Caller-Orig-Caller-ID-Name');
  const queueAgent =
    headerValue(headers, 'variable_cc_side') === 'agent' ? headerValue(headers, 'variable_cc_agent') : null;
  return {
    id: queueAgent ?? extension ?? (channelName === '' ? uuid : channelName),
    name: name === NO_NAME ? null : name,
    extension,
  };
}

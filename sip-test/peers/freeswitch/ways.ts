/** The ways in which a FreeSWITCH brings callee and agent together, each as a dialer does it over the event socket. */
import type { DialerSocket } from './dialer-socket.ts';

/** One call that is to be placed. */
export type FreeswitchCall = {
  readonly number: string;
  /** Unique-IDs of the two legs; the agent's is not ours to choose in a queue. */
  readonly customer: string;
  readonly agent: string;
  /** The extension of the agent who takes it. */
  readonly extension: string;
  /** From the callee's answer in the PBX to the bridge, in ms; null: no agent ever. */
  readonly bridgeAfterMs: number | null;
};

/** Places a call; what follows the answer is arranged by `onAnswer`. */
type Way = (call: FreeswitchCall, dialer: DialerSocket, phones: string) => void;

const roomOf = (call: FreeswitchCall) => `room${call.number}@default`;

/** Where calls to people go. */
const gateway = (call: FreeswitchCall, more = '') =>
  `{origination_uuid=${call.customer},origination_caller_id_number=+390612345678,ignore_early_media=true${more}}sofia/gateway/brusio/${call.number}`;

const phone = (call: FreeswitchCall, phones: string) =>
  `{origination_uuid=${call.agent},origination_caller_id_number=${call.number}}sofia/dialer/${call.extension}@${phones}`;

function afterAnswer(call: FreeswitchCall, dialer: DialerSocket, then: () => void): void {
  const { bridgeAfterMs } = call;
  if (bridgeAfterMs !== null) dialer.onAnswer(call.customer, () => setTimeout(then, bridgeAfterMs));
}

export const WAYS = {
  /** Both parked, then joined; the agent waits on the line. */
  'uuid-bridge'(call, dialer, phones) {
    afterAnswer(call, dialer, () => dialer.background(`uuid_bridge ${call.customer} ${call.agent}`));
    if (call.bridgeAfterMs !== null) dialer.background(`originate ${phone(call, phones)} &park()`);
    dialer.background(`originate ${gateway(call)} &park()`);
  },
  /** The same, the agent named first: leg A is the agent's. */
  'uuid-bridge-agent-first'(call, dialer, phones) {
    afterAnswer(call, dialer, () => dialer.background(`uuid_bridge ${call.agent} ${call.customer}`));
    if (call.bridgeAfterMs !== null) dialer.background(`originate ${phone(call, phones)} &park()`);
    dialer.background(`originate ${gateway(call)} &park()`);
  },
  /** The agent is on the line, and calls the callee. */
  'agent-first'(call, dialer, phones) {
    if (call.bridgeAfterMs === null) dialer.background(`originate ${gateway(call)} &park()`);
    else dialer.background(`originate ${phone(call, phones)} &bridge(${gateway(call)})`);
  },
  /** The callee waits, and the agent is called. */
  'customer-first'(call, dialer, phones) {
    // With ^ between applications the commas may stand in their arguments.
    const transfer = `uuid_transfer ${call.customer} 'm:^:bridge:${phone(call, phones)}' inline`;
    afterAnswer(call, dialer, () => dialer.background(transfer));
    dialer.background(`originate ${gateway(call)} &park()`);
  },
  fifo(call, dialer, phones) {
    const line = `line${call.number}`;
    afterAnswer(call, dialer, () => dialer.background(`originate ${phone(call, phones)} '&fifo(${line} out nowait)'`));
    dialer.background(`originate ${gateway(call)} '&fifo(${line} in)'`);
  },
  /** The agent comes to the callee's conference. */
  conference(call, dialer, phones) {
    const room = roomOf(call);
    afterAnswer(call, dialer, () => dialer.background(`originate ${phone(call, phones)} &conference(${room})`));
    dialer.background(`originate ${gateway(call)} &conference(${room})`);
  },
  /** The callee comes to the agent's conference. */
  'agents-conference'(call, dialer, phones) {
    const room = roomOf(call);
    afterAnswer(call, dialer, () => dialer.background(`uuid_transfer ${call.customer} conference:${room} inline`));
    if (call.bridgeAfterMs !== null) dialer.background(`originate ${phone(call, phones)} &conference(${room})`);
    dialer.background(`originate ${gateway(call)} &park()`);
  },
  /** A queue: which agent and when is mod_callcenter's affair; their telephones ring for a while. */
  callcenter(call, dialer) {
    dialer.background(`originate ${gateway(call)} &callcenter(sales@brusio)`);
  },
  /** Joined to an announcement through a loopback: nobody. */
  loopback(call, dialer) {
    const other = `{origination_uuid=${call.agent},loopback_bowout=false}loopback/app=park`;
    dialer.onAnswer(call.customer, () => {
      dialer.background(`originate ${other} &park()`);
      dialer.onAnswer(call.agent, () => dialer.background(`uuid_bridge ${call.customer} ${call.agent}`));
    });
    dialer.background(`originate ${gateway(call)} &park()`);
  },
  /** Answering-machine detection has found one. */
  machine(call, dialer) {
    dialer.background(`originate ${gateway(call)} 7003 XML outbound`);
  },
} as const satisfies Record<string, Way>;

/** A way's name. */
export type WayName = keyof typeof WAYS;

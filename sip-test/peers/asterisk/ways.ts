/** The ways in which an Asterisk brings callee and agent together, each as a dialer does it over AMI or ARI. */
import type { PlannedCall } from '../planned-call.ts';
import type { DialerAmi } from './dialer-ami.ts';
import type { DialerAri } from './dialer-ari.ts';

/** What a way is done with. */
export type Dialer = {
  readonly ami: DialerAmi;
  readonly ari: DialerAri;
  /** Calls back `ms` later if the call still lives. */
  later(call: PlannedCall, ms: number, then: () => Promise<unknown>): void;
};

export const APPLICATION = 'judge';

const trunk = ({ number }: PlannedCall) => `PJSIP/${number}@brusio`;
export const agentOf = ({ agent }: PlannedCall) => `agent${String(agent).padStart(2, '0')}`;
export const agentChannel = ({ id }: PlannedCall) => `agent-of-${id}`;
/** What the dialplan waits between the answer and the agent, in seconds. */
const wait = ({ bridgeAfterMs }: PlannedCall) => ({ D: ((bridgeAfterMs ?? 0) / 1_000).toFixed(3) });

/** A conversation ends at the callee; a call for whom nobody comes stays alone. */
const ALONE = 'wait';

type Way = (call: PlannedCall, dialer: Dialer) => Promise<unknown>;

export const WAYS = {
  dial: (call, dialer) =>
    originate(call, dialer, trunk(call), call.bridgeAfterMs === null ? ALONE : 'dial', wait(call)),
  queue: (call, dialer) =>
    originate(call, dialer, trunk(call), call.bridgeAfterMs === null ? ALONE : 'queue', wait(call)),
  /** The agent waits in a conference, the callee comes to it. */
  async confbridge(call, dialer) {
    const ROOM = `room-${call.id}`;
    if (call.bridgeAfterMs !== null) void callAgent(call, dialer, 'conference', { ROOM });
    await originate(call, dialer, trunk(call), 'conference', { ...wait(call), ROOM });
  },
  /** The callee waits in a conference, the agent comes to it. */
  async 'confbridge-customer-first'(call, dialer) {
    const ROOM = `room-${call.id}`;
    await originate(call, dialer, trunk(call), 'conference', { D: '0', ROOM });
    afterAnswer(call, dialer, () => callAgent(call, dialer, 'conference', { ROOM }));
  },
  /** Waiting in a holding bridge, then sent on. */
  async bridgewait(call, dialer) {
    await originate(call, dialer, trunk(call), 'park', {});
    afterAnswer(call, dialer, () =>
      dialer.ami.act('Redirect', { Channel: call.id, Context: 'answered', Exten: 'dial', Priority: '1' }),
    );
  },
  async 'ami-bridge'(call, dialer) {
    await originate(call, dialer, trunk(call), ALONE, {});
    afterAnswer(call, dialer, async () => {
      await callAgent(call, dialer, 'wait', {});
      await dialer.ami.act('Bridge', { Channel1: call.id, Channel2: agentChannel(call) });
    });
  },
  /** Over a Local channel that goes away once both ends are there. */
  local: (call, dialer) =>
    originate(
      call,
      dialer,
      `Local/${call.number}@to-carrier`,
      call.bridgeAfterMs === null ? ALONE : 'dial',
      wait(call),
    ),
  /** Over one that stays. */
  'local-kept': (call, dialer) =>
    originate(
      call,
      dialer,
      `Local/${call.number}@to-carrier/n`,
      call.bridgeAfterMs === null ? ALONE : 'dial',
      wait(call),
    ),
  /** Waiting in a holding bridge, then in a mixing one with the agent. */
  async 'ari-holding'(call, dialer) {
    await bridgeByAri(call, dialer, 'holding');
  },
  /** One mixing bridge: the callee is alone in it from the answer on. */
  async 'ari-mixing'(call, dialer) {
    await bridgeByAri(call, dialer, 'mixing');
  },
  /** Answering-machine detection has found one. */
  machine: (call, dialer) => originate(call, dialer, trunk(call), 'machine', {}),
} as const satisfies Record<string, Way>;

/** Resolves when the callee has answered. */
async function originate(
  call: PlannedCall,
  { ami }: Dialer,
  channel: string,
  exten: string,
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  const isLocal = channel.startsWith('Local/');
  const reference = isLocal ? '__LEAD' : 'PJSIP_HEADER(add,X-Brusio-Reference)';
  await ami.act('Originate', {
    ...{ Channel: channel, Context: 'answered', Exten: exten, Priority: '1', Timeout: '30000', Async: 'true' },
    ChannelId: call.id,
    ...(isLocal ? { OtherChannelId: `other-of-${call.id}` } : {}),
    CallerID: 'Judge <3902000000>',
    Variable: variablesOf({ ...variables, AGENT: agentOf(call), [reference]: call.id }),
  });
}

/** Resolves when the agent has answered. */
async function callAgent(
  call: PlannedCall,
  { ami }: Dialer,
  exten: string,
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  await ami.act('Originate', {
    ...{ Channel: `PJSIP/${agentOf(call)}`, Context: 'agents', Exten: exten, Priority: '1', Async: 'true' },
    ChannelId: agentChannel(call),
    Variable: variablesOf(variables),
  });
}

function variablesOf(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

function afterAnswer(call: PlannedCall, dialer: Dialer, then: () => Promise<unknown>): void {
  if (call.bridgeAfterMs !== null) dialer.later(call, call.bridgeAfterMs, then);
}

async function bridgeByAri(call: PlannedCall, dialer: Dialer, first: 'holding' | 'mixing'): Promise<void> {
  const { ari } = dialer;
  const { id, number } = call;
  const agent = agentChannel(call);
  const talk = first === 'mixing' ? `${id}-${first}` : `${id}-talk`;
  ari.onArrival(id, async () => {
    await ari.ask('POST', `bridges/${id}-${first}?type=${first}`);
    await ari.ask('POST', `bridges/${id}-${first}/addChannel?channel=${id}`);
    afterAnswer(call, dialer, async () => {
      ari.onArrival(agent, async () => {
        if (first !== 'mixing') await ari.ask('POST', `bridges/${talk}?type=mixing`);
        await ari.ask('POST', `bridges/${talk}/addChannel?channel=${first === 'mixing' ? agent : `${agent},${id}`}`);
      });
      await ari.ask('POST', `channels/${agent}?endpoint=PJSIP/${agentOf(call)}&app=${APPLICATION}`);
    });
  });
  const query = `endpoint=PJSIP/${number}@brusio&app=${APPLICATION}&callerId=3902000000`;
  await ari.ask('POST', `channels/${id}?${query}`, {
    variables: { 'PJSIP_HEADER(add,X-Brusio-Reference)': id },
  });
}

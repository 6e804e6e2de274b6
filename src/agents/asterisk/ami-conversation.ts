/**
 * The manager interface, from its greeting on: login by challenge, a look at everything there is, then events. What
 * happens during the look is kept and told after it, so that nothing falls between the two.
 */
import { createHash } from 'node:crypto';
import type { WatchedCall } from '../../guard/agent-source.ts';
import type { Conversation, Converse, SourceLink } from '../pbx-source.ts';
import type { DispositionVariable } from '../variable-disposition.ts';
import type { AmiCallNaming } from './ami-call-name.ts';
import { type AmiMapper, createAmiMapper } from './ami-mapper.ts';
import { type AmiInput, type AmiMessage, amiAction, createAmiParser } from './ami-message.ts';

/** Who logs in, and what is looked for. */
export type AmiLogin = {
  readonly username: string;
  readonly secret: string;
  readonly naming: AmiCallNaming;
  /** The queues whose free agents are counted. */
  readonly queues: readonly string[];
  /** Null where no variable tells who answered. */
  readonly disposition: DispositionVariable | null;
};

/** Items of one list; a PBX with more than this is beyond what one Brusio watches. */
export const LIST_ITEMS_MAX = 100_000;
/** Events that wait for the look at what there is to be complete. */
export const WAITING_EVENTS_MAX = 50_000;

/** What is asked after login. MeetMe and queues are not loaded everywhere: without them their lists are empty. */
const LISTS = [
  { action: 'BridgeList', isNeeded: true },
  { action: 'CoreShowChannels', isNeeded: true },
  { action: 'MeetmeList', isNeeded: false },
  { action: 'QueueStatus', isNeeded: false },
] as const;

type ListName = (typeof LISTS)[number]['action'];

/** Ours, so that answers to other clients' actions (OriginateResponse tells theirs to everybody) are not taken for ours. */
const ID = 'brusio-';

/** A conversation for each connection; what is known of channels and bridges is kept from one to the next. */
export function amiConversations(login: AmiLogin): Converse {
  const { naming, queues, disposition } = login;
  let current: SourceLink | null = null;
  const isWatched = (call: WatchedCall) => current?.watches(call) ?? false;
  const mapper = createAmiMapper({ naming, queues, disposition, isWatched });
  return (link) => {
    current = link;
    return createAmiConversation(link, login, mapper);
  };
}

function createAmiConversation(link: SourceLink, login: AmiLogin, mapper: AmiMapper): Conversation {
  const { username, secret, disposition } = login;
  // Variables as they are set are of the class `dialplan`, which is most of what Asterisk tells: only where it is needed.
  const events = disposition === null ? 'call,agent' : 'call,agent,dialplan';
  const parser = createAmiParser();
  const lists: Record<ListName, AmiMessage[]> = {
    BridgeList: [],
    CoreShowChannels: [],
    MeetmeList: [],
    QueueStatus: [],
  };
  const open = new Set<string>(LISTS.map(({ action }) => action));
  let waiting: AmiMessage[] | null = [];

  return {
    received(data: Buffer | string) {
      for (const input of parser.push(Buffer.from(data))) take(input);
    },
    beat: () => ask('Ping'),
    closed() {},
  };

  function take(input: AmiInput): void {
    if (input.type === 'greeting') ask('Challenge', { AuthType: 'MD5' });
    else if (input.type === 'malformed') link.malformed();
    else read(input.message);
  }

  function read(message: AmiMessage): void {
    const id = message.get('ActionID') ?? '';
    const action = id.startsWith(ID) ? id.slice(ID.length) : null;
    if (message.get('Response') !== null) {
      if (action !== null) answered(action, message);
    } else if (action !== null) listed(action, message);
    else happened(message);
  }

  function answered(action: string, answer: AmiMessage): void {
    const why = answer.get('Message') ?? 'no reason given';
    const isRefused = answer.get('Response') === 'Error';
    if (action === 'Challenge') {
      const challenge = answer.get('Challenge');
      if (challenge === null) link.fail(`no challenge to log in with: ${why}`);
      else ask('Login', { AuthType: 'MD5', Username: username, Key: keyOf(challenge, secret), Events: events });
    } else if (action === 'Login') {
      if (isRefused) link.fail(`login refused: ${why}`);
      else for (const list of LISTS) ask(list.action);
    } else if (isRefused) {
      const isNeeded = LISTS.some((list) => list.action === action && list.isNeeded);
      if (isNeeded) link.fail(`${action} refused, which needs write = reporting: ${why}`);
      else complete(action);
    }
  }

  function listed(action: string, item: AmiMessage): void {
    const list = lists[action as ListName];
    if (item.get('EventList') !== null) complete(action);
    else if (list !== undefined && list.length < LIST_ITEMS_MAX) list.push(item);
    else link.fail(`${action} has more than ${LIST_ITEMS_MAX} items`);
  }

  function complete(action: string): void {
    if (!open.delete(action) || open.size > 0) return;
    const meanwhile = waiting ?? [];
    waiting = null;
    const snapshot = {
      bridges: lists.BridgeList.filter(isEvent('BridgeListItem')),
      channels: lists.CoreShowChannels.filter(isEvent('CoreShowChannel')),
      conferences: lists.MeetmeList.filter(isEvent('MeetmeList')),
      members: lists.QueueStatus.filter(isEvent('QueueMember')),
    };
    link.ready();
    for (const signal of mapper.resync(snapshot)) link.signal(signal);
    for (const event of meanwhile) tell(event);
  }

  function happened(event: AmiMessage): void {
    if (event.get('Event') === null) {
      link.malformed();
      return;
    }
    link.event();
    if (waiting === null) tell(event);
    else if (waiting.length < WAITING_EVENTS_MAX) waiting.push(event);
    else link.fail('more happened than could be kept while it was looked at');
  }

  function tell(event: AmiMessage): void {
    for (const signal of mapper.take(event)) link.signal(signal);
  }

  function ask(action: string, headers: Readonly<Record<string, string>> = {}): void {
    link.send(amiAction(action, { ActionID: `${ID}${action}`, ...headers }));
  }
}

/** The answer to a challenge: MD5 of challenge and secret, in hexadecimal. */
function keyOf(challenge: string, secret: string): string {
  return createHash('md5').update(`${challenge}${secret}`).digest('hex');
}

function isEvent(name: string): (message: AmiMessage) => boolean {
  return (message) => message.get('Event') === name;
}

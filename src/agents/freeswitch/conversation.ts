/**
 * One connection to a FreeSWITCH's event socket: login, subscription, what went before, and then its events as they
 * come. Replies and events share the connection; only the former answer something (`command-queue.ts`).
 */
import { addMs, type Clock, type Timer } from '../../base/clock.ts';
import type { Conversation, Converse, SourceLink } from '../pbx-source.ts';
import type { DispositionVariable } from '../variable-disposition.ts';
import { AgentMapper, type Mapped } from './agent-mapper.ts';
import { CommandQueue, type OnReply } from './command-queue.ts';
import { headerValue, type RawHeaders, readHeaders } from './event-headers.ts';
import { FrameReader } from './frame-reader.ts';
import { Knock } from './knock.ts';
import { type Message, readMessage } from './message.ts';
import { isQueueEvent, QueueCounts } from './queue-counts.ts';
import { Resync } from './resync.ts';
import { subscriptionCommands } from './subscription.ts';

/** One server, as the settings have it. */
export type FreeswitchServer = {
  readonly clock: Clock;
  readonly login: Login;
  readonly disposition: DispositionVariable | null;
  /** mod_callcenter queues whose free agents are counted. */
  readonly queues: readonly string[];
};

/** Who we are: nobody in particular (the socket's own password), or a user of the directory (`user@domain`). */
export type Login = { readonly user: string | null; readonly password: string };

/**
 * mod_event_socket's list is read from its database, into which channels are written behind their events: what was
 * answered and bridged in the very moment of the first reading is in the second.
 */
export const SECOND_RESYNC_MS = 1_000;

/** Of a very large list the newest calls are known by then, and only those may still wait for an agent. */
export const RESYNC_WAIT_MS = 2_500;

/** Conversations with one server: what was learned in one is still known in the next. */
export function freeswitchConversations(server: FreeswitchServer): Converse {
  let link: SourceLink | null = null;
  const mapper = new AgentMapper({
    watches: (call) => link?.watches(call) === true,
    disposition: server.disposition,
  });
  return (opened) => {
    link = opened;
    return converse(server, mapper, opened);
  };
}

/** The server speaks first. */
function converse(server: FreeswitchServer, mapper: AgentMapper, link: SourceLink): Conversation {
  const { clock } = server;
  const reader = new FrameReader();
  const commands = new CommandQueue((text) => link.send(text));
  const queues = new QueueCounts({ queues: server.queues, clock, command, tell: (signal) => link.signal(signal) });
  const knock = new Knock(clock, (text) => link.send(text));
  const timers = new Set<Timer>();
  let isLoggedIn = false;

  return {
    received(data) {
      const { frames, malformed, broken } = reader.read(typeof data === 'string' ? Buffer.from(data) : data);
      countMalformed(malformed);
      for (const frame of frames) take(readMessage(frame));
      if (broken !== null) {
        link.malformed();
        link.fail(`it sent ${broken}`);
      }
    },
    beat: () => command('api strepoch', () => {}),
    closed() {
      queues.stop();
      knock.stop();
      for (const timer of timers) timer.cancel();
    },
  };

  function take(message: Message): void {
    switch (message.type) {
      case 'event':
        link.event();
        countMalformed(message.malformed);
        if (isQueueEvent(message.headers)) queues.changed();
        if (headerValue(message.headers, 'Event-Name') === 'CHANNEL_ANSWER') knock.expect();
        tell(mapper.event(message.headers));
        break;
      case 'reply':
        if (!commands.replied(message)) link.malformed();
        break;
      case 'auth-request':
        logIn();
        break;
      // A restart, or a login that was refused: it closes the connection itself now.
      case 'disconnect':
        break;
      case 'rejected':
        link.fail('its access list (apply-inbound-acl) does not have this address');
        break;
      case 'malformed':
        link.malformed();
        break;
    }
  }

  function logIn(): void {
    const { user, password } = server.login;
    const login = user === null ? `auth ${password}` : `userauth ${user}:${password}`;
    command(login, ({ ok }) => {
      if (!ok) link.fail('it refused the password');
      else if (!isLoggedIn) subscribe();
    });
  }

  function subscribe(): void {
    isLoggedIn = true;
    for (const line of subscriptionCommands(server.disposition)) {
      command(line, ({ ok, text }) => {
        if (!ok) link.fail(`it refused "${line.split(' ', 1)[0]}": ${text.trim()}`);
      });
    }
    mapper.beginResync();
    resync(true).start();
    // Whoever was answered before waits already.
    knock.expect();
    queues.start();
  }

  function resync(all: boolean): Resync {
    return new Resync({
      command,
      listed: () => all && after(RESYNC_WAIT_MS, () => link.ready()),
      wants: (uuid) => all || !mapper.knows(uuid),
      channel: (uuid, headers) => tell(mapper.dumped(uuid, headers)),
      conferences: (members) => tell(mapper.conferenceMembers(members)),
      malformed: () => link.malformed(),
      done: () => {
        if (!all) return;
        tell(mapper.endResync());
        link.ready();
        after(SECOND_RESYNC_MS, () => resync(false).start());
      },
    });
  }

  function tell({ signals, lookUps }: Mapped): void {
    for (const signal of signals) link.signal(signal);
    for (const uuid of lookUps) {
      command(`api uuid_dump ${uuid}`, ({ ok, text }) => tell(mapper.dumped(uuid, ok ? dumpHeaders(text) : null)));
    }
  }

  function dumpHeaders(text: string): RawHeaders {
    const { headers, malformed } = readHeaders(text);
    countMalformed(malformed);
    return headers;
  }

  function command(line: string, onReply: OnReply): void {
    const sent = commands.send(line, (reply) => {
      // Without these rights it could not say who is whose customer; better no source than one that is half blind.
      if (reply.text.includes('permission denied')) link.fail(`its user may not use "${line.split(' ', 2).join(' ')}"`);
      else onReply(reply);
    });
    if (!sent) link.fail('it owes too many answers');
  }

  function after(durationMs: number, then: () => void): void {
    const timer = clock.setTimer(addMs(clock.monotonicMs(), durationMs), () => {
      timers.delete(timer);
      then();
    });
    timers.add(timer);
  }

  function countMalformed(count: number): void {
    for (let left = Math.min(count, 1_000); left > 0; left -= 1) link.malformed();
  }
}

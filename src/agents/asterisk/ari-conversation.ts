/**
 * ARI, from the opened WebSocket on: a filter for the events that are of use, a look at all channels and bridges, then
 * events. What happens during the look is kept and told after it, so that nothing falls between the two.
 *
 * Requests are sent as `RESTRequest` messages and answered by `RESTResponse`, as Asterisk itself takes them over the
 * WebSocket since 20.14, 21.9 and 22.4; `ari-wire.ts` makes HTTP of them, for the versions before.
 */
import type { WatchedCall } from '../../guard/agent-source.ts';
import type { Conversation, Converse, SourceLink } from '../pbx-source.ts';
import type { DispositionVariable } from '../variable-disposition.ts';
import {
  ARI_EVENTS,
  type AriAnswer,
  type AriBridge,
  type AriChannel,
  type AriEvent,
  readAriBridges,
  readAriChannels,
  readAriMessage,
} from './ari-event.ts';
import { type AriMapper, createAriMapper } from './ari-mapper.ts';

/** What is asked for. */
export type AriSubscription = {
  /** The Stasis application that is subscribed to everything. */
  readonly application: string;
  /** Null where no variable tells who answered. */
  readonly disposition: DispositionVariable | null;
};

/** A request, in the form of Asterisk's own REST over WebSocket. */
export type AriRequest = {
  readonly type: 'RESTRequest';
  readonly request_id: string;
  readonly method: 'GET' | 'PUT';
  /** Below `/ari/`. */
  readonly uri: string;
  readonly message_body?: string;
};

/** Events that wait for the look at what there is to be complete. */
export const WAITING_EVENTS_MAX = 50_000;

/** A conversation for each connection; what is known of channels and bridges is kept from one to the next. */
export function ariConversations(subscription: AriSubscription): Converse {
  let current: SourceLink | null = null;
  const isWatched = (call: WatchedCall) => current?.watches(call) ?? false;
  const mapper = createAriMapper({ disposition: subscription.disposition, isWatched });
  return (link) => {
    current = link;
    return createAriConversation(link, subscription, mapper);
  };
}

function createAriConversation(link: SourceLink, subscription: AriSubscription, mapper: AriMapper): Conversation {
  const { application, disposition } = subscription;
  let waiting: AriEvent[] | null = [];
  let channels: readonly AriChannel[] | null = null;

  const allowed = [...ARI_EVENTS, ...(disposition === null ? [] : ['ChannelVarset'])].map((type) => ({ type }));
  // A user that may only read is refused this: then every event comes, and those of no use are passed over.
  ask('filter', 'PUT', `applications/${application}/eventFilter`, JSON.stringify({ allowed }));
  ask('channels', 'GET', 'channels');

  return {
    received(data) {
      const message = readAriMessage(data.toString());
      if (message.type === 'malformed') link.malformed();
      else if (message.type === 'answer') answered(message.answer);
      else {
        link.event();
        if (message.type === 'event') happened(message.event);
        if (message.type === 'replaced')
          link.fail(`another client took the application "${application}": give each Brusio one of its own`);
      }
    },
    beat: () => ask('ping', 'GET', 'asterisk/info?only=status'),
    closed() {},
  };

  function answered({ requestId, status, body }: AriAnswer): void {
    if (requestId === 'channels') {
      channels = status === 200 ? readAriChannels(body) : null;
      // The bridges after the channels, so that everyone in them is known by name.
      if (channels === null) link.fail(`GET /ari/channels was answered ${status}`);
      else ask('bridges', 'GET', 'bridges');
    } else if (requestId === 'bridges') {
      const bridges = status === 200 ? readAriBridges(body) : null;
      if (bridges === null || channels === null) link.fail(`GET /ari/bridges was answered ${status}`);
      else ready(channels, bridges);
    }
  }

  function ready(allChannels: readonly AriChannel[], allBridges: readonly AriBridge[]): void {
    const events = waiting ?? [];
    waiting = null;
    channels = null;
    link.ready();
    for (const signal of mapper.resync(allChannels, allBridges)) link.signal(signal);
    for (const event of events) tell(event);
  }

  function happened(event: AriEvent): void {
    if (waiting === null) tell(event);
    else if (waiting.length < WAITING_EVENTS_MAX) waiting.push(event);
    else link.fail('more happened than could be kept while it was looked at');
  }

  function tell(event: AriEvent): void {
    for (const signal of mapper.take(event)) link.signal(signal);
  }

  function ask(request_id: string, method: AriRequest['method'], uri: string, message_body?: string): void {
    const request: AriRequest = { type: 'RESTRequest', request_id, method, uri, ...(message_body && { message_body }) };
    link.send(JSON.stringify(request));
  }
}

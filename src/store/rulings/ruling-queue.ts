/** What waits to be judged or written down, in its order, and what of it may share a transaction. Pure. */
import type { CallNotice } from './held-calls.ts';
import type { Asked, RulingCommand } from './ruling-message.ts';

/** INVITEs judged in one transaction: at some 0.1 ms each it stays near 5 ms, which is what others wait for its locks. */
export const GROUP_MAX = 50;

/** Heard after what it comes before is seen, it would be missed. Behind another notice of its call it has not been missed yet. */
const TAKES_ROOM: ReadonlySet<CallNotice['type']> = new Set(['answered', 'uncounted']);

/** Waits for the thread. */
export type RulingQueue = {
  add(command: Exclude<RulingCommand, { type: 'close' }>): void;
  isEmpty(): boolean;
  /** The first ones that may go together; notices are to be written before the others are judged. */
  takeGroup(): { readonly notices: readonly CallNotice[]; readonly group: readonly Asked[] };
  /** Takes out what waits behind of answers and of room that is taken again, of calls that nothing else waits for. */
  takeRoom(): readonly CallNotice[];
};

/**
 * An empty one.
 *
 * @param dayOf local day and time zone of a call, as one text: calls of several are not judged together
 */
export function createRulingQueue(dayOf: (asked: Asked) => string): RulingQueue {
  let waiting: Exclude<RulingCommand, { type: 'close' }>[] = [];

  return {
    add: (command) => void waiting.push(command),
    isEmpty: () => waiting.length === 0,
    takeGroup() {
      const notices: CallNotice[] = [];
      const group: Asked[] = [];
      const asked = new Set<string>();
      let taken = 0;
      for (const command of waiting) {
        if (command.type === 'heard') {
          // It would be written before the call it is about has its room, and that would stay for ever.
          if (asked.has(command.notice.callId)) break;
          notices.push(command.notice);
        } else {
          const first = group[0];
          if (group.length === GROUP_MAX || asked.has(command.asked.request.callId)) break;
          if (first !== undefined && dayOf(first) !== dayOf(command.asked)) break;
          group.push(command.asked);
          asked.add(command.asked.request.callId);
        }
        taken++;
      }
      waiting = waiting.slice(taken);
      return { notices, group };
    },
    takeRoom() {
      const earlier = new Set<string>();
      const room: CallNotice[] = [];
      waiting = waiting.filter((command) => {
        const callId = command.type === 'heard' ? command.notice.callId : command.asked.request.callId;
        const isTaken = command.type === 'heard' && TAKES_ROOM.has(command.notice.type) && !earlier.has(callId);
        if (isTaken) room.push(command.notice);
        earlier.add(callId);
        return !isTaken;
      });
      return room;
    },
  };
}

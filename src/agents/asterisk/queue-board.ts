/** How many members of each queue could take a call at this moment, from what AMI tells of them. */
import type { PbxSignal } from '../../guard/agent-source.ts';
import type { AmiMessage } from './ami-message.ts';

/** Members of all queues that are counted; beyond, new ones are not. */
export const QUEUE_MEMBERS_MAX = 20_000;

/** Asterisk's device state "not in use" (AST_DEVICE_NOT_INUSE). */
const NOT_IN_USE = '1';

/** Counts. */
export type QueueBoard = {
  /** An event about a member. */
  take(event: AmiMessage): readonly PbxSignal[];
  /** These are the members: the count of every queue, those that lost their last member included. */
  relist(members: readonly AmiMessage[]): readonly PbxSignal[];
};

/** A board without members. @param counted the queues that are counted; others are passed over */
export function createQueueBoard(counted: ReadonlySet<string>): QueueBoard {
  let queues = new Map<string, Map<string, boolean>>();
  const free = new Map<string, number>();
  let members = 0;

  return {
    take(event) {
      const queue = know(event);
      return queue === null ? [] : changeOf(queue);
    },
    relist(all) {
      queues = new Map();
      members = 0;
      for (const member of all) know(member);
      const names = new Set([...free.keys(), ...queues.keys()]);
      free.clear();
      return [...names].flatMap(changeOf);
    },
  };

  /** The queue that the event is about, or null. */
  function know(event: AmiMessage): string | null {
    const queue = event.get('Queue');
    // In the list of QueueStatus the interface is called Location.
    const member = event.get('Interface') ?? event.get('Location');
    if (queue === null || !counted.has(queue) || member === null || member === '') return null;
    if (event.get('Event') === 'QueueMemberRemoved') remove(queue, member);
    else put(queue, member, event.get('Status') === NOT_IN_USE && event.get('Paused') !== '1');
    return queue;
  }

  function put(queue: string, member: string, isFree: boolean): void {
    const known = queues.get(queue) ?? new Map<string, boolean>();
    if (!known.has(member)) {
      if (members >= QUEUE_MEMBERS_MAX) return;
      members++;
    }
    known.set(member, isFree);
    queues.set(queue, known);
  }

  function remove(queue: string, member: string): void {
    if (queues.get(queue)?.delete(member) === true) members--;
  }

  function changeOf(queue: string): readonly PbxSignal[] {
    const count = [...(queues.get(queue)?.values() ?? [])].filter(Boolean).length;
    if (free.get(queue) === count) return [];
    free.set(queue, count);
    return [{ type: 'agents-free', queue, free: count }];
  }
}

/**
 * When callee and agent came together, read from AMI's events without any of Brusio's own code for it: which channels are
 * in which bridge, and which two Local halves hand audio on. Waiting is no company: a holding bridge joins nobody.
 */
import type { AmiMessage } from '../../../src/agents/asterisk/ami-message.ts';
import type { Bridge } from '../pbx.ts';

const CUSTOMER = /^PJSIP\/brusio-/;
/** Of those that were added, and those of pjsip.conf, who are in the queue too. */
const AGENT = /^(PJSIP\/(?!brusio-).+)-[0-9a-f]+$/;
const LOCAL_HALF = /^(Local\/.*);([12])$/;

/** Watches one server. */
export class BridgeWitness {
  /** Names of channels by bridge. */
  readonly #bridges = new Map<string, Set<string>>();
  /** The call of each customer's channel, by the channel's name. */
  readonly #callOf = new Map<string, string>();
  readonly #meetings = new Map<string, Bridge>();

  /** First meeting of a call; null: none yet. */
  meeting(callId: string): Bridge | null {
    return this.#meetings.get(callId) ?? null;
  }

  take(event: AmiMessage): void {
    const channel = event.get('Channel') ?? '';
    const bridge = event.get('BridgeUniqueid') ?? '';
    switch (event.get('Event')) {
      case 'Newchannel':
        // Those who were originated have the call's id; those whom a Local channel dialled are linked with it.
        if (CUSTOMER.test(channel)) this.#callOf.set(channel, event.get('Linkedid') ?? '');
        break;
      case 'BridgeEnter':
        if (event.get('BridgeTechnology') === 'holding_bridge') break;
        this.#leave(channel);
        this.#bridges.set(bridge, (this.#bridges.get(bridge) ?? new Set()).add(channel));
        this.#meet(channel, Number(event.get('Timestamp')) * 1_000);
        break;
      case 'BridgeLeave':
        this.#bridges.get(bridge)?.delete(channel);
        break;
      case 'BridgeDestroy':
        this.#bridges.delete(bridge);
        break;
      case 'Hangup':
        this.#leave(channel);
        break;
      default:
    }
  }

  #leave(channel: string): void {
    for (const members of this.#bridges.values()) members.delete(channel);
  }

  #meet(from: string, at: number): void {
    const company = this.#reach(from);
    const agent = company.map((name) => AGENT.exec(name)?.[1]).find((name) => name !== undefined);
    if (agent === undefined) return;
    for (const name of company) {
      const call = this.#callOf.get(name);
      if (call !== undefined && !this.#meetings.has(call)) this.#meetings.set(call, { at, agent });
    }
  }

  #reach(from: string): readonly string[] {
    const found = new Set([from]);
    for (const name of found) {
      for (const members of this.#bridges.values()) if (members.has(name)) for (const one of members) found.add(one);
      const half = LOCAL_HALF.exec(name);
      if (half !== null) found.add(`${half[1]};${half[2] === '1' ? '2' : '1'}`);
    }
    return [...found];
  }
}

import { describe, expect, it } from 'vitest';
import type { DialogRecord } from '../guard/journal.ts';
import type { DialerLeg, DialerLegEvents } from './dialer-leg.ts';
import type { ServerResponse, SipMessage, SipRequest } from './drachtio-srf.ts';
import type { LegDialog } from './leg-dialog.ts';
import { createReplaceableLeg } from './replaceable-leg.ts';
import type { Replaces } from './replaces.ts';

const record = (callId: string) => ({ callId, localTag: 'ours', remoteTag: 'theirs' }) as DialogRecord;
const naming = (callId: string): Replaces => ({ callId, toTag: 'ours', fromTag: 'theirs', earlyOnly: false });
const message = {} as SipRequest;

/** A leg of which every dialog is made of notes, and its events. */
function notedLeg() {
  const notes: string[] = [];
  const dialogs: DialerLegEvents[] = [];
  const note =
    (what: string) =>
    (..._parts: unknown[]) =>
      void notes.push(what);
  const newLeg = (_request: SipRequest, _response: ServerResponse, events: DialerLegEvents): DialerLeg => {
    const own = dialogs.push(events);
    return {
      isReliable: false,
      provisional: note(`provisional in ${own}`),
      answer: note(`answer in ${own}`),
      refuse: note(`refuse in ${own}`),
      end: (headers) => {
        notes.push(`end of ${own}: ${headers.Reason}`);
        return true;
      },
      dialog: () => ({ id: String(own) }) as LegDialog,
      connectionReturned: note(`connection of ${own}`),
    };
  };
  const events: DialerLegEvents = {
    cancelled: note('cancelled'),
    confirmed: note('confirmed'),
    acknowledged: note('acknowledged'),
    hungUp: note('hung up'),
    lost: note('lost'),
    modified: note('modified'),
    modificationAcknowledged: note('modification acknowledged'),
    updated: note('updated'),
    describedInPrack: note('described in PRACK'),
    relayed: note('relayed'),
    failed: note('failed'),
  };
  const response = (to: number) =>
    ({ send: (status: number) => notes.push(`${status} in ${to}`) }) as unknown as ServerResponse;
  const leg = createReplaceableLeg(newLeg, message, response(1), events);
  dialogs[0]?.confirmed(record('one'));
  const replace = () => {
    const dialog = dialogs.length + 1;
    leg.replace(message, response(dialog), { headers: {}, sdp: '' }, ({ callId }) => notes.push(`taken: ${callId}`));
    return dialogs[dialog - 1] as DialerLegEvents;
  };
  notes.length = 0;
  return { leg, notes, response, first: dialogs[0] as DialerLegEvents, replace };
}

describe('a dialer’s leg whose dialog is replaced', () => {
  it('has the new dialog before the old one is ended, and hears of the old one no more (RFC 3891 §3)', () => {
    const { leg, notes, response, first, replace } = notedLeg();
    expect(leg.named(naming('one'))).toBe('confirmed');
    const second = replace();
    second.confirmed(record('two'));
    expect(notes.splice(0)).toEqual([
      'answer in 2',
      'taken: two',
      'end of 1: Q.850;cause=16;text="replaced by another dialog"',
    ]);
    expect([leg.named(naming('one')), leg.named(naming('two')), leg.named(naming('three'))]).toEqual([
      'terminated',
      'confirmed',
      null,
    ]);
    expect(leg.dialog()?.id).toBe('2');

    first.hungUp({} as SipMessage, null);
    first.lost(null);
    first.acknowledged('');
    first.modificationAcknowledged(message);
    expect(notes).toEqual([]);
    first.modified(message, response(1));
    first.relayed(message, response(1));
    expect(notes.splice(0)).toEqual(['481 in 1', '481 in 1']);
    second.acknowledged('');
    second.modified(message, response(2));
    second.hungUp({} as SipMessage, null);
    expect(notes.splice(0)).toEqual(['acknowledged', 'modified', 'hung up']);
    leg.end({ Reason: 'over' });
    expect(notes).toEqual(['end of 2: over']);
  });

  it('is asked nothing, and asks nothing, while the new INVITE is answered', () => {
    const { leg, notes, response, first, replace } = notedLeg();
    replace();
    expect(leg.dialog()).toBeNull();
    first.modified(message, response(1));
    first.relayed(message, response(1));
    expect(notes).toEqual(['answer in 2', '491 in 1', '491 in 1']);
  });

  it('stays as it was when the new INVITE is cancelled first', () => {
    const { leg, notes, first, replace } = notedLeg();
    replace().cancelled(null);
    expect(leg.dialog()?.id).toBe('1');
    first.hungUp({} as SipMessage, null);
    expect(notes).toEqual(['answer in 2', 'hung up']);
  });

  it('whose call ends meanwhile ends both, and takes nothing', () => {
    const { leg, notes, first, replace } = notedLeg();
    const second = replace();
    first.hungUp({} as SipMessage, null);
    leg.end({ Reason: 'over' });
    second.confirmed(record('two'));
    second.acknowledged('');
    second.hungUp({} as SipMessage, null);
    expect(notes).toEqual(['answer in 2', 'hung up', 'end of 2: over', 'end of 1: over']);
  });

  it('remembers its last eight dialogs as terminated, so that a dialer without end takes no memory', () => {
    const { leg, replace } = notedLeg();
    for (let dialog = 0; dialog < 10; dialog++) replace().confirmed(record(`later-${dialog}`));
    expect(leg.named(naming('one'))).toBeNull();
    expect(leg.named(naming('later-0'))).toBeNull();
    expect(leg.named(naming('later-1'))).toBe('terminated');
    expect(leg.named(naming('later-9'))).toBe('confirmed');
  });
});

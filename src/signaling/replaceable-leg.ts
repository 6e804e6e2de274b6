/**
 * The leg towards the dialer, whose dialog a new INVITE of the dialer's may take the place of (RFC 3891): for the call it
 * stays one leg. The old dialog is ended by us, and what is said in it from then on concerns nobody.
 */
import type { DialogRecord } from '../guard/journal.ts';
import type { DialerLeg, DialerLegEvents } from './dialer-leg.ts';
import type { ServerResponse, SipRequest } from './drachtio-srf.ts';
import { isNamed, type ReplacedDialog, type Replaces } from './replaces.ts';

/** The leg. */
export type ReplaceableLeg = DialerLeg & {
  /** Whether a dialog of the leg is named. */
  named(replaces: Replaces): ReplacedDialog;
  /**
   * Answers an INVITE with 200, in place of the dialog that is up; `taken` comes with the new dialog, before the old one
   * has its BYE. When the INVITE is over first (CANCEL) nothing changes.
   */
  replace(
    request: SipRequest,
    response: ServerResponse,
    answer: { readonly headers: Record<string, string>; readonly sdp: string },
    taken: (dialog: DialogRecord) => void,
  ): void;
};

/** Ended dialogs of one call that are remembered as such: 603 in place of 481. */
const TERMINATED_MAX = 8;

/** What the old dialog's BYE says. */
const REPLACED_REASON = 'Q.850;cause=16;text="replaced by another dialog"';

/** The place of a dialog in the leg. */
type Place = { is: 'next' | 'current' | 'former' };

/**
 * The leg of an INVITE that was just received.
 *
 * @param newLeg makes a leg of one dialog
 */
export function createReplaceableLeg(
  newLeg: (request: SipRequest, response: ServerResponse, events: DialerLegEvents) => DialerLeg,
  invite: SipRequest,
  response: ServerResponse,
  events: DialerLegEvents,
): ReplaceableLeg {
  let place: Place = { is: 'current' };
  let dialog: DialogRecord | null = null;
  let next: DialerLeg | null = null;
  let isOver = false;
  const terminated: DialogRecord[] = [];
  let current = newLeg(invite, response, eventsAt(place, confirmed));

  return {
    get isReliable() {
      return current.isReliable;
    },
    provisional: (...parts) => current.provisional(...parts),
    answer: (...parts) => current.answer(...parts),
    refuse: (...parts) => current.refuse(...parts),
    dialog: () => (next === null ? current.dialog() : null),
    end(headers) {
      isOver = true;
      next?.end(headers);
      return current.end(headers);
    },
    connectionReturned() {
      current.connectionReturned();
      next?.connectionReturned();
    },
    named(replaces) {
      if (dialog !== null && isNamed(replaces, dialog)) return 'confirmed';
      return terminated.some((one) => isNamed(replaces, one)) ? 'terminated' : null;
    },
    replace,
  };

  function confirmed(record: DialogRecord): void {
    dialog = record;
    events.confirmed(record);
  }

  function replace(
    request: SipRequest,
    reply: ServerResponse,
    answer: { readonly headers: Record<string, string>; readonly sdp: string },
    taken: (dialog: DialogRecord) => void,
  ): void {
    const newPlace: Place = { is: 'next' };
    const leg = newLeg(
      request,
      reply,
      eventsAt(newPlace, (record) => {
        // The call has ended meanwhile: this dialog has its BYE upon its ACK.
        if (isOver) return;
        const former = current;
        place.is = 'former';
        newPlace.is = 'current';
        [place, current, next] = [newPlace, leg, null];
        if (dialog !== null) terminated.push(dialog);
        if (terminated.length > TERMINATED_MAX) terminated.shift();
        dialog = record;
        taken(record);
        former.end({ Reason: REPLACED_REASON });
      }),
    );
    next = leg;
    try {
      leg.answer(answer.headers, answer.sdp);
    } catch (thrown) {
      next = null;
      throw thrown;
    }
  }

  /** The events of a dialog, as long as they concern the call. */
  function eventsAt(where: Place, onConfirmed: (record: DialogRecord) => void): DialerLegEvents {
    const current = <A extends unknown[]>(listener: (...parts: A) => void) => {
      return (...parts: A) => {
        if (where.is === 'current') listener(...parts);
      };
    };
    /** Nothing is asked while the dialogs change places. */
    const asked = <A extends unknown[]>(
      listener: (request: SipRequest, response: ServerResponse, ...rest: A) => void,
    ) => {
      return (request: SipRequest, response: ServerResponse, ...rest: A) => {
        if (where.is === 'former') response.send(481, undefined, {});
        else if (next !== null) response.send(491, undefined, {});
        else listener(request, response, ...rest);
      };
    };
    return {
      cancelled(cancel) {
        if (where.is === 'next') next = null;
        else current(events.cancelled)(cancel);
      },
      confirmed: onConfirmed,
      acknowledged: current(events.acknowledged),
      hungUp: current(events.hungUp),
      lost: current(events.lost),
      modified: asked(events.modified),
      modificationAcknowledged: current(events.modificationAcknowledged),
      updated: asked(events.updated),
      describedInPrack: current(events.describedInPrack),
      relayed: asked(events.relayed),
      failed: events.failed,
    };
  }
}

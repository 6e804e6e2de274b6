/** The messages that told callees who called: how many began, how much of them was heard, who opted out of them. Pure. */
import { inTextOrder } from '../../base/text-order.ts';
import type { OutcomeRecord } from '../../policy/outcome-record.ts';

/** What a report looks at of a call's message. */
export type ReportedAnnouncement = Pick<
  NonNullable<OutcomeRecord['announcement']>,
  'name' | 'text' | 'sha256' | 'complete' | 'optOut'
>;

/** How far messages came. */
export type HeardFigures = {
  /** Calls in which one was begun. */
  readonly calls: number;
  /** Of these: played to its end. */
  readonly whole: number;
  /** Of these: not; somebody hung up, or the key was pressed, or a crash cut the call off. */
  readonly partly: number;
};

/** All of a period's. */
export type AnnouncementFigures = HeardFigures & {
  /** Calls in which the key was pressed that says never again, by that key. */
  readonly optOuts: Readonly<Record<string, number>>;
  /** Each recording with what it is said to say, in the order of the recordings' hashes. */
  readonly messages: readonly (HeardFigures & {
    readonly sha256: string;
    readonly name: string;
    readonly text: string;
    readonly optOuts: number;
  })[];
};

/** Adds messages up. */
export type AnnouncementCounts = { add(announcement: ReportedAnnouncement): void; figures(): AnnouncementFigures };

type Message = Pick<ReportedAnnouncement, 'sha256' | 'name' | 'text'> & { whole: number; partly: number; keys: number };

/** None yet; what it holds grows with the number of different messages alone. */
export function createAnnouncementCounts(): AnnouncementCounts {
  const messages = new Map<string, Message>();
  const optOuts: Record<string, number> = {};

  return {
    add({ sha256, name, text, complete, optOut }) {
      const key = JSON.stringify([sha256, name, text]);
      const known = messages.get(key) ?? { sha256, name, text, whole: 0, partly: 0, keys: 0 };
      messages.set(key, known);
      if (complete) known.whole++;
      else known.partly++;
      if (optOut === null) return;
      known.keys++;
      optOuts[optOut.digit] = (optOuts[optOut.digit] ?? 0) + 1;
    },
    figures() {
      const all = [...messages].sort(([one], [other]) => inTextOrder(one, other)).map(([, message]) => message);
      const whole = all.reduce((sum, one) => sum + one.whole, 0);
      const partly = all.reduce((sum, one) => sum + one.partly, 0);
      return {
        ...{ calls: whole + partly, whole, partly },
        optOuts: Object.fromEntries(Object.entries(optOuts).sort(([one], [other]) => inTextOrder(one, other))),
        messages: all.map(({ keys, ...one }) => ({ ...one, calls: one.whole + one.partly, optOuts: keys })),
      };
    },
  };
}

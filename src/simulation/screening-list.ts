/** What the opposition register said of the numbers of a list, each time it was asked. Pure. */
import type { WallMs } from '../base/clock.ts';
import type { NumberHistory } from '../policy/rules/standing.ts';
import type { CampaignScenario } from './scenario.ts';

/** A campaign's cleared list. */
export type ScreeningList = {
  /** On some days the list is taken to the register. @param day of the simulation, from 0 */
  dayBegins(day: number, beginsAt: WallMs): void;
  of(number: number): NumberHistory['screening'];
};

/** 2³² over the golden ratio: numbers beside each other come to lie far apart (Knuth, TAOCP 6.4). */
const SPREAD = 2_654_435_769;

/** A list that was not taken to the register yet; the same numbers are cleared each time. */
export function createScreening({ cleared, checkedEveryDays }: CampaignScenario['list']): ScreeningList {
  let yes: NumberHistory['screening'] = null;
  let no: NumberHistory['screening'] = null;
  return {
    dayBegins(day, beginsAt) {
      if (checkedEveryDays === null || day % checkedEveryDays !== 0) return;
      yes = { cleared: true, checkedAt: beginsAt, list: 'simulated' };
      no = { ...yes, cleared: false };
    },
    of: (number) => ((Math.imul(number + 1, SPREAD) >>> 0) / 2 ** 32 < cleared ? yes : no),
  };
}

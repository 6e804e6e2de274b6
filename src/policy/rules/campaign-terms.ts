/** What the settings say of one campaign, complete: its own values, or those of `campaigns` for all. */
import type { CallLimits } from '../jurisdictions/admission-law.ts';
import type { MachineFalsePositive } from '../machine-estimate.ts';
import type { LegalRule, RuleMode } from './ruling.ts';

/** The register of the whole installation; no controller has this name, since it is none that the settings take. */
export const WHOLE_INSTALLATION = '*';

/** The terms one campaign is held to. Plain data. */
export type CampaignTerms = {
  readonly campaign: string;
  /** The controller (titolare) the calls are made for; locks, opt-outs, screening and frequency are counted for it. */
  readonly controller: string;
  /** In which register of recalls and opt-outs its numbers are: the controller's name, or {@link WHOLE_INSTALLATION}. */
  readonly lockScope: string;
  readonly modes: Readonly<Record<LegalRule, RuleMode>>;
  /** Number under which the operator stands in the ROC register, or null. */
  readonly roc: string | null;
  /** Caller ids that are declared for it, E.164, exact, or a beginning with `*` after it; empty: none declared. */
  readonly callerIds: readonly string[];
  /** First and last local day, `YYYY-MM-DD`, or null. */
  readonly startsOn: string | null;
  readonly endsOn: string | null;
  /** Calls to one number, of this campaign or of the controller; null: no limit. */
  readonly frequency: CallLimits;
  /** What of reported machines were people, where the law has them in its ratio; null: no estimate. */
  readonly machineFalsePositive: MachineFalsePositive | null;
  readonly hours: {
    /** Holidays of a region besides the country's, such as `25` (Lombardy) for date-holidays; null: none. */
    readonly region: string | null;
    /** Patron saints' days and the like, `MM-DD`. */
    readonly extraHolidays: readonly string[];
  };
  /** How long a call may ring, ms: after it Brusio gives up; until then it may be answered. */
  readonly ringLimitMs: number;
  /**
   * `trust`: an INVITE that names a reserved agent passes the abandonment budget; `count`: only one whose agent is on the
   * line does, so that no promise that is not kept can breach a limit.
   */
  readonly promisedAgents: 'trust' | 'count';
};

/** The opposition register's cleared lists, as the HTTP API and the command line import and see them. */
import type { WallMs } from '../base/clock.ts';
import type { Result } from '../base/result.ts';
import type { ListFindings } from '../policy/screening/list-findings.ts';
import type { NumberForm } from '../policy/screening/list-layout.ts';

/** A list to import. */
export type ImportRequest = {
  /** Whom it was cleared for (titolare): it takes the place of the list this controller had. */
  readonly controller: string;
  /** When the register gave its answer. */
  readonly checkedAt: WallMs;
  /** For the records; null: it has none. */
  readonly fileName: string | null;
  readonly form: NumberForm;
  readonly column: string | null;
};

/** How far an import is. */
export type ImportProgress = {
  readonly phase: 'reading' | 'writing';
  /** Octets of the file, as it came. */
  readonly octets: number;
  readonly lines: number;
  readonly numbers: number;
  /** Numbers in the database so far. */
  readonly written: number;
};

/** A list in force. */
export type ScreeningList = {
  readonly list: string;
  readonly controller: string;
  readonly checkedAt: WallMs;
  /** From then on the law lets nobody use it. */
  readonly expiresAt: WallMs;
  readonly importedAt: WallMs;
  readonly numbers: number;
  /** Of the file, hexadecimal. */
  readonly sha256: string;
  readonly fileName: string | null;
  /** Of the key under which its numbers are digested. */
  readonly keyId: string;
};

/** A list that was imported and is in force. */
export type ImportReport = ScreeningList & {
  readonly findings: ListFindings;
  /** The list it took the place of. */
  readonly replaced: Pick<ScreeningList, 'list' | 'numbers' | 'checkedAt'> | null;
};

/** What a controller's list says of a number. */
export type ScreeningAnswer = { readonly cleared: boolean; readonly list: ScreeningList };

/** Lists of cleared numbers. All reject with AppError `store.…` when the database fails. */
export type Screening = {
  /**
   * Reads the list to its end, then puts it in the place of the controller's earlier one, in one step; whatever goes wrong
   * leaves the earlier one. A refusal says in one sentence what is wrong with the list. Rejects with what `octets` rejects
   * with, and with AppError `store.import-busy` while another list is imported.
   *
   * @param octets each piece is read before the next is asked for
   */
  import(
    request: ImportRequest,
    octets: AsyncIterable<Uint8Array>,
    onProgress: (progress: ImportProgress) => void,
  ): Promise<Result<ImportReport, ImportRefusal>>;
  /**
   * Takes the controller's list out of force, as if none had been imported; null: it has none. The one before it is gone since
   * its import.
   *
   * @param reference why, for the ledger
   */
  remove(controller: string, reference: string | null): Promise<ScreeningList | null>;
  /** The lists in force, in the order of their controllers' names. */
  lists(): Promise<readonly ScreeningList[]>;
  /** Null: the controller has no list. */
  check(controller: string, number: string): Promise<ScreeningAnswer | null>;
};

/** Why a list was not imported; `findings` when it was read to its end. */
export type ImportRefusal = { readonly reason: string; readonly findings: ListFindings | null };

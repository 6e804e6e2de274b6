/** The report of a reconciliation, to the terminal and to a folder. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toIso, type WallMs } from '../../base/clock.ts';
import { maskNumber } from '../../base/redact.ts';
import type { PeriodEffect } from '../../ledger/reconcile/campaign-effects.ts';
import type { CdrFindings } from '../../ledger/reconcile/cdr-reader.ts';
import type { Difference, DifferenceKind } from '../../ledger/reconcile/difference.ts';
import {
  DIFFERENCE_COLUMNS,
  differenceFields,
  differenceJson,
  differenceText,
} from '../../ledger/reconcile/difference-lines.ts';
import type { CdrMapping } from '../../ledger/reconcile/mapping.ts';
import type { Reconciliation } from '../../ledger/reconcile/reconciliation.ts';
import { type ReportSubject, reportText, warnings } from '../../ledger/reconcile/report-text.ts';
import { type CsvStyle, csvLine } from '../../ledger/report/csv.ts';

/** Differences of each kind that a person is shown; all are in the CSV. */
const EXAMPLES_MAX = 20;
/** Differences in the JSON; all are in the CSV. */
const JSON_DIFFERENCES_MAX = 50_000;
/** For programs first. */
const STYLE: CsvStyle = { separator: ',', decimal: '.' };
/** Differences whose numbers are asked for at once. */
const BATCH = 500;

/** What is written, and where numbers come from. */
export type ReportParts = {
  readonly subject: ReportSubject;
  readonly mapping: CdrMapping;
  readonly findings: CdrFindings;
  readonly result: Reconciliation;
  readonly effects: readonly PeriodEffect[];
  /** Of the file, by its place. */
  readonly numberAt: (place: number) => string;
  /** Those of Brusio's calls that are still kept. */
  readonly numbersOf: (callIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly showNumbers: boolean;
};

/** Writes the folder, where one is wanted; answers what goes to standard output. */
export async function writeReport(parts: ReportParts, out: string | null, asJson: boolean): Promise<string> {
  const { subject, findings, result, effects } = parts;
  if (out !== null) await mkdir(out, { recursive: true });
  const csv = out === null ? null : createWriteStream(join(out, 'differences.csv'), { mode: 0o600 });
  await csv?.write(csvLine(DIFFERENCE_COLUMNS, STYLE));
  const examples = new Map<DifferenceKind, string[]>();
  const listed: Record<string, unknown>[] = [];
  let told = 0;
  for await (const [difference, number] of withNumbers(parts)) {
    told += 1;
    if (csv !== null && !csv.write(csvLine(differenceFields(difference, number), STYLE))) await once(csv, 'drain');
    if (listed.length < JSON_DIFFERENCES_MAX) listed.push(differenceJson(difference, number));
    for (const kind of difference.kinds) {
      const lines = examples.get(kind) ?? [];
      examples.set(kind, lines);
      if (lines.length < EXAMPLES_MAX) lines.push(differenceText(difference, number));
    }
  }
  if (csv !== null) {
    csv.end();
    await once(csv, 'finish');
  }
  const text = reportText(subject, findings, result, effects, examples);
  const json = `${JSON.stringify(jsonOf(parts, listed, told), null, 2)}\n`;
  if (out !== null) {
    await writeFile(join(out, 'reconciliation.txt'), text, { mode: 0o600 });
    await writeFile(join(out, 'reconciliation.json'), json, { mode: 0o600 });
  }
  return asJson ? json : text;
}

/** Each difference with its number: the file's, or that of Brusio's call as long as it is kept; masked unless it is to be shown. */
async function* withNumbers(parts: ReportParts): AsyncGenerator<readonly [Difference, string | null]> {
  const shown = (number: string | undefined) =>
    number === undefined ? null : parts.showNumbers ? number : maskNumber(number);
  let batch: Difference[] = [];
  async function* flushed(): AsyncGenerator<readonly [Difference, string | null]> {
    const unknown = batch.flatMap(({ number, callId }) => (number === null && callId !== null ? [callId] : []));
    const numbers = unknown.length === 0 ? new Map<string, string>() : await parts.numbersOf(unknown);
    for (const difference of batch) {
      const { number, callId } = difference;
      yield [difference, shown(number === null ? numbers.get(callId ?? '') : parts.numberAt(number))];
    }
    batch = [];
  }
  for (const difference of parts.result.differences()) {
    batch.push(difference);
    if (batch.length >= BATCH) yield* flushed();
  }
  yield* flushed();
}

function jsonOf(parts: ReportParts, differences: readonly unknown[], told: number): Record<string, unknown> {
  const { subject, mapping, findings, result, effects } = parts;
  const { period } = subject;
  const { told: malformedRows, span: _span, ...file } = findings;
  return {
    file: { name: subject.fileName, sha256: subject.sha256, ...file, malformedRows },
    mapping,
    period: { from: toIso(period.from as WallMs), to: toIso(period.to as WallMs), isGiven: period.isGiven },
    brusio: { ...subject.brusio, outside: result.outside.brusio },
    clock: { offsetMs: result.offsetMs, estimated: result.clock, answerLagMs: result.answerLagMs },
    matched: result.matched,
    alike: result.alike,
    matchedByCallId: result.byCallId,
    outside: result.outside.carrier,
    parted: result.parted,
    warnings: warnings(findings, result),
    kinds: result.kinds,
    coding: result.coding,
    days: result.days,
    effects,
    unattributed: result.unattributed,
    differences,
    differencesLeftOut: told - differences.length,
  };
}

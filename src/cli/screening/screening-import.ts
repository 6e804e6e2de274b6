/** `brusio screening import`. */
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { systemClock, toIso } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import { homeJurisdiction } from '../../config/campaign-jurisdictions.ts';
import type { ImportProgress, ImportReport, ImportRequest } from '../../guard/screening-port.ts';
import { listDaysMaxOf } from '../../policy/rules/screening.ts';
import { readCheckedAt } from '../../policy/screening/checked-at.ts';
import type { ListFindings } from '../../policy/screening/list-findings.ts';
import { NUMBER_FORMS } from '../../policy/screening/list-layout.ts';
import { progressLine } from '../progress-line.ts';
import {
  knownControllers,
  openScreening,
  type ScreeningArguments,
  screeningArguments,
  WrongUsage,
} from './screening-arguments.ts';

/** Octets of the file that are read at once. */
const PIECE_OCTETS = 256 * 1024;

/** Runs it; the exit status. */
export async function importList(argv: readonly string[]): Promise<number> {
  const given = screeningArguments(argv, ['controller', 'checked-at', 'column', 'numbers']);
  if (typeof given === 'number') return given;
  const { settings, asJson } = given;
  const [path, ...more] = given.positionals;
  if (path === undefined || more.length > 0) throw new WrongUsage('import takes one file');
  const request = requestOf(path, given);
  if (!knownControllers(settings).has(request.controller)) {
    process.stderr.write(
      `brusio screening: no campaign of the settings has the controller "${request.controller}": this list is for none of them\n`,
    );
  }
  const file = path === '-' ? null : await openList(path);
  if (file === undefined) return 1;
  const size = file === null ? null : (await file.stat()).size;
  const screening = await openScreening(settings);
  const line = progressLine(process.stderr, systemClock);
  const result = await screening.import(request, file === null ? process.stdin : octetsOf(file), (progress) =>
    line.tell(() => progressText(progress, size)),
  );
  line.end();
  await file?.close();

  const answer = result.ok ? result.value : { refused: result.problem.reason, findings: result.problem.findings };
  if (asJson) {
    process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  } else if (result.ok) {
    process.stdout.write(reportText(result.value));
  } else {
    const { reason, findings } = result.problem;
    complain(reason);
    if (findings !== null) process.stderr.write(findingsText(findings));
  }
  return result.ok ? 0 : 1;
}

/** Undefined, after it was said why, where there is no such file. */
async function openList(path: string): Promise<FileHandle | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    if (!(await file.stat()).isDirectory()) return file;
    complain(`${path} is a folder`);
  } catch (thrown) {
    complain(`${path} cannot be read: ${describeError(thrown)}`);
  }
  await file?.close();
  return undefined;
}

function complain(reason: string): void {
  process.stderr.write(`brusio screening: not imported, the earlier list stays: ${reason}\n`);
}

/** Into one buffer again and again: each piece is good until the next is asked for. */
async function* octetsOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.alloc(PIECE_OCTETS);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

function requestOf(path: string, given: ScreeningArguments): ImportRequest {
  const { controller, column, settings } = given;
  if (controller === null || controller === '') throw new WrongUsage('import needs --controller');
  if (given.checkedAt === null) throw new WrongUsage('import needs --checked-at');
  const form = NUMBER_FORMS.find((one) => one === (given.form ?? 'auto'));
  if (form === undefined) throw new WrongUsage(`--numbers ${given.form}: one of ${NUMBER_FORMS.join(', ')}`);
  const { timeZone, admission } = homeJurisdiction(settings);
  const checkedAt = readCheckedAt(given.checkedAt, {
    timeZone,
    listDaysMax: listDaysMaxOf(admission),
    now: systemClock.now().wallMs,
  });
  if (!checkedAt.ok) throw new WrongUsage(`--checked-at: ${checkedAt.problem}`);
  return { controller, checkedAt: checkedAt.value, fileName: path === '-' ? null : basename(path), form, column };
}

function reportText(report: ImportReport): string {
  const { controller, numbers, checkedAt, expiresAt, list, sha256, keyId, replaced, findings } = report;
  return (
    `${counted(numbers, 'number')} cleared for "${controller}", checked ${toIso(checkedAt)}, to be used until ${toIso(expiresAt)}\n` +
    findingsText(findings) +
    (replaced === null
      ? '  the first list of this controller\n'
      : `  in the place of ${counted(replaced.numbers, 'number')} checked ${toIso(replaced.checkedAt)}\n`) +
    `  list ${list}, SHA-256 of the file ${sha256}, key ${keyId}\n`
  );
}

function findingsText({ lines, duplicates, malformed, layout }: ListFindings): string {
  const { column, heading, separator, withCountryCode } = layout;
  const where = [
    `column ${column + 1}${heading === null ? '' : ` "${heading}"`}`,
    separator === null ? 'one a line' : `separated by ${JSON.stringify(String.fromCharCode(separator))}`,
    ...(withCountryCode ? ['digits begin with the country code'] : []),
  ];
  return (
    `  ${counted(lines, 'line')}, read as: ${where.join(', ')}\n` +
    tail(duplicates.count, 'line repeats a number', 'lines repeat a number', duplicates.first.map(String)) +
    tail(
      malformed.count,
      'line without a number was left out',
      'lines without a number were left out',
      malformed.first.map(({ line, problem }) => `${line} ${problem}`),
    )
  );
}

function tail(count: number, one: string, many: string, first: readonly string[]): string {
  if (count === 0) return '';
  const rest = count > first.length ? ', …' : '';
  return `  ${count.toLocaleString('en')} ${count === 1 ? one : many}: ${first.join(', ')}${rest}\n`;
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}

function progressText({ phase, octets, numbers, written }: ImportProgress, size: number | null): string {
  const count = (of: number) => of.toLocaleString('en');
  if (phase === 'writing') return `writing ${count(written)} of ${count(numbers)} numbers`;
  const share = size === null || size === 0 ? '' : ` (${Math.floor((100 * octets) / size)} %)`;
  return `reading: ${count(numbers)} numbers${share}`;
}

/** `brusio opt-out`: numbers whose person wants no more calls, told by hand. */
import { systemClock, toIso } from '../../base/clock.ts';
import { campaignTerms } from '../../config/campaign-terms.ts';
import type { Settings } from '../../config/settings.ts';
import { createOptOutDesk } from '../../guard/opt-out-desk.ts';
import type { OptOutDesk, OptOutPage } from '../../guard/opt-out-port.ts';
import type { OptOutRow } from '../../ledger/opt-out.ts';
import { WHOLE_INSTALLATION } from '../../policy/rules/campaign-terms.ts';
import { bindsCall } from '../../policy/rules/opt-out.ts';
import { isTelephoneNumber } from '../../policy/telephone-number.ts';
import { optOutStoreOn } from '../../store/opt-outs/opt-out-orders.ts';
import { COMMAND_CHAIN } from './erase.ts';
import { type PeopleArguments, WrongUsage, withPeopleArguments } from './people-arguments.ts';
import { settingsNumbers, withDatabase } from './settings-database.ts';

const USAGE = `usage: brusio opt-out add --number NUMBER [--controller NAME] [--reference TEXT]
       brusio opt-out add --call ID [--reference TEXT]
       brusio opt-out remove --number NUMBER [--controller NAME] --reference TEXT
       brusio opt-out check --number NUMBER [--controller NAME]
       brusio opt-out list

Numbers whose person said never again: the rule opt-out refuses them. A key that is pressed in a message is written down by Brusio
itself; this is for letters, for what an agent was told, and for what was wrong. Numbers are kept as digests alone, without end, and
each action but check and list is an entry of the ledger. Works beside a running Brusio.

  --number NUMBER     however it is written: +393331234567, 00393331234567, 3331234567
  --controller NAME   whose calls are not wanted; without it those of the whole installation
  --call ID           the number and the controller of a guarded call, by its id or the Call-ID of its dialer's leg
  --reference TEXT    where that can be looked up; of a removal, why
  --json              the answer as JSON
  --config FILE       settings that name the database, the number plan and the key of the digests

Exit status: 0 done, or the number may be called; 1 not done, or it opted out; 64 wrong usage; 78 wrong settings.
`;

/** Opt-outs that `list` reads at once. */
const PAGE = 1_000;
const REFERENCE = /^[^\p{Cc}]{1,128}$/u;

/** Runs the command with the arguments after its name; the exit status. */
export function optOut(argv: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const options = { number: text, controller: text, call: text, reference: text, json: { type: 'boolean' } } as const;
  return withPeopleArguments(argv, USAGE, options, async (given) => {
    const [action, ...rest] = given.positionals;
    if (rest.length > 0) throw new WrongUsage(`what is "${rest.join(' ')}"?`);
    const run = action === undefined ? undefined : ACTIONS[action];
    if (run === undefined) throw new WrongUsage(action === undefined ? 'say what to do' : `no action "${action}"`);
    const work = run(given);
    return withDesk(given.settings, work);
  });
}

type Work = (desk: OptOutDesk) => Promise<number>;

/** What each takes of the arguments is checked before the database is opened. */
const ACTIONS: Readonly<Record<string, (given: PeopleArguments) => Work>> = { add, remove, check, list };

function add(given: PeopleArguments): Work {
  const { number, controller, call } = given.values;
  const reference = referenceOf(given);
  if ((number === undefined) === (call === undefined)) throw new WrongUsage('add takes --number or --call');
  if (typeof call === 'string') {
    if (controller !== undefined) throw new WrongUsage('a call has its own controller');
    return async (desk) => {
      const added = await desk.addOfCall(call, reference);
      if (added === null) return refuse(`there is no guarded call "${call}"`);
      return told(given, [added], 'written down');
    };
  }
  const [whose, who] = [controllerOf(given), numberOf(given)];
  return async (desk) => told(given, [await desk.add(who, whose, reference)], 'written down');
}

function remove(given: PeopleArguments): Work {
  without(given, 'call');
  const [who, whose, reference] = [numberOf(given), controllerOf(given), referenceOf(given)];
  if (reference === null) throw new WrongUsage('remove needs --reference: why');
  return async (desk) => {
    const removed = await desk.remove(who, whose, reference);
    if (removed.length > 0) return told(given, removed, 'taken back');
    const others = (await desk.of(who)).map(nameOf);
    const known = others.length === 0 ? 'it has none' : `it has one of ${[...new Set(others)].join(', ')}`;
    return refuse(`the number has no opt-out of ${whose ?? 'the whole installation'}: ${known}`);
  };
}

function check(given: PeopleArguments): Work {
  without(given, 'call', 'reference');
  const [who, controller] = [numberOf(given), controllerOf(given)];
  const { lockScope } = campaignTerms(given.settings)('');
  const terms = { controller: controller ?? '', lockScope: lockScope === WHOLE_INSTALLATION ? lockScope : '' };
  return async (desk) => {
    const found = (await desk.of(who)).filter(({ scope }) => controller === null || bindsCall(scope, terms));
    await told(given, found, 'opted out');
    if (found.length === 0 && given.values.json !== true) process.stdout.write('no opt-out\n');
    return found.length === 0 ? 0 : 1;
  };
}

function list(given: PeopleArguments): Work {
  without(given, 'number', 'controller', 'call', 'reference');
  return async (desk) => {
    let [count, before]: [number, OptOutPage['before']] = [0, null];
    for (;;) {
      const page = await desk.page({ before, most: PAGE });
      await told(given, page, 'opted out');
      count += page.length;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) break;
      before = last;
    }
    if (given.values.json !== true) process.stdout.write(`${count.toLocaleString('en')} opt-outs\n`);
    return 0;
  };
}

/** One line each, or one JSON object. */
async function told({ values: { json } }: PeopleArguments, rows: readonly OptOutRow[], what: string): Promise<number> {
  for (const row of rows) {
    const { at, source, digest, callId, reference, chain, seq } = row;
    const shown = {
      controller: row.scope === WHOLE_INSTALLATION ? null : row.scope,
      digest,
      at: toIso(at),
      source,
      callId,
      reference,
    };
    const parts = [toIso(at), what, nameOf(row), `by ${source}`, `digest ${digest}`];
    if (callId !== null) parts.push(`call ${callId}`);
    if (reference !== null) parts.push(`reference ${reference}`);
    const text = json === true ? JSON.stringify(shown) : [...parts, `${chain} ${seq}`].join('  ');
    process.stdout.write(`${text}\n`);
  }
  return 0;
}

function nameOf({ scope }: OptOutRow): string {
  return scope === WHOLE_INSTALLATION ? 'the whole installation' : `"${scope}"`;
}

function refuse(problem: string): number {
  process.stderr.write(`brusio opt-out: ${problem}\n`);
  return 1;
}

function withDesk(settings: Settings, work: Work): Promise<number> {
  const { digests, plan } = settingsNumbers(settings);
  const isWhole = settings.policy.lockScope === 'installation';
  return withDatabase(settings, (connection) => {
    const store = optOutStoreOn(connection, COMMAND_CHAIN, systemClock);
    return work(createOptOutDesk({ store, digests, plan, liveCall: () => null, isWhole, source: 'command' }));
  });
}

function numberOf({ values: { number } }: PeopleArguments): string {
  if (typeof number !== 'string' || !isTelephoneNumber(number)) throw new WrongUsage('--number is a telephone number');
  return number;
}

function controllerOf({ values: { controller } }: PeopleArguments): string | null {
  if (typeof controller !== 'string') return null;
  if (controller === '' || controller === WHOLE_INSTALLATION)
    throw new WrongUsage('--controller names one; leave it out for the whole installation');
  return controller;
}

function referenceOf({ values: { reference } }: PeopleArguments): string | null {
  if (typeof reference !== 'string') return null;
  if (!REFERENCE.test(reference)) throw new WrongUsage('--reference has 1 to 128 characters');
  return reference;
}

function without({ positionals: [action], values }: PeopleArguments, ...names: readonly string[]): void {
  const wrong = names.find((name) => values[name] !== undefined);
  if (wrong !== undefined) throw new WrongUsage(`--${wrong} does not go with ${action}`);
}

/** `brusio clip import`. */
import { readFile, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { LEVEL_DBM0_MAX, LEVEL_DBM0_MIN } from '../../audio/clip.ts';
import { ownAnnouncement } from '../../audio/own-clip/own-announcement.ts';
import { type OwnClip, type OwnClipRequest, ownClip } from '../../audio/own-clip/own-clip.ts';
import { readSound, WAV_OCTETS_MAX } from '../../audio/own-clip/read-sound.ts';
import { describeError } from '../../base/errors.ts';
import { type Result, refused } from '../../base/result.ts';
import { readClips } from '../../config/clip-catalogue.ts';
import { clipArguments, WrongUsage } from './clip-arguments.ts';
import { ownClips, sha256, writeOwnClip } from './own-clips-folder.ts';

const LEVEL_DBM0 = -30;

/** Runs it; the exit status. */
export async function importClip(argv: readonly string[]): Promise<number> {
  const given = clipArguments(argv);
  if (typeof given === 'number') return given;
  const [path, ...more] = given.positionals;
  const { name } = given;
  if (path === undefined || more.length > 0) throw new WrongUsage('import takes one file');
  if (name === null) throw new WrongUsage('import needs --name');
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))
    throw new WrongUsage(`--name ${name}: lower-case words joined by hyphens`);

  const own = ownClips(given.ownDir);
  if (!own.ok) return complain(own.problem);
  if (!given.replace && own.value.some(({ entry }) => entry.name === name)) {
    return complain([`there is a clip ${name} in ${given.ownDir} already; --replace takes its place`]);
  }
  if (given.announcement && (given.level !== null || given.seamless))
    throw new WrongUsage('an announcement has the level of speech and is no loop: neither --level nor --seamless');
  const how = `${given.seamless ? ' --seamless' : ''}${given.announcement ? ' --announcement' : ''}`;
  const request = {
    ...{ name, title: given.title ?? basename(path, extname(path)) },
    ...{ levelDbm0: levelOf(given.level), seamless: given.seamless },
    command: `brusio clip import ${basename(path)} --name ${name}${how}`,
  };
  const made = await soundAsClip(path, request, given.announcement);
  if (!made.ok) return complain([`${path}: ${made.problem}`]);
  const written = await writeOwnClip(given.ownDir, made.value);
  if (!written.ok) return complain(written.problem);

  tellFindings(made.value.findings);
  const shipped = readClips(given.shippedDir, false);
  if (shipped.ok && shipped.value.some(({ entry }) => entry.name === name)) {
    tellFindings([`Brusio brings a clip ${name} too: yours goes before it`]);
  }
  const { durationMs, slices } = made.value.entry;
  if (given.announcement) {
    process.stdout.write(
      `${name}: ${durationMs / 1000} s, PCMA, PCMU and G722, SHA-256 ${made.value.entry.master.sha256}, in ${given.ownDir}\n` +
        `To play it: campaigns.announcement, or announcement of an entry of campaigns.named, with clip: ${name} and its text, and a new start.\n`,
    );
    return 0;
  }
  process.stdout.write(
    `${name}: ${durationMs / 1000} s, PCMA, PCMU and G722, three seconds ${slices.lowestDbm0} to ${slices.highestDbm0} dBm0, in ${given.ownDir}\n` +
      `To play it: ambience.clip, or ambience.clip of an entry of campaigns.named, "${name}", and a new start.\n`,
  );
  return 0;
}

/** A WAV file as a clip, with every step told on standard error; refused in words. */
export async function soundAsClip(
  path: string,
  request: OwnClipRequest,
  announcement: boolean,
): Promise<Result<OwnClip, string>> {
  let octets: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > WAV_OCTETS_MAX) return refused(`larger than ${WAV_OCTETS_MAX} octets`);
    octets = await readFile(path);
  } catch (thrown) {
    return refused(describeError(thrown));
  }
  const sound = readSound(octets);
  if (!sound.ok) return sound;
  if (announcement) return ownAnnouncement(sound.value, request, sha256);
  return ownClip(sound.value, request, sha256, (step) => process.stderr.write(`brusio clip: ${step}\n`));
}

/** Each warning on a line of its own. */
export function tellFindings(findings: readonly string[]): void {
  for (const finding of findings) process.stdout.write(`warning: ${finding}\n`);
}

/** Says why nothing was done; the exit status for it. */
export function complain(problems: readonly string[]): number {
  for (const problem of problems) process.stderr.write(`brusio clip: ${problem}\n`);
  return 1;
}

function levelOf(text: string | null): number {
  if (text === null) return LEVEL_DBM0;
  const level = Number(text);
  if (!/^-?\d+$/.test(text) || level < LEVEL_DBM0_MIN || level > LEVEL_DBM0_MAX) {
    throw new WrongUsage(`--level ${text}: a whole number from ${LEVEL_DBM0_MIN} to ${LEVEL_DBM0_MAX} is needed`);
  }
  return level;
}

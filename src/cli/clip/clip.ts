/** `brusio clip`: the user's own ambience clips. */
import { describeError } from '../../base/errors.ts';
import { EX_USAGE } from '../settings-argument.ts';
import { WrongUsage } from './clip-arguments.ts';
import { checkClip } from './clip-check.ts';
import { importClip } from './clip-import.ts';
import { listClips } from './clip-list.ts';

const USAGE = `usage: brusio clip import FILE.wav --name NAME [--title TEXT] [--level DBM0] [--seamless] [--replace]
       brusio clip import FILE.wav --name NAME --announcement [--title TEXT] [--replace]
       brusio clip list
       brusio clip check NAME | FILE.wav

Makes a clip of your own from a WAV file (any rate from 8 to 192 kHz, depth and number of channels, A-law and µ-law too),
and warns of what callees, exchanges or dialers would stumble over. Needs no other program; the clip is in PCMA, PCMU, G722.

  import            converts, sets the level, checks, and writes the clip into the folder of your own clips
    --name NAME     lower-case words joined by hyphens; what ambience.clip or a campaign names
    --title TEXT    what a person should read of it (default: the file's name)
    --level DBM0    level of the files, -36 to -26 (default -30); the settings set the one that is played
    --seamless      blends the last half second into the first, where the loop is heard to begin again
    --announcement  the message of a campaign, played once: 0.5 to 30 s, at the level of speech
    --replace       takes the place of a clip of this name
  list              the clips there are: name, length, use, codecs, whose, title
  check             what import would warn of, of a file, and nothing is written; or of a clip, with its files' hashes

  --config FILE     settings that say where your own clips are (ambience.clipsDir, data.dir)
  --out FOLDER      another folder of your own clips
  --help            this text

Exit status: 0 done, with warnings or without; 1 not done, or a clip's files are damaged; 64 wrong usage; 78 wrong settings.
`;

/** Runs the command with the arguments after its name; the exit status. */
export async function clip(argv: readonly string[]): Promise<number> {
  const [action, ...rest] = argv;
  if (action === '--help' || action === '-h' || rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(USAGE);
    return 0;
  }
  try {
    switch (action) {
      case 'import':
        return await importClip(rest);
      case 'list':
        return await listClips(rest);
      case 'check':
        return await checkClip(rest);
    }
  } catch (thrown) {
    if (!(thrown instanceof WrongUsage)) {
      process.stderr.write(`brusio clip: ${describeError(thrown)}\n`);
      return 1;
    }
    process.stderr.write(`brusio clip: ${thrown.message}\n\n${USAGE}`);
    return EX_USAGE;
  }
  process.stderr.write(`brusio clip: ${action === undefined ? 'say what to do' : `no action "${action}"`}\n\n${USAGE}`);
  return EX_USAGE;
}

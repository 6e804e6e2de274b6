/** Around every test: a failed one tells its story and leaves no scenario running; around every file: its working files are removed at its end. */
import { afterAll, afterEach, beforeEach } from 'vitest';
import { killSipp } from './sipp.ts';
import { beginStory, forgetWitnesses, storySince } from './story.ts';
import { removeWorkFolders } from './work-folder.ts';

let beganAtMs = 0;

beforeEach(() => {
  beganAtMs = Date.now();
  beginStory();
});

afterEach(({ task }) => {
  if (task.result?.state !== 'fail') return;
  console.log(`${task.name}\n${storySince(beganAtMs)}`);
  // A scenario that goes on would hold the addresses of the next test's.
  killSipp();
});

afterAll(() => {
  forgetWitnesses();
  removeWorkFolders();
});

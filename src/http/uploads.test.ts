import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import {
  createRequestDeadlines,
  REQUEST_TIMEOUT_MS,
  type RequestDeadlines,
  UPLOAD_MAX_MS,
  UPLOAD_PAUSE_MAX_MS,
} from './uploads.ts';

let clock: FakeClock;
let late: Socket[];
let deadlines: RequestDeadlines;
let body: PassThrough & { complete: boolean };
let request: IncomingMessage;

beforeEach(() => {
  clock = fakeClock();
  late = [];
  deadlines = createRequestDeadlines(clock, (socket) => late.push(socket));
  body = Object.assign(new PassThrough(), { complete: false, socket: {} });
  request = body as unknown as IncomingMessage;
  deadlines.begin(request);
});

const turn = () => new Promise(setImmediate);

describe("a request's body", () => {
  it('has its connection closed when it has not come in time', () => {
    clock.advance(REQUEST_TIMEOUT_MS - 1);
    expect(late).toEqual([]);
    clock.advance(1);
    expect(late).toEqual([request.socket]);
  });

  it('is left alone when it has come, or is over', async () => {
    body.complete = true;
    clock.advance(REQUEST_TIMEOUT_MS);
    expect(late).toEqual([]);
  });

  it('may take longer when it is an upload, as long as it goes on', async () => {
    const pieces: string[] = [];
    const read = (async () => {
      for await (const piece of deadlines.upload(request)) pieces.push(String(piece));
    })();
    for (const piece of ['a', 'b', 'c']) {
      await turn();
      clock.advance(UPLOAD_PAUSE_MAX_MS - 1);
      body.write(piece);
    }
    body.complete = true;
    body.end();
    await read;
    expect(pieces.join('')).toBe('abc');
    expect(late).toEqual([]);
  });

  it('is given up when an upload pauses too long, and has its deadline again for what is left', async () => {
    const read = (async () => {
      for await (const _ of deadlines.upload(request));
    })();
    const given = expect(read).rejects.toMatchObject({ code: 'http.upload-stalled' });
    await turn();
    clock.advance(UPLOAD_PAUSE_MAX_MS);
    await given;
    expect(late).toEqual([]);
    clock.advance(REQUEST_TIMEOUT_MS);
    expect(late).toHaveLength(1);
  });

  it('is given up when an upload drips for ever', async () => {
    const read = (async () => {
      for await (const _ of deadlines.upload(request));
    })();
    const given = expect(read).rejects.toMatchObject({ code: 'http.upload-stalled' });
    for (let ms = 0; ms < UPLOAD_MAX_MS; ms += UPLOAD_PAUSE_MAX_MS / 2) {
      body.write('.');
      await turn();
      clock.advance(UPLOAD_PAUSE_MAX_MS / 2);
    }
    await given;
  });

  it('says so when an upload breaks off', async () => {
    const read = (async () => {
      for await (const _ of deadlines.upload(request));
    })();
    const given = expect(read).rejects.toMatchObject({ code: 'http.upload-broken' });
    await turn();
    body.destroy();
    await given;
  });

  it('flows on to nobody when whoever reads an upload stops', async () => {
    body.write('x');
    for await (const _ of deadlines.upload(request)) break;
    await turn();
    body.write('y');
    await turn();
    expect(body.readableLength).toBe(0);
    expect(body.destroyed).toBe(false);
  });
});

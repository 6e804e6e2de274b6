/** A Chromium without a window, driven by its DevTools protocol over Node's own WebSocket: what a test needs of a browser. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHROMIUM } from '../sip-test/install-programs.ts';

/** How long anything may take that a page is asked for, ms. */
const ANSWER_MS_MAX = 30_000;

type Message = {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, never>;
  readonly result?: Record<string, never>;
  readonly error?: { readonly message: string };
  readonly sessionId?: string;
};

/** How a page is seen. */
export type View = { readonly width: number; readonly height: number; readonly dark?: boolean };

/** One page. */
export type Page = {
  goto(url: string): Promise<void>;
  /** The value of an expression, a promise's included. */
  evaluate<T>(expression: string): Promise<T>;
  /** Resolves when the expression is true. */
  until(expression: string): Promise<void>;
  view(view: View): Promise<void>;
  /** A key as a person presses it, such as `Tab`. */
  press(key: string): Promise<void>;
  /** PNG. */
  screenshot(wholePage?: boolean): Promise<Buffer>;
  /** Exceptions, failed loads and breaches of the page's security policy so far. */
  problems(): readonly string[];
};

/** A running browser. */
export type Chromium = { open(): Promise<Page>; stop(): Promise<void> };

/** Starts one with a profile of its own that is thrown away. */
export async function startChromium(): Promise<Chromium> {
  const profile = mkdtempSync(join(tmpdir(), 'brusio-chromium-'));
  const child = spawn(
    CHROMIUM,
    [
      ...['--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`, '--no-first-run', '--disable-gpu'],
      // The tests run as root in containers, where its sandbox cannot.
      ...['--no-sandbox', '--disable-dev-shm-usage', '--hide-scrollbars', '--lang=en', 'about:blank'],
    ],
    // A group of its own: Debian's command is a shell script, and what it starts must end with it.
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  const socket = new WebSocket(await debuggerAddress(child));
  await once(socket, 'open');
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (problem: Error) => void }>();
  const listeners = new Map<string, (message: Message) => void>();
  let lastId = 0;

  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    const answer = waiting.get(message.id ?? -1);
    if (answer === undefined) {
      listeners.get(message.sessionId ?? '')?.(message);
      return;
    }
    waiting.delete(message.id ?? -1);
    if (message.error === undefined) answer.resolve((message.result ?? {}) as never);
    else answer.reject(new Error(message.error.message));
  });

  function send(method: string, params: object = {}, sessionId?: string): Promise<Record<string, never>> {
    lastId++;
    const { promise, resolve, reject } = Promise.withResolvers<Record<string, never>>();
    waiting.set(lastId, { resolve, reject });
    socket.send(JSON.stringify({ id: lastId, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
    return promise;
  }

  return {
    async open() {
      const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
      const problems: string[] = [];
      listeners.set(sessionId ?? '', (message) => problems.push(...problemsIn(message)));
      const ask = (method: string, params: object = {}) => send(method, params, sessionId);
      for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await ask(`${domain}.enable`);
      return pageOf(ask, problems);
    },
    async stop() {
      const exited = once(child, 'exit');
      socket.close();
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      await exited;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function pageOf(
  ask: (method: string, params?: object) => Promise<Record<string, never>>,
  problems: readonly string[],
): Page {
  async function evaluate<T>(expression: string): Promise<T> {
    const asked = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = (await ask('Runtime.evaluate', asked)) as {
      result?: { value?: T };
      exceptionDetails?: { exception?: { description?: string } };
    };
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? expression);
    return result?.value as T;
  }
  return {
    async goto(url) {
      await ask('Page.navigate', { url });
      await this.until(
        `location.href.startsWith(${JSON.stringify(url.split('#')[0])}) && document.readyState === 'complete'`,
      );
    },
    evaluate,
    async until(expression) {
      const giveUp = AbortSignal.timeout(ANSWER_MS_MAX);
      while (!(await evaluate<boolean>(`Boolean(${expression})`))) {
        if (giveUp.aborted) throw new Error(`never true: ${expression}`);
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    },
    async view({ width, height, dark = false }) {
      const mobile = width < 600;
      await ask('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile });
      const features = [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }];
      await ask('Emulation.setEmulatedMedia', { features });
    },
    async press(key) {
      const codes: Record<string, number> = { Tab: 9, Enter: 13, Escape: 27 };
      const text = key === 'Enter' ? { text: '\r' } : {};
      const pressed = { key, code: key, windowsVirtualKeyCode: codes[key], ...text };
      await ask('Input.dispatchKeyEvent', { type: 'keyDown', ...pressed });
      await ask('Input.dispatchKeyEvent', { type: 'keyUp', ...pressed });
    },
    async screenshot(wholePage = false) {
      const { data } = await ask('Page.captureScreenshot', { captureBeyondViewport: wholePage });
      return Buffer.from(data ?? '', 'base64');
    },
    problems: () => problems,
  };
}

function problemsIn({ method, params = {} }: Message): string[] {
  const said = params as { entry?: { level: string; text: string; url?: string }; exceptionDetails?: object };
  if (method === 'Runtime.exceptionThrown') return [JSON.stringify(said.exceptionDetails)];
  if (method !== 'Log.entryAdded' || said.entry?.level !== 'error') return [];
  return [`${said.entry.text} ${said.entry.url ?? ''}`];
}

async function debuggerAddress(child: ChildProcess): Promise<string> {
  let said = '';
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    const [, address] = /DevTools listening on (ws:\S+)/.exec(said) ?? [];
    if (address !== undefined) resolve(address);
  });
  child.once('error', () => {
    reject(new Error(`${CHROMIUM} does not start. Install it with: apt-get install -y ${CHROMIUM}`));
  });
  child.once('exit', (code) => reject(new Error(`Chromium ended with ${code}: ${said.slice(-500)}`)));
  return promise;
}

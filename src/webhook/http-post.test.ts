import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { createHttpPost, POST_TIMEOUT_MS, RESPONSE_OCTETS_MAX } from './http-post.ts';

async function consumer(answer: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?x=1`, server };
}

function poster(url: string, clock = systemClock, connectionsMax = 4) {
  const http = createHttpPost(url, connectionsMax, clock);
  onTestFinished(() => http.abort());
  return http;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

describe('a POST to a consumer', () => {
  it('carries the headers and the exact octets, and brings the status back', async () => {
    const seen: unknown[] = [];
    const { url } = await consumer(async (request, response) => {
      seen.push(request.method, request.url, request.headers['webhook-id'], await bodyOf(request));
      response.writeHead(503, { 'retry-after': '7' }).end();
    });
    const result = await poster(url).post({ 'webhook-id': 'msg_1' }, '{"a":"perché"}');
    expect(result).toEqual({ kind: 'response', status: 503, retryAfter: '7' });
    expect(seen).toEqual(['POST', '/hook?x=1', 'msg_1', '{"a":"perché"}']);
  });

  it('keeps its connection for the next one', async () => {
    let connections = 0;
    const { url, server } = await consumer(
      (request, response) => void request.resume().on('end', () => response.end('ok')),
    );
    server.on('connection', () => connections++);
    const http = poster(url);
    for (let n = 0; n < 5; n++) expect(await http.post({}, 'x')).toMatchObject({ status: 200 });
    expect(connections).toBe(1);
  });

  it('does not follow a redirect', async () => {
    let requests = 0;
    const { url } = await consumer((_request, response) => {
      requests++;
      response.writeHead(307, { location: url }).end();
    });
    expect(await poster(url).post({}, 'x')).toMatchObject({ kind: 'response', status: 307 });
    expect(requests).toBe(1);
  });

  it('stops reading a body that does not end, and keeps its status', async () => {
    const { url } = await consumer((_request, response) => {
      const pour = () => {
        while (!response.destroyed && response.write(Buffer.alloc(RESPONSE_OCTETS_MAX / 4)));
      };
      response.on('drain', pour);
      pour();
    });
    expect(await poster(url).post({}, 'x')).toEqual({ kind: 'response', status: 200, retryAfter: null });
  });

  it('is over after ten seconds without an answer', async () => {
    const clock = fakeClock();
    const asked = Promise.withResolvers<ServerResponse>();
    const { url } = await consumer((_request, response) => asked.resolve(response));
    const result = poster(url, clock).post({}, 'x');
    await asked.promise;
    clock.advance(POST_TIMEOUT_MS);
    expect(await result).toEqual({ kind: 'no-response', problem: 'no answer within 10000 ms' });
    expect(clock.pendingTimers()).toBe(0);
  });

  it('says by its code alone why nobody answered', async () => {
    const { url, server } = await consumer(() => {});
    server.close();
    await once(server, 'close');
    expect(await poster(url).post({}, 'x')).toEqual({ kind: 'no-response', problem: 'ECONNREFUSED' });
  });

  it('survives an answer that is not HTTP', async () => {
    const server = createTcpServer((socket) => socket.end('SIP/2.0 200 OK\r\n\r\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await poster(`http://127.0.0.1:${port}/`).post({}, 'x')).toMatchObject({ kind: 'no-response' });
  });

  it('is repeated once when a kept connection was closed under it', async () => {
    let requests = 0;
    const { url } = await consumer((request, response) => {
      requests++;
      // The second request is the first to reuse the connection: it is cut off before it is answered.
      if (requests === 2) request.socket.resetAndDestroy();
      else request.resume().on('end', () => response.end());
    });
    const http = poster(url, systemClock, 1);
    expect(await http.post({}, 'x')).toMatchObject({ status: 200 });
    expect(await http.post({}, 'x')).toMatchObject({ status: 200 });
    expect(requests).toBe(3);
  });

  it('is repeated on a connection of its own: the other kept ones may have been closed as well', async () => {
    const used = new Map<unknown, number>();
    const { url } = await consumer((request, response) => {
      const count = (used.get(request.socket) ?? 0) + 1;
      used.set(request.socket, count);
      // Whatever was kept is gone.
      if (count > 1) request.socket.resetAndDestroy();
      else request.resume().on('end', () => response.end());
    });
    const http = poster(url, systemClock, 2);
    await Promise.all([http.post({}, 'x'), http.post({}, 'x')]);
    expect(used.size).toBe(2);
    expect(await http.post({}, 'x')).toMatchObject({ status: 200 });
  });

  it('is cut off by abort', async () => {
    const asked = Promise.withResolvers<void>();
    const { url } = await consumer(() => asked.resolve());
    const http = poster(url);
    const result = http.post({}, 'x');
    await asked.promise;
    http.abort();
    expect(await result).toEqual({ kind: 'no-response', problem: 'Brusio was stopped' });
  });

  it('goes to http and https alone', () => {
    for (const url of ['ftp://example.com/', 'not a url', 'file:///etc/passwd']) {
      expect(() => poster(url)).toThrow(expect.objectContaining({ code: 'webhook.bad-url' }));
    }
  });
});

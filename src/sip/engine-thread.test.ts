import { createSocket } from 'node:dgram';
import { describe, expect, it } from 'vitest';
import { DEFAULT_ENGINE_OPTIONS } from './engine-options.ts';
import { startEngine } from './engine-thread.ts';
import { connectSrf, leave } from './testing/srf-client.ts';

describe('the engine in its own thread', () => {
  it('serves drachtio-srf, tells its real port and its figures, and stops', async () => {
    const engine = await startEngine(DEFAULT_ENGINE_OPTIONS);
    // Any free port, the same for both.
    expect(engine.listening).toEqual([
      expect.stringMatching(/^udp\/127\.0\.0\.1:[1-9]\d+$/),
      engine.listening[0]?.replace('udp', 'tcp'),
    ]);
    const srf = await connectSrf(engine);
    expect(await engine.stats()).toMatchObject({ controlConnections: 1, dialogs: 0, malformed: 0 });
    leave(srf);
    const stopped = engine.stop();
    expect(engine.stop()).toBe(stopped);
    await stopped;
    await expect(engine.stats()).rejects.toMatchObject({ code: 'sip.engine-stopped' });
  });

  it('says plainly that the port is in use', async () => {
    const squatter = createSocket('udp4');
    await new Promise<void>((resolve) => squatter.bind(0, '127.0.0.1', resolve));
    const { port } = squatter.address();
    await expect(
      startEngine({
        ...DEFAULT_ENGINE_OPTIONS,
        listen: [{ protocols: ['udp'], address: '127.0.0.1', port, externalAddress: null }],
      }),
    ).rejects.toMatchObject({
      code: 'sip.address-in-use',
      message: `SIP cannot listen on 127.0.0.1:${port}/udp: the port is in use`,
    });
    squatter.close();
  });

  it.each([
    [
      'sip.address-not-available',
      { listen: [{ protocols: ['udp' as const], address: '192.0.2.1', port: 0, externalAddress: null }] },
    ],
    ['sip.bad-allowed-source', { allowedSources: ['10.0.0.0/33'] }],
  ])('rejects with %s', async (code, changes) => {
    await expect(startEngine({ ...DEFAULT_ENGINE_OPTIONS, ...changes })).rejects.toMatchObject({ code });
  });

  it('turns away a client with the wrong secret', async () => {
    const engine = await startEngine(DEFAULT_ENGINE_OPTIONS);
    await expect(connectSrf({ ...engine, secret: 'wrong' })).rejects.toBeDefined();
    await engine.stop();
  });
});

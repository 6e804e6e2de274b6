import { describe, expect, it } from 'vitest';
import { createLegDialog, REQUESTS_PENDING_MAX } from './leg-dialog.ts';
import { fakeSrf, receivedRequest } from './testing/fake-srf.ts';

const INFO = { method: 'INFO', headers: {}, body: '' };

function newDialog(onRequest: (method: string) => void = () => undefined) {
  const srf = fakeSrf();
  const failures: unknown[] = [];
  const dialog = createLegDialog(
    srf,
    'c;from-tag=t',
    null,
    (request) => onRequest(request.method),
    (thrown) => failures.push(thrown),
  );
  const receive = (method: string) => {
    const { request, reply, answers } = receivedRequest(method);
    srf.dialogs.get('c;from-tag=t')?.handle(request, reply);
    return answers.map(({ status }) => status);
  };
  return { srf, dialog, failures, receive };
}

describe('a dialog of a leg', () => {
  it('hears every request under its id, and none once closed', () => {
    const heard: string[] = [];
    const { srf, dialog, receive } = newDialog((method) => heard.push(method));
    receive('INFO');
    dialog.close();
    expect(srf.dialogs.size).toBe(0);
    expect(heard).toEqual(['INFO']);
  });

  it('answers what crosses our BYE: another BYE 200, anything else 481 (RFC 3261 §15.1.2)', () => {
    const heard: string[] = [];
    const { dialog, receive } = newDialog((method) => heard.push(method));
    dialog.leave();
    expect([receive('BYE'), receive('INVITE'), receive('ACK')]).toEqual([[200], [481], []]);
    expect(heard).toEqual([]);
  });

  it('contains a listener that throws', () => {
    const { failures, receive } = newDialog(() => {
      throw new Error('a bug');
    });
    receive('INFO');
    expect(failures).toEqual([new Error('a bug')]);
  });

  it('gives a request its final response once, and null when it cannot be sent', () => {
    const { srf, dialog } = newDialog();
    const finals: (number | null)[] = [];
    dialog.request(INFO, (response) => finals.push(response?.status ?? null));
    srf.sent[0]?.respond(183);
    srf.sent[0]?.respond(200);
    srf.sent[0]?.respond(200);
    srf.refusing = true;
    dialog.request(INFO, (response) => finals.push(response?.status ?? null));
    expect(finals).toEqual([200, null]);
    expect(srf.sent[0]?.options).toMatchObject({ method: 'INFO', stackDialogId: 'c;from-tag=t' });
  });

  it('hears an UPDATE that drachtio-srf delivers to a request under way instead of the dialog', () => {
    const heard: string[] = [];
    const { srf, dialog } = newDialog((method) => heard.push(method));
    dialog.request(INFO, () => undefined);
    const { request, reply } = receivedRequest('UPDATE');
    srf.sent[0]?.emit('update', request, reply);
    expect(heard).toEqual(['UPDATE']);
  });

  it('cancels a re-INVITE under way, and nothing else', () => {
    const { srf, dialog } = newDialog();
    const cancelInfo = dialog.request(INFO, () => undefined);
    const cancelInvite = dialog.request({ ...INFO, method: 'INVITE' }, () => undefined);
    cancelInfo();
    cancelInvite();
    srf.sent[1]?.respond(487);
    cancelInvite();
    expect(srf.sent.map(({ cancelled }) => cancelled)).toEqual([0, 1]);
  });

  it('fails a request at once beyond the limit, and takes more when one has ended', () => {
    const { srf, dialog } = newDialog();
    const finals: (number | null)[] = [];
    for (let i = 0; i <= REQUESTS_PENDING_MAX; i++) dialog.request(INFO, (one) => finals.push(one?.status ?? null));
    expect(finals).toEqual([null]);
    srf.sent[0]?.respond(200);
    dialog.request(INFO, () => undefined);
    expect(srf.sent).toHaveLength(REQUESTS_PENDING_MAX + 1);
  });
});

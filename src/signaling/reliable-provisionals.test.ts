import { describe, expect, it } from 'vitest';
import { createReliableProvisionals, type Provisional } from './reliable-provisionals.ts';

function newProvisionals(required: boolean) {
  const sent: string[] = [];
  const provisionals = createReliableProvisionals(required, ({ status, sdp }) => sent.push(`${status}${sdp ?? ''}`));
  const ring = (status: number, sdp: string | null = null): void => {
    const provisional: Provisional = { status, headers: {}, sdp };
    provisionals.send(provisional);
  };
  return { sent, provisionals, ring, answer: () => provisionals.beforeAnswer(() => sent.push('200')) };
}

describe('RFC 3262 §3: provisional responses', () => {
  it('go out at once, and hold up no answer, where nobody requires 100rel', () => {
    const { sent, provisionals, ring, answer } = newProvisionals(false);
    ring(180);
    ring(183, ' sdp');
    answer();
    expect(sent).toEqual(['180', '183 sdp', '200']);
    expect(provisionals.isAgreed()).toBe(false);
  });

  it('wait for the PRACK of the one before; only the latest state is told', () => {
    const { sent, provisionals, ring } = newProvisionals(true);
    ring(180);
    ring(181);
    ring(183, ' sdp');
    ring(180);
    expect(sent).toEqual(['180']);
    provisionals.acknowledged();
    expect(sent).toEqual(['180', '183 sdp']);
    expect(provisionals.isAgreed()).toBe(false);
    provisionals.acknowledged();
    expect(provisionals.isAgreed()).toBe(true);
  });

  it('with a description hold up the 200 until they are acknowledged', () => {
    const { sent, provisionals, ring, answer } = newProvisionals(true);
    ring(183, ' sdp');
    ring(180);
    answer();
    expect(sent).toEqual(['183 sdp']);
    provisionals.acknowledged();
    expect(sent).toEqual(['183 sdp', '200']);
  });

  it('without one do not hold it up', () => {
    const { sent, ring, answer } = newProvisionals(true);
    ring(180);
    answer();
    expect(sent).toEqual(['180', '200']);
  });
});

/** What became of the messages that told callees who called, counted a second time. */

/** A call's message, as its record has it. */
export type Message = {
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
  readonly complete: boolean;
  readonly optOut: { readonly digit: string } | null;
};

/** Of all these. */
export function announcementFigures(messages: readonly Message[]) {
  const keys = messages.flatMap(({ optOut }) => (optOut === null ? [] : [optOut.digit]));
  const named = Map.groupBy(messages, ({ sha256, name, text }) => JSON.stringify([sha256, name, text]));
  return {
    ...heard(messages),
    optOuts: Object.fromEntries([...new Set(keys)].map((key) => [key, keys.filter((one) => one === key).length])),
    messages: [...named]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, own]) => {
        const [sha256, name, text] = JSON.parse(key);
        return { sha256, name, text, ...heard(own), optOuts: own.filter(({ optOut }) => optOut !== null).length };
      }),
  };
}

function heard(messages: readonly Message[]) {
  const whole = messages.filter(({ complete }) => complete).length;
  return { calls: messages.length, whole, partly: messages.length - whole };
}

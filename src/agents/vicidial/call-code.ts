/**
 * VICIdial's call code: the caller's name that its dialer gives every call it places, `V`, month, day, hour, minute and
 * second (the month without its leading zero in older versions), and the lead's id in ten digits; `M` for a call that
 * an agent dialled by hand. It is the display name of the INVITE's From, and the CallerIDName of the customer's channel
 * (ConnectedLineName, while that is still ringing). VICIdial may put the agent's extension behind it.
 */
const CALL_CODE = /^(?<code>[A-Z]{1,2}\d{17,24})(?: |$)/;

/** The call code that a name begins with, or null. */
export function readCallCode(name: string): string | null {
  return CALL_CODE.exec(name)?.groups?.code ?? null;
}

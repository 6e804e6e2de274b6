/** Where webhooks go: one consumer as the settings name it. */
export type WebhookEndpoint = {
  /** Unique; kept with every webhook that waits, so that the URL may change while some do. */
  readonly name: string;
  /** `https://…`, or `http://…` inside one's own network. */
  readonly url: string;
  /** `whsec_<base64>`; several while a secret is replaced: every webhook is signed with all of them. */
  readonly secrets: readonly string[];
};

/** What a printed document is made of, before anybody knows where on which page it stands. */

/** A column; `share` of the page's width. */
export type PageColumn = {
  readonly title: string;
  readonly share: number;
  readonly align: 'left' | 'right';
  /** Hashes and positions. */
  readonly mono?: true;
};

/** One of them; a `label` stays with what comes after it. */
export type PageBlock =
  | { readonly type: 'heading'; readonly text: string }
  | { readonly type: 'paragraph'; readonly text: string; readonly look?: 'lead' | 'alarm' | 'small' | 'mono' | 'label' }
  /** Labels with what they say. */
  | { readonly type: 'facts'; readonly facts: readonly (readonly [label: string, text: string])[] }
  /** `loud`: rows that must be seen. */
  | {
      readonly type: 'table';
      readonly columns: readonly PageColumn[];
      readonly rows: readonly (readonly string[])[];
      readonly loud?: ReadonlySet<number>;
    };

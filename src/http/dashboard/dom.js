/** The document, changed by nodes and text alone: what comes from the network is never read as markup. */

/**
 * An element with its attributes and children. `null` children are left out.
 *
 * @param {string} name
 * @param {Record<string, string>} [attributes] `class`, `data-…`, `aria-…`; a style is set by {@link part}
 * @param {...(Node | string | null)} children
 */
export function node(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** The element with an id that the page has. @param {string} id @returns {any} */
export function byId(id) {
  return document.getElementById(id);
}

/**
 * Puts these children in the place of others, unless they read the same: a screen reader, a selection and the focus stay.
 *
 * @param {Element} element
 * @param {readonly Node[]} children
 */
export function show(element, children) {
  const next = node('div', {}, ...children);
  if (element.childNodes.length === children.length && sameMarkup(element, next)) return;
  const focused = element.contains(document.activeElement) ? document.activeElement?.getAttribute('data-key') : null;
  element.replaceChildren(...children);
  if (focused)
    /** @type {HTMLElement | null} */ (element.querySelector(`[data-key="${CSS.escape(focused)}"]`))?.focus();
}

/** A custom property of an element, in per cent. @param {HTMLElement} element @param {string} name @param {number} percent */
export function part(element, name, percent) {
  element.style.setProperty(name, `${Math.max(0, Math.min(100, percent)).toFixed(2)}%`);
  return element;
}

function sameMarkup(element, other) {
  return element.innerHTML === other.innerHTML;
}
